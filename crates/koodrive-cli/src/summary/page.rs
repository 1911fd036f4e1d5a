//! The summary as a page for reading.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use console::{Alignment, measure_text_width, pad_str, truncate_str};
use indicatif::{BinaryBytes, HumanCount};

use super::tally::{LargeFile, Sum, Tally};
use crate::text::{files, sanitized, unreadable_suffix};

const BAR: u64 = 24;
const TITLE: Style = Style::new().bold();
const BLOCKS: Style = AnsiColor::Cyan.on_default();
/// Blocks of zero to seven eighths.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// The whole page, with styles; the caller strips them where there is no terminal.
///
/// Names are cut to fit a terminal of `columns`.
pub(super) fn page(tally: &Tally, columns: Option<u16>) -> String {
    let mut types: Vec<_> = tally.types.iter().map(|(name, sum)| (name.as_str(), *sum)).collect();
    types.sort_by(|one, other| other.1.files.cmp(&one.1.files).then(one.0.cmp(other.0)));
    let months = tally.months.iter().map(|(month, sum)| (month.as_str(), *sum));
    let undated = Some(("no date", tally.undated)).filter(|(_, sum)| sum.files > 0);

    let mut page = head(tally);
    section(&mut page, "Types", &types);
    section(&mut page, "Months taken", &months.chain(undated).collect::<Vec<_>>());
    largest(&mut page, &tally.largest(), columns);
    page
}

fn head(tally: &Tally) -> String {
    let Tally { album, bytes, unreadable, .. } = tally;
    let album = sanitized(album);
    let mut head =
        format!("{TITLE}Album {album}{TITLE:#}\n  {}, {}", files(tally.files), BinaryBytes(*bytes));
    if let (Some(first), Some(last)) = (tally.months.keys().next(), tally.months.keys().last()) {
        let _ = write!(head, ", taken from {first} to {last}");
    }
    head + &unreadable_suffix(*unreadable) + "\n"
}

fn section(page: &mut String, title: &str, rows: &[(&str, Sum)]) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(page, "\n{TITLE}{title}{TITLE:#}");
    let most = rows.iter().map(|(_, sum)| sum.files).max().unwrap_or(0);
    let width = rows.iter().map(|(name, _)| measure_text_width(name)).max().unwrap_or(0);
    for (name, sum) in rows {
        let (name, count) =
            (pad_str(name, width, Alignment::Left, None), HumanCount(sum.files).to_string());
        let bar = bar(sum.files, most);
        let bytes = BinaryBytes(sum.bytes).to_string();
        let _ = writeln!(page, "  {name}  {BLOCKS}{bar}{BLOCKS:#}  {count:>9}  {bytes:>11}");
    }
}

fn largest(page: &mut String, largest: &[&LargeFile], columns: Option<u16>) {
    if largest.is_empty() {
        return;
    }
    let _ = writeln!(page, "\n{TITLE}Largest{TITLE:#}");
    let room = columns.map_or(usize::MAX, |columns| columns.saturating_sub(28).max(16).into());
    for LargeFile { size, file_name, type_name, id } in largest {
        let name = sanitized(file_name.as_deref().unwrap_or(id));
        let (name, size) = (truncate_str(&name, room, "…"), BinaryBytes(*size).to_string());
        let _ = writeln!(page, "  {size:>11}  {type_name:<11}  {name}");
    }
}

/// A bar whose length is `part` of `most`, in eighths of a block. Only zero has an empty bar.
fn bar(part: u64, most: u64) -> String {
    let eighths = part.saturating_mul(BAR * 8).div_ceil(most.max(1));
    let blocks = usize::try_from(eighths / 8).unwrap_or(0);
    let rest = usize::try_from(eighths % 8).ok().and_then(|rest| EIGHTHS.get(rest)).unwrap_or(&"");
    let bar = format!("{}{rest}", "█".repeat(blocks));
    pad_str(&bar, usize::try_from(BAR).unwrap_or(0), Alignment::Left, None).into_owned()
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn a_bar_is_proportional_and_empty_only_for_zero() {
        assert_eq!(bar(10, 10).trim_end(), "█".repeat(24));
        assert_eq!(bar(5, 10).trim_end(), "█".repeat(12));
        assert_eq!(bar(1, 1_000_000).trim_end(), "▏");
        assert_eq!(bar(0, 10).trim_end(), "");
        assert_eq!(bar(0, 0).trim_end(), "");
        assert_eq!(bar(7, 10).chars().count(), 24);
    }
}
