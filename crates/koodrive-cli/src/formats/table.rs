//! A table for reading. Column widths do not depend on the files, so that rows can be printed as they
//! arrive and a resumed table keeps its widths.

use std::{
    borrow::Cow,
    io::{self, Write as _},
};

use anstyle::Style;
use console::{Alignment, Term, pad_str, truncate_str};
use koodrive::AlbumContent;

use crate::{column::Column, layout::Layout};

const GAP: &str = "  ";
const NARROWEST_NAME: usize = 16;
const HEADER: Style = Style::new().bold();

pub(super) struct Table {
    pub(super) columns: Vec<Column>,
    /// The width available for names; only on a terminal.
    pub(super) name_width: Option<usize>,
    pub(super) is_coloured: bool,
}

/// The width that a terminal leaves for the names of files.
pub(crate) fn name_width(columns: Option<&[Column]>) -> usize {
    let columns = columns.unwrap_or(&Column::TABLE);
    let others = columns.iter().filter(|column| **column != Column::Name).copied().map(width);
    let gaps = columns.len().saturating_sub(1).saturating_mul(GAP.len());
    let taken = others.sum::<usize>().saturating_add(gaps);
    let (_, columns) = Term::stdout().size();
    usize::from(columns).saturating_sub(taken).max(NARROWEST_NAME)
}

/// The width of a column; of names, if the output is not a terminal.
fn width(column: Column) -> usize {
    match column {
        Column::Taken | Column::Created | Column::Edited | Column::Added => 16,
        Column::Type | Column::Size => 11,
        Column::Suffix => 6,
        Column::Favorite | Column::Recycled => 8,
        Column::Mime => 24,
        Column::Owner | Column::Creator | Column::Adder => 19,
        Column::Name => 40,
        Column::Id | Column::Folders | Column::Containers => 36,
        Column::Url | Column::Thumbnail => 80,
    }
}

impl Table {
    fn row(&self, cell: impl Fn(Column) -> String) -> String {
        let last = self.columns.len().saturating_sub(1);
        let cells = self.columns.iter().enumerate().map(|(at, column)| {
            let (cell, width) = (cell(*column), self.width(*column));
            fitted(&cell, *column, width, at == last, self.name_width.is_some()).into_owned()
        });
        cells.collect::<Vec<_>>().join(GAP)
    }

    fn width(&self, column: Column) -> usize {
        match column {
            Column::Name => self.name_width.unwrap_or_else(|| width(column)),
            other => width(other),
        }
    }
}

/// Pads or cuts a cell to its column's width. The last cell is not padded, and cut only on a terminal.
fn fitted(
    cell: &str,
    column: Column,
    width: usize,
    is_last: bool,
    is_on_terminal: bool,
) -> Cow<'_, str> {
    let cell =
        if is_last && !is_on_terminal { cell.into() } else { truncate_str(cell, width, "…") };
    match column {
        Column::Size => pad_str(&cell, width, Alignment::Right, None).into_owned().into(),
        _ if is_last => cell,
        _ => pad_str(&cell, width, Alignment::Left, None).into_owned().into(),
    }
}

impl Layout for Table {
    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        let header = self.row(|column| column.name().to_uppercase());
        if self.is_coloured {
            writeln!(out, "{HEADER}{header}{HEADER:#}")
        } else {
            writeln!(out, "{header}")
        }
    }

    fn file(&self, file: &AlbumContent, _: bool, out: &mut Vec<u8>) -> io::Result<()> {
        writeln!(out, "{}", self.row(|column| column.cell(file).into_owned()))
    }

    fn end(&self, _: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}
