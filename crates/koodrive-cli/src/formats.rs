//! The layout of each `--format`.

mod csv;
mod json;
mod table;

use std::io::{self, IsTerminal as _};

use console::Term;

use self::{csv::Csv, json::Json, table::Table};
pub(crate) use crate::layout::Surface;
use crate::{choices::Format, column::Column, layout::Layout};

impl Surface {
    pub(crate) fn new(is_terminal: bool, width: Option<usize>) -> Self {
        let has_colours =
            || anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
        Self { is_terminal, is_coloured: is_terminal && has_colours(), width }
    }

    pub(crate) fn stdout() -> Self {
        let is_terminal = io::stdout().is_terminal();
        Self::new(is_terminal, is_terminal.then(terminal_width))
    }
}

/// The columns of the terminal, or 80 if it does not say.
pub(crate) fn terminal_width() -> usize {
    Term::stdout().size_checked().map_or(80, |(_, columns)| columns.into())
}

/// The layout of a format.
pub(crate) fn layout<C: Column>(
    format: Format,
    columns: Option<Vec<C>>,
    surface: Surface,
) -> Box<dyn Layout<C::Item>> {
    let is_terminal = surface.is_terminal;
    let key = |column: &C| column.field().vendor_name;
    let keys = columns.as_ref().map(|columns| columns.iter().map(key).collect());
    match format {
        Format::Table => Box::new(Table::new(columns, surface)),
        Format::Csv => {
            let columns = columns.unwrap_or_else(|| C::CSV.into());
            Box::new(Csv { columns, is_terminal })
        }
        Format::Json => Box::new(Json { is_array: true, keys, is_terminal }),
        Format::Ndjson => Box::new(Json { is_array: false, keys, is_terminal }),
    }
}
