//! `--columns`: the fields of what is listed, by our names and the vendor's. No layout here.

pub(crate) mod album;
pub(crate) mod file;

use std::borrow::Cow;

use clap::ValueEnum;
use serde::Serialize;

use crate::text::sanitized;

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

    /// The vendor's name, as in JSON.
    fn vendor_name(self) -> &'static str;

    /// The value for a program: unchanged, except that codes are words. Empty if the service sent none.
    fn value(self, item: &Self::Item) -> Cow<'_, str>;

    /// The value for a reader, if that differs from the one for a program.
    fn shortened(self, _item: &Self::Item) -> Option<String> {
        None
    }

    /// The width in a table; of [`FLEXIBLE`](Self::FLEXIBLE), if the output is not a terminal.
    fn width(self) -> usize;

    /// Whether a table aligns it to the right.
    fn is_number(self) -> bool {
        false
    }

    /// The value for a reader, safe to print on a terminal. `-` if the service sent none.
    fn cell(self, item: &Self::Item) -> Cow<'_, str> {
        match self.shortened(item).map_or_else(|| self.value(item), Cow::Owned) {
            cell if cell.is_empty() => Cow::Borrowed("-"),
            Cow::Borrowed(cell) => sanitized(cell),
            Cow::Owned(cell) => sanitized(&cell).into_owned().into(),
        }
    }
}

fn owned<T: ToString>(value: Option<T>) -> Cow<'static, str> {
    value.map_or(Cow::Borrowed(""), |value| value.to_string().into())
}
