//! Comma-separated values as in RFC 4180. Values are unchanged, and quoted where necessary.

use std::{borrow::Cow, io};

use koodrive::AlbumContent;

use crate::{column::Column, layout::Layout};

pub(super) struct Csv {
    pub(super) columns: Vec<Column>,
}

impl Layout for Csv {
    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        record(self.columns.iter().map(|column| Cow::Owned(column.name())), out)
    }

    fn file(&self, file: &AlbumContent, _: bool, out: &mut Vec<u8>) -> io::Result<()> {
        record(self.columns.iter().map(|column| column.value(file)), out)
    }

    fn end(&self, _: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}

fn record<'a>(fields: impl Iterator<Item = Cow<'a, str>>, out: &mut Vec<u8>) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(fields.map(Cow::into_owned))?;
    writer.flush()
}
