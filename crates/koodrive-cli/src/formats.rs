//! The layout of each `--format`.

mod csv;
mod json;
mod table;

use std::io::{self, IsTerminal as _};

pub(crate) use self::table::flexible_width;
pub(crate) use crate::layout::Surface;
use crate::{args::Format, column::Column, layout::Layout};

impl Surface {
    /// Standard output. `columns` are those of the table.
    pub(crate) fn stdout<C: Column>(columns: Option<&[C]>) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let flexible_width = is_terminal.then(|| flexible_width(columns));
        Self { is_terminal, is_coloured: is_terminal && has_colours(), flexible_width }
    }
}

/// Whether standard output may be coloured.
pub(crate) fn has_colours() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// The layout of a format.
pub(crate) fn layout<C: Column>(
    format: Format,
    columns: Option<Vec<C>>,
    surface: Surface,
) -> Box<dyn Layout<C::Item>> {
    let is_terminal = surface.is_terminal;
    match format {
        Format::Table => {
            let columns = columns.unwrap_or_else(|| C::TABLE.into());
            Box::new(table::Table { columns, surface })
        }
        Format::Csv => {
            let columns = columns.unwrap_or_else(|| C::CSV.into());
            Box::new(csv::Csv { columns, is_terminal })
        }
        Format::Json => Box::new(json::Array(json::Object { keys: columns, is_terminal })),
        Format::Ndjson => Box::new(json::Lines(json::Object { keys: columns, is_terminal })),
    }
}
