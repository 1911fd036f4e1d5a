//! Text for messages and cells; text from outside is made safe for a terminal. No layout here.

use std::{borrow::Cow, fmt, time::SystemTime};

use icu_normalizer::ComposingNormalizerBorrowed;
use jiff::{Zoned, tz::TimeZone};
use koodrive::Timestamp;

/// Replaces control characters by visible ones: an escape sequence in a file name must not move the cursor,
/// and a bidirectional override must not reverse the line.
pub(crate) fn sanitized(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_unsafe) {
        Cow::Owned(text.chars().map(|c| if is_unsafe(c) { visible(c) } else { c }).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// JSON with such characters as escapes, which mean the same. They occur only in strings, except for the
/// line ends between values.
pub(crate) fn escaped(json: &str) -> Cow<'_, str> {
    let is_raw = |c: char| is_unsafe(c) && c != '\n';
    if !json.chars().any(is_raw) {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            // All of them have four digits.
            c if is_raw(c) => safe.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => safe.push(c),
        }
    }
    Cow::Owned(safe)
}

pub(crate) fn is_unsafe(c: char) -> bool {
    // Line and paragraph separators; bidirectional marks, embeddings, overrides and isolates.
    c.is_control()
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// The text with composed letters (NFC): file systems and keyboards write `é` in two ways.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// The same for texts that differ in capitals or in how letters are composed.
pub(crate) fn folded(text: &str) -> String {
    composed(&composed(text).to_lowercase()).into_owned()
}

/// Unicode's picture of a control character: `␛` for escape.
fn visible(c: char) -> char {
    match u32::from(c) {
        code @ 0..0x20 => char::from_u32(0x2400 | code).unwrap_or(char::REPLACEMENT_CHARACTER),
        0x7f => '␡',
        _ => char::REPLACEMENT_CHARACTER,
    }
}

/// `2025-09-16 01:31` in UTC. A time in an unknown format is left as it is.
pub(crate) fn format_minute(time: Timestamp<'_>) -> Cow<'_, str> {
    strftime(time, "%Y-%m-%d %H:%M").map_or_else(|| sanitized(time.as_str()), Cow::Owned)
}

/// `2025-09`, in UTC.
pub(crate) fn format_month(time: Timestamp<'_>) -> Option<String> {
    strftime(time, "%Y-%m")
}

fn strftime(time: Timestamp<'_>, form: &str) -> Option<String> {
    Some(utc(time.to_system_time()?)?.strftime(form).to_string())
}

/// The time in UTC. `None` if that is outside the calendar's range.
pub(crate) fn utc(time: SystemTime) -> Option<Zoned> {
    Some(jiff::Timestamp::try_from(time).ok()?.to_zoned(TimeZone::UTC))
}

/// `12 files`, `1 file`.
pub(crate) fn files(count: u64) -> impl fmt::Display {
    format!("{} {}", indicatif::HumanCount(count), if count == 1 { "file" } else { "files" })
}

/// `12 albums`, `1 album`.
pub(crate) fn albums(count: usize) -> impl fmt::Display {
    format!("{count} {}", if count == 1 { "album" } else { "albums" })
}

/// `; 2 files changed; 1 file failed`, without those that are none.
pub(crate) fn counted(counts: &[(u64, &str)]) -> String {
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    counts.map(|(count, what)| format!("; {} {what}", files(*count))).collect()
}

/// `; 2 files could not be read`; empty for zero.
pub(crate) fn unreadable_suffix(count: u64) -> String {
    counted(&[(count, "could not be read")])
}

/// A word quoted for a POSIX shell.
pub(crate) fn shell_quoted(word: &str) -> String {
    // Only a zero byte cannot be quoted, and no argument or path contains one.
    shlex::try_quote(word).map_or_else(|_| String::new(), Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_made_visible_and_other_text_is_unchanged() {
        for (text, shown) in [
            ("a\u{1b}[2Jb", "a␛[2Jb"),
            ("a\nb\tc\rd", "a␊b␉c␍d"),
            ("\u{9b}31m", "\u{fffd}31m"),
            ("evil\u{202e}gpj.exe", "evil\u{fffd}gpj.exe"),
            ("\u{7f}", "␡"),
            ("家庭 👨‍👩‍👧 é", "家庭 👨‍👩‍👧 é"),
        ] {
            assert_eq!(sanitized(text), shown);
        }
    }

    #[test]
    fn times_are_shown_to_the_minute_or_unchanged() {
        let shown = |text: &str| format_minute(text.into()).into_owned();
        assert_eq!(shown("2025-09-16T03:31:20.654+02:00"), "2025-09-16 01:31");
        assert_eq!(shown("soon\u{1b}"), "soon␛");
        assert_eq!(format_month("soon".into()), None);
    }
}
