//! Files as text, in the form that was asked for. Nothing is written from here.
//!
//! Every layout makes a whole out of parts: a part that begins after the first file leaves out what
//! stands before it, so that the parts one after another are what one listing would have printed.

mod csv;
mod json;
mod table;

use std::io;

use koodrive::AlbumContent;

pub(crate) use self::table::name_width;
use crate::{args::Format, column::Column};

/// Turns files into text.
pub(crate) trait Layout {
    /// What stands before the first file.
    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()>;

    /// A file, the first one or a later one.
    fn file(&self, file: &AlbumContent, is_first: bool, out: &mut Vec<u8>) -> io::Result<()>;

    /// What stands after the last file.
    fn end(&self, out: &mut Vec<u8>) -> io::Result<()>;
}

/// The layout of a format; `name_width` only matters to a table, on a terminal.
pub(crate) fn of(
    format: Format,
    columns: Option<Vec<Column>>,
    name_width: Option<usize>,
    is_coloured: bool,
) -> Box<dyn Layout> {
    match format {
        Format::Table => Box::new(table::Table {
            columns: columns.unwrap_or_else(|| Column::TABLE.into()),
            name_width,
            is_coloured,
        }),
        Format::Csv => {
            Box::new(csv::Csv { columns: columns.unwrap_or_else(|| Column::CSV.into()) })
        }
        Format::Json => Box::new(json::Array(json::Object { keys: columns })),
        Format::Ndjson => Box::new(json::Lines(json::Object { keys: columns })),
    }
}
