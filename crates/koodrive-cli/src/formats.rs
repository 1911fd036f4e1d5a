//! The layout of each `--format`.

mod csv;
mod json;
mod table;

pub(crate) use self::table::name_width;
use crate::{args::Format, column::Column, layout::Layout};

/// The layout of a format. Only a table on a terminal needs `name_width`.
pub(crate) fn layout(
    format: Format,
    columns: Option<Vec<Column>>,
    name_width: Option<usize>,
    is_coloured: bool,
    is_terminal: bool,
) -> Box<dyn Layout> {
    match format {
        Format::Table => Box::new(table::Table {
            columns: columns.unwrap_or_else(|| Column::TABLE.into()),
            name_width,
            is_coloured,
        }),
        Format::Csv => {
            let columns = columns.unwrap_or_else(|| Column::CSV.into());
            Box::new(csv::Csv { columns, is_terminal })
        }
        Format::Json => Box::new(json::Array(json::Object { keys: columns, is_terminal })),
        Format::Ndjson => Box::new(json::Lines(json::Object { keys: columns, is_terminal })),
    }
}
