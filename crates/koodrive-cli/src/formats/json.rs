//! The service's own objects: one per line, or in one array.

use std::io::{self, Write as _};

use koodrive::AlbumContent;
use serde::Serializer as _;
use serde_json::Value;

use crate::{column::Column, layout::Layout, text::escaped};

/// How a file becomes an object.
pub(super) struct Object {
    /// Only these keys, in this order. Keys that the service did not send are omitted.
    pub(super) keys: Option<Vec<Column>>,
    /// Control characters are escaped there.
    pub(super) is_terminal: bool,
}

/// One object per line.
pub(super) struct Lines(pub(super) Object);

/// One array, with one object per line. Commas start a line, because each file must end its own: the
/// progress display needs the terminal's cursor on an empty line.
pub(super) struct Array(pub(super) Object);

impl Object {
    fn write(&self, file: &AlbumContent, out: &mut Vec<u8>) -> io::Result<()> {
        if !self.is_terminal {
            return self.write_unchanged(file, out);
        }
        let mut json = Vec::new();
        self.write_unchanged(file, &mut json)?;
        out.write_all(escaped(&String::from_utf8_lossy(&json)).as_bytes())
    }

    fn write_unchanged(&self, file: &AlbumContent, out: &mut Vec<u8>) -> io::Result<()> {
        match &self.keys {
            None => Ok(serde_json::to_writer(out, file)?),
            Some(keys) => pick(&serde_json::to_value(file)?, keys, out),
        }
    }
}

/// Serializes entries directly, because a `serde_json` map would sort its keys.
fn pick(file: &Value, keys: &[Column], out: &mut Vec<u8>) -> io::Result<()> {
    let entry = |key: &Column| Some((key.vendor_name(), file.get(key.vendor_name())?));
    Ok(serde_json::Serializer::new(out).collect_map(keys.iter().filter_map(entry))?)
}

impl Layout for Lines {
    fn begin(&self, _: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }

    fn file(&self, file: &AlbumContent, _: bool, out: &mut Vec<u8>) -> io::Result<()> {
        self.0.write(file, out)?;
        out.write_all(b"\n")
    }

    fn end(&self, _: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}

impl Layout for Array {
    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        out.write_all(b"[\n")
    }

    fn file(&self, file: &AlbumContent, is_first: bool, out: &mut Vec<u8>) -> io::Result<()> {
        out.write_all(if is_first { b"" } else { b"," })?;
        self.0.write(file, out)?;
        out.write_all(b"\n")
    }

    fn end(&self, out: &mut Vec<u8>) -> io::Result<()> {
        out.write_all(b"]\n")
    }
}
