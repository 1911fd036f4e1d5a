//! `--columns`: the fields of what is listed, by our names and the vendor's. No layout here.

pub(crate) mod album;
pub(crate) mod file;

use std::borrow::Cow;

use clap::ValueEnum;
use indicatif::BinaryBytes;
use koodrive::{PresignedUrl, Timestamp};
use serde::Serialize;

use crate::text::{format_minute, sanitized};

/// A field of an item in a list.
pub(crate) trait Column: ValueEnum + Copy + PartialEq + 'static {
    type Item: Serialize;

    /// The columns of a table.
    const TABLE: &'static [Self];
    /// Those that a narrow terminal leaves out, the first one first.
    const LESSER: &'static [Self];
    /// The columns of CSV.
    const CSV: &'static [Self];
    /// The column that gets the width that the others leave on a terminal.
    const FLEXIBLE: Self;

    fn field(self) -> Field<Self::Item>;

    /// Whether a table aligns it to the right.
    fn is_number(self) -> bool {
        false
    }

    /// The value for a program: unchanged, except that codes are words. Empty if the service sent none.
    fn value(self, item: &Self::Item) -> Cow<'_, str> {
        match (self.field().value)(item) {
            None => Cow::Borrowed(""),
            Some(Value::Text(text)) => Cow::Borrowed(text),
            Some(Value::Time(time)) => Cow::Borrowed(time.as_str()),
            Some(Value::Link(link)) => Cow::Borrowed(link.as_str()),
            Some(Value::Bytes(bytes)) => Cow::Owned(bytes.to_string()),
            Some(Value::Flag(is)) => Cow::Owned(is.to_string()),
            Some(Value::Words(words)) => Cow::Owned(words),
        }
    }

    /// The value for a reader, safe to print on a terminal. `-` if the service sent none.
    fn cell(self, item: &Self::Item) -> String {
        let cell = match (self.field().value)(item) {
            Some(Value::Time(time)) => format_minute(time),
            Some(Value::Bytes(bytes)) => BinaryBytes(bytes).to_string().into(),
            _ => self.value(item),
        };
        if cell.is_empty() { "-".to_owned() } else { sanitized(&cell).into_owned() }
    }
}

/// What is known of a field.
pub(crate) struct Field<T> {
    /// The vendor's name, as in JSON.
    pub(crate) vendor_name: &'static str,
    /// The width in a table; of [`FLEXIBLE`](Column::FLEXIBLE), if the output is not a terminal.
    pub(crate) width: usize,
    value: fn(&T) -> Option<Value<'_>>,
}

enum Value<'a> {
    Text(&'a str),
    Time(Timestamp<'a>),
    Link(PresignedUrl<'a>),
    Bytes(u64),
    Flag(bool),
    /// In place of a code, or of several texts.
    Words(String),
}

fn field<T>(
    vendor_name: &'static str,
    width: usize,
    value: fn(&T) -> Option<Value<'_>>,
) -> Field<T> {
    Field { vendor_name, width, value }
}
