//! A table for reading. Column widths do not depend on the items, so that rows can be printed as they
//! arrive and a resumed table keeps its widths.

use std::io::{self, Write as _};

use anstyle::Style;
use console::{Alignment, pad_str, truncate_str};

use crate::{
    choices::word,
    column::Column,
    glyphs::GLYPHS,
    layout::{Layout, Surface},
};

const GAP: &str = "  ";
const NARROWEST: usize = 16;
const HEADER: Style = Style::new().bold();

pub(super) struct Table<C> {
    columns: Vec<C>,
    surface: Surface,
}

impl<C: Column> Table<C> {
    /// The columns that were chosen, or else as many of the usual ones as leave room for the flexible one.
    pub(super) fn new(chosen: Option<Vec<C>>, surface: Surface) -> Self {
        let columns = chosen.unwrap_or_else(|| {
            let mut columns = C::TABLE.to_vec();
            for lesser in C::LESSER {
                if surface.width.is_none_or(|width| room(&columns, width) >= NARROWEST) {
                    break;
                }
                columns.retain(|column| column != lesser);
            }
            columns
        });
        Self { columns, surface }
    }

    fn row(&self, cell: impl Fn(C) -> String) -> String {
        let last = self.columns.len().saturating_sub(1);
        let cells = self.columns.iter().enumerate();
        let cells = cells.map(|(at, column)| self.fitted(&cell(*column), *column, at == last));
        let row = cells.collect::<Vec<_>>().join(GAP);
        match self.surface.width {
            Some(width) => truncate_str(&row, width, GLYPHS.ellipsis).into_owned(),
            None => row,
        }
    }

    /// Pads or cuts a cell to its column's width. The last cell is not padded, and cut only on a terminal.
    fn fitted(&self, cell: &str, column: C, is_last: bool) -> String {
        let width = self.width(column);
        let is_cut = !is_last || self.surface.width.is_some();
        let cell = if is_cut { truncate_str(cell, width, GLYPHS.ellipsis) } else { cell.into() };
        let side = if column.is_number() { Alignment::Right } else { Alignment::Left };
        match is_last && !column.is_number() {
            true => cell.into_owned(),
            false => pad_str(&cell, width, side, None).into_owned(),
        }
    }

    fn width(&self, column: C) -> usize {
        let whole = self.surface.width.filter(|_| column == C::FLEXIBLE);
        let usual = column.field().width;
        whole.map_or(usual, |width| room(&self.columns, width).max(NARROWEST.min(width)))
    }
}

/// What the other columns leave of a terminal's width.
fn room<C: Column>(columns: &[C], width: usize) -> usize {
    let others = columns.iter().filter(|column| **column != C::FLEXIBLE);
    let gaps = columns.len().saturating_sub(1).saturating_mul(GAP.len());
    let others = others.map(|column| column.field().width).sum::<usize>();
    width.saturating_sub(others.saturating_add(gaps))
}

impl<C: Column> Layout<C::Item> for Table<C> {
    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        let header = self.row(|column| word(&column).to_uppercase());
        if self.surface.is_coloured {
            writeln!(out, "{HEADER}{header}{HEADER:#}")
        } else {
            writeln!(out, "{header}")
        }
    }

    fn item(&self, item: &C::Item, _: bool, out: &mut Vec<u8>) -> io::Result<()> {
        writeln!(out, "{}", self.row(|column| column.cell(item)))
    }
}
