//! A table for reading. Column widths do not depend on the items, so that rows can be printed as they
//! arrive and a resumed table keeps its widths.

use std::{
    borrow::Cow,
    io::{self, Write as _},
};

use anstyle::Style;
use console::{Alignment, Term, pad_str, truncate_str};

use crate::{
    column::Column,
    layout::{Layout, Surface},
};

const GAP: &str = "  ";
const NARROWEST: usize = 16;
const HEADER: Style = Style::new().bold();

pub(super) struct Table<C> {
    pub(super) columns: Vec<C>,
    pub(super) surface: Surface,
}

/// The width that a terminal leaves for the flexible column.
pub(crate) fn flexible_width<C: Column>(columns: Option<&[C]>) -> usize {
    let columns = columns.unwrap_or(C::TABLE);
    let others = columns.iter().filter(|column| **column != C::FLEXIBLE);
    let gaps = columns.len().saturating_sub(1).saturating_mul(GAP.len());
    let taken = others.map(|column| column.width()).sum::<usize>().saturating_add(gaps);
    let (_, columns) = Term::stdout().size();
    usize::from(columns).saturating_sub(taken).max(NARROWEST)
}

impl<C: Column> Table<C> {
    fn row(&self, cell: impl Fn(C) -> String) -> String {
        let last = self.columns.len().saturating_sub(1);
        let is_cut = |at| at != last || self.surface.flexible_width.is_some();
        let cells = self.columns.iter().enumerate().map(|(at, column)| {
            self.fitted(&cell(*column), *column, at == last, is_cut(at)).into_owned()
        });
        cells.collect::<Vec<_>>().join(GAP)
    }

    /// Pads or cuts a cell to its column's width. The last cell is not padded, and cut only on a terminal.
    fn fitted<'a>(&self, cell: &'a str, column: C, is_last: bool, is_cut: bool) -> Cow<'a, str> {
        let width = self.width(column);
        let cell = if is_cut { truncate_str(cell, width, "…") } else { cell.into() };
        match column {
            _ if column.is_number() => {
                pad_str(&cell, width, Alignment::Right, None).into_owned().into()
            }
            _ if is_last => cell,
            _ => pad_str(&cell, width, Alignment::Left, None).into_owned().into(),
        }
    }

    fn width(&self, column: C) -> usize {
        let flexible = self.surface.flexible_width.filter(|_| column == C::FLEXIBLE);
        flexible.unwrap_or_else(|| column.width())
    }
}

impl<C: Column> Layout<C::Item> for Table<C> {
    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        let header = self.row(|column| column.name().to_uppercase());
        if self.surface.is_coloured {
            writeln!(out, "{HEADER}{header}{HEADER:#}")
        } else {
            writeln!(out, "{header}")
        }
    }

    fn item(&self, item: &C::Item, _: bool, out: &mut Vec<u8>) -> io::Result<()> {
        writeln!(out, "{}", self.row(|column| column.cell(item).into_owned()))
    }

    fn end(&self, _: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}
