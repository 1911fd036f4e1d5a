//! Comma-separated values as in RFC 4180. Values are unchanged except on a terminal, and quoted where necessary.

use std::{borrow::Cow, io};

use crate::{choices::word, column::Column, layout::Layout, text::sanitized};

pub(super) struct Csv<C> {
    pub(super) columns: Vec<C>,
    /// Control characters are made visible there.
    pub(super) is_terminal: bool,
}

impl<C: Column> Layout<C::Item> for Csv<C> {
    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        record(self.columns.iter().map(|column| Cow::Owned(word(column))), out)
    }

    fn item(&self, item: &C::Item, _: bool, out: &mut Vec<u8>) -> io::Result<()> {
        let values = self.columns.iter().map(|column| match column.value(item) {
            value if self.is_terminal => sanitized(&value).into_owned().into(),
            value => value,
        });
        record(values, out)
    }
}

fn record<'a>(fields: impl Iterator<Item = Cow<'a, str>>, out: &mut Vec<u8>) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(fields.map(Cow::into_owned))?;
    writer.flush()
}
