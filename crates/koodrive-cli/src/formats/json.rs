//! The service's own objects: one per line, or in one array.

use std::io::{self, Write as _};

use serde::{Serialize, Serializer as _};
use serde_json::Value;

use crate::{layout::Layout, text::escaped};

/// How items become objects: one per line.
///
/// In an array, commas start a line, because each item must end its own: the progress display needs the
/// terminal's cursor on an empty line.
pub(super) struct Json {
    pub(super) is_array: bool,
    /// Only these keys, in this order. Keys that the service did not send are omitted.
    pub(super) keys: Option<Vec<&'static str>>,
    /// Control characters are escaped there.
    pub(super) is_terminal: bool,
}

impl Json {
    fn write(&self, item: &impl Serialize, out: &mut Vec<u8>) -> io::Result<()> {
        match &self.keys {
            None => Ok(serde_json::to_writer(out, item)?),
            Some(keys) => pick(&serde_json::to_value(item)?, keys, out),
        }
    }
}

/// Serializes entries directly, because a `serde_json` map would sort its keys.
fn pick(item: &Value, keys: &[&str], out: &mut Vec<u8>) -> io::Result<()> {
    let entries = keys.iter().filter_map(|key| Some((key, item.get(*key)?)));
    Ok(serde_json::Serializer::new(out).collect_map(entries)?)
}

impl<T: Serialize> Layout<T> for Json {
    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        out.write_all(if self.is_array { b"[\n" } else { b"" })
    }

    fn item(&self, item: &T, is_first: bool, out: &mut Vec<u8>) -> io::Result<()> {
        out.write_all(if self.is_array && !is_first { b"," } else { b"" })?;
        if self.is_terminal {
            let mut json = Vec::new();
            self.write(item, &mut json)?;
            out.write_all(escaped(&String::from_utf8_lossy(&json)).as_bytes())?;
        } else {
            self.write(item, out)?;
        }
        out.write_all(b"\n")
    }

    fn end(&self, out: &mut Vec<u8>) -> io::Result<()> {
        out.write_all(if self.is_array { b"]\n" } else { b"" })
    }
}
