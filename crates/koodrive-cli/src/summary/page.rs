//! The summary as a page for reading.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use console::{Alignment, measure_text_width, pad_str, truncate_str};
use indicatif::{BinaryBytes, HumanCount};

use super::tally::{LargeFile, Sum, Tally};
use crate::{
    glyphs::GLYPHS,
    text::{files, sanitized, unreadable_suffix},
};

/// The longest bar, and the shortest that says something.
const BAR: usize = 24;
const SHORTEST_BAR: usize = 3;
/// The least room that leaves a name readable.
const NAME: usize = 16;
const TITLE: Style = Style::new().bold();
const BLOCKS: Style = AnsiColor::Cyan.on_default();

/// The whole page, with styles; the caller strips them where there is no terminal.
///
/// It fits a terminal of `columns`: bars get shorter, then fall away, and names are cut.
pub(super) fn page(tally: &Tally, columns: Option<u16>) -> String {
    let mut types: Vec<_> = tally.types.iter().map(|(name, sum)| (name.as_str(), *sum)).collect();
    types.sort_by(|one, other| other.1.files.cmp(&one.1.files).then(one.0.cmp(other.0)));
    let months = tally.months.iter().map(|(month, sum)| (month.as_str(), *sum));
    let undated = Some(("no date", tally.undated)).filter(|(_, sum)| sum.files > 0);
    let months: Vec<_> = months.chain(undated).collect();

    let width = columns.map_or(usize::MAX, usize::from);
    let mut page = head(tally, width);
    section(&mut page, "Types", &types, width);
    section(&mut page, "Months taken", &months, width);
    largest(&mut page, &tally.largest, width);
    let lines = page.lines().map(|line| truncate_str(line, width, GLYPHS.ellipsis));
    lines.flat_map(|line| [line, "\n".into()]).collect()
}

fn head(tally: &Tally, width: usize) -> String {
    let Tally { album, bytes, unreadable, .. } = tally;
    let album =
        truncate_str(&sanitized(album), width.saturating_sub(6), GLYPHS.ellipsis).into_owned();
    let mut facts = vec![files(tally.files).to_string(), BinaryBytes(*bytes).to_string()];
    if let (Some(first), Some(last)) = (tally.months.keys().next(), tally.months.keys().last()) {
        facts.push(format!("taken from {first} to {last}"));
    }
    let mut head = format!("{TITLE}Album {album}{TITLE:#}\n  {}", facts.join(", "));
    head += &unreadable_suffix(*unreadable);
    if head.lines().any(|line| measure_text_width(line) > width) {
        head = head.replace(", ", "\n  ").replace("; ", "\n  ");
    }
    head + "\n"
}

fn section(page: &mut String, title: &str, rows: &[(&str, Sum)], width: usize) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(page, "\n{TITLE}{title}{TITLE:#}");
    let cells: Vec<[String; 3]> = rows.iter().map(|(name, sum)| cells(name, *sum)).collect();
    let widest = |at: usize| {
        let widths = cells.iter().filter_map(|cells| cells.get(at));
        widths.map(|cell| measure_text_width(cell)).max().unwrap_or(0)
    };
    let (name_width, count_width, size_width) = (widest(0), widest(1), widest(2));
    let taken = [2, name_width, 2, 2, count_width, 2, size_width].iter().sum::<usize>();
    // A number that is cut is another number.
    let has_sizes = taken.saturating_sub(2) <= width;
    let bar_width = Some(width.saturating_sub(taken).min(BAR)).filter(|room| *room >= SHORTEST_BAR);
    let most = rows.iter().map(|(_, sum)| sum.files).max().unwrap_or(0);
    for ([name, count, size], (_, sum)) in cells.iter().zip(rows) {
        let name = pad_str(name, name_width, Alignment::Left, None);
        let bar = bar_width.map(|width| bar(sum.files, most, width));
        let bar = bar.map(|bar| format!("{BLOCKS}{bar}{BLOCKS:#}  ")).unwrap_or_default();
        let size = if has_sizes { format!("  {size:>size_width$}") } else { String::new() };
        let _ = writeln!(page, "  {name}  {bar}{count:>count_width$}{size}");
    }
}

fn cells(name: &str, sum: Sum) -> [String; 3] {
    [name.to_owned(), HumanCount(sum.files).to_string(), BinaryBytes(sum.bytes).to_string()]
}

fn largest(page: &mut String, largest: &[LargeFile], width: usize) {
    if largest.is_empty() {
        return;
    }
    let _ = writeln!(page, "\n{TITLE}Largest{TITLE:#}");
    let has_types = width.saturating_sub(28) >= NAME;
    for LargeFile { size, file_name, type_name, id } in largest {
        let name = sanitized(file_name.as_deref().unwrap_or(id));
        let size = BinaryBytes(*size).to_string();
        let type_name = if has_types { format!("{type_name:<11}  ") } else { String::new() };
        let _ = writeln!(page, "  {size:>11}  {type_name}{name}");
    }
}

/// A bar whose length is `part` of `most`, in eighths of a block. Only zero has an empty bar.
fn bar(part: u64, most: u64, width: usize) -> String {
    let eighths = u64::try_from(width.saturating_mul(8)).unwrap_or(u64::MAX);
    let eighths = part.saturating_mul(eighths).div_ceil(most.max(1));
    let blocks = usize::try_from(eighths / 8).unwrap_or(0);
    let [.., block] = GLYPHS.eighths;
    let rest = usize::try_from(eighths % 8).ok().and_then(|rest| GLYPHS.eighths.get(rest));
    let bar = format!("{}{}", block.repeat(blocks), rest.unwrap_or(&""));
    pad_str(&bar, width, Alignment::Left, None).into_owned()
}

#[cfg(test)]
mod tests {
    use crate::glyphs::GLYPHS;

    #[test]
    fn a_bar_is_proportional_and_empty_only_for_zero() {
        let bar = |part, most| super::bar(part, most, 24);
        let [_, eighth, .., block] = GLYPHS.eighths;
        assert_eq!(bar(10, 10).trim_end(), block.repeat(24));
        assert_eq!(bar(5, 10).trim_end(), block.repeat(12));
        assert_eq!(bar(1, 1_000_000).trim_end(), eighth);
        assert_eq!(bar(0, 10).trim_end(), "");
        assert_eq!(bar(0, 0).trim_end(), "");
        assert_eq!(bar(7, 10).chars().count(), 24);
    }
}
