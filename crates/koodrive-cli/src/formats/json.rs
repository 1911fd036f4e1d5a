//! The service's own objects: one per line, or in one array.

use std::io::{self, Write as _};

use serde::Serializer as _;
use serde_json::Value;

use crate::{column::Column, layout::Layout, text::escaped};

/// How an item becomes an object.
pub(super) struct Object<C> {
    /// Only these keys, in this order. Keys that the service did not send are omitted.
    pub(super) keys: Option<Vec<C>>,
    /// Control characters are escaped there.
    pub(super) is_terminal: bool,
}

/// One object per line.
pub(super) struct Lines<C>(pub(super) Object<C>);

/// One array, with one object per line. Commas start a line, because each item must end its own: the
/// progress display needs the terminal's cursor on an empty line.
pub(super) struct Array<C>(pub(super) Object<C>);

impl<C: Column> Object<C> {
    fn write(&self, item: &C::Item, out: &mut Vec<u8>) -> io::Result<()> {
        if !self.is_terminal {
            return self.write_unchanged(item, out);
        }
        let mut json = Vec::new();
        self.write_unchanged(item, &mut json)?;
        out.write_all(escaped(&String::from_utf8_lossy(&json)).as_bytes())
    }

    fn write_unchanged(&self, item: &C::Item, out: &mut Vec<u8>) -> io::Result<()> {
        match &self.keys {
            None => Ok(serde_json::to_writer(out, item)?),
            Some(keys) => pick(&serde_json::to_value(item)?, keys, out),
        }
    }
}

/// Serializes entries directly, because a `serde_json` map would sort its keys.
fn pick<C: Column>(item: &Value, keys: &[C], out: &mut Vec<u8>) -> io::Result<()> {
    let entry = |key: &C| Some((key.vendor_name(), item.get(key.vendor_name())?));
    Ok(serde_json::Serializer::new(out).collect_map(keys.iter().filter_map(entry))?)
}

impl<C: Column> Layout<C::Item> for Lines<C> {
    fn begin(&self, _: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }

    fn item(&self, item: &C::Item, _: bool, out: &mut Vec<u8>) -> io::Result<()> {
        self.0.write(item, out)?;
        out.write_all(b"\n")
    }

    fn end(&self, _: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}

impl<C: Column> Layout<C::Item> for Array<C> {
    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        out.write_all(b"[\n")
    }

    fn item(&self, item: &C::Item, is_first: bool, out: &mut Vec<u8>) -> io::Result<()> {
        out.write_all(if is_first { b"" } else { b"," })?;
        self.0.write(item, out)?;
        out.write_all(b"\n")
    }

    fn end(&self, out: &mut Vec<u8>) -> io::Result<()> {
        out.write_all(b"]\n")
    }
}
