//! Checks of what a caller passes, before anything is sent. No message repeats the value.
//!
//! The generated client copies `.` and `\` of an album id into the path, and the URL parser then resolves
//! them: `.` would list the albums. So an id may only hold characters without a meaning in a URL.

use std::{borrow::Cow, str::FromStr};

use http::HeaderValue;
use tokio::runtime::Handle;

use crate::error::{Error, Result};

/// Far beyond the 19 digits of today's ids.
const LONGEST_ID: usize = 256;

/// Reads digits alone: `parse` accepts a plus sign, too.
pub(crate) fn number<T: FromStr>(text: &str) -> Option<T> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// Fails with `message` unless the input is valid.
pub(crate) fn ensure(is_valid: bool, message: impl Into<Cow<'static, str>>) -> Result<()> {
    if is_valid { Ok(()) } else { Err(Error::invalid(message)) }
}

/// An album's id, fit to be a segment of a path.
pub(crate) fn album_id(text: &str) -> Result<()> {
    let is_unreserved =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    ensure(
        !text.is_empty(),
        "the album id is empty; expected the id that the service gave the album",
    )?;
    ensure(
        text.len() <= LONGEST_ID,
        format!("the album id has more than {LONGEST_ID} characters"),
    )?;
    ensure(
        !matches!(text, "." | "..") && text.bytes().all(is_unreserved),
        "the album id is not valid: expected letters, digits, `-`, `.`, `_` or `~`, \
         and not `.` or `..` alone",
    )
}

/// The largest page, by the vendor's reference.
pub(crate) const LARGEST_PAGE: u32 = 100;

/// How many items a page may have.
pub(crate) fn page_size(size: u32) -> Result<()> {
    let message = format!("the page size is {size}; expected 1 to {LARGEST_PAGE}");
    ensure((1..=LARGEST_PAGE).contains(&size), message)
}

/// Timers and tasks would panic without a runtime.
pub(crate) fn inside_tokio() -> Result<()> {
    ensure(
        Handle::try_current().is_ok(),
        "not in a Tokio runtime; poll this inside one, for example under `#[tokio::main]`",
    )
}

/// The value of a header: visible ASCII, without spaces.
pub(crate) fn word(what: &'static str, text: &str) -> Result<()> {
    let is_short = !text.is_empty() && text.len() <= LONGEST_ID;
    ensure(
        is_short && text.bytes().all(|byte| byte.is_ascii_graphic()),
        format!(
            "the {what} is not valid: expected 1 to {LONGEST_ID} visible ASCII characters, no spaces"
        ),
    )
}

/// A secret in a body: any text that is not blank.
pub(crate) fn secret(what: &'static str, text: &str) -> Result<()> {
    ensure(!text.trim().is_empty(), format!("the {what} is empty"))
}

/// The value of a header: like [`word`], but of any length, and spaces may stand inside.
pub(crate) fn line(what: &'static str, text: &str) -> Result<HeaderValue> {
    let is_clean = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    let value = HeaderValue::from_str(text).ok();
    let value = value.filter(|_| !text.is_empty() && text.trim() == text && is_clean);
    value.ok_or_else(|| {
        Error::invalid(format!(
            "the {what} is not valid: expected visible ASCII characters, without a line break or \
             a space at its ends"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_album_id_has_no_characters_with_a_meaning_in_a_url() {
        for good in ["1795607640592646273", "FsZe6OnbZbVM0XcvEK_FDXqnow9P02vxT", "a.b~c-d", "..."] {
            assert!(album_id(good).is_ok(), "{good}");
        }
        let long = "1".repeat(1_000_000);
        for bad in [
            "",
            ".",
            "..",
            "../x",
            "..\\x",
            "%2e%2e",
            "a/b",
            "a?b#c",
            "a\\b",
            "a\tb",
            "a\0b",
            "a b",
            "a\u{202e}b",
            "图",
            long.as_str(),
        ] {
            assert!(album_id(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_page_has_1_to_100_items() {
        for (size, is_good) in [(0, false), (1, true), (100, true), (101, false), (u32::MAX, false)]
        {
            assert_eq!(page_size(size).is_ok(), is_good, "{size}");
        }
    }

    #[test]
    fn header_values_are_visible_ascii() {
        for bad in ["", "a b", "a\r\nb", "a\0", "é", "a\n"] {
            assert!(word("user id", bad).is_err(), "{bad:?}");
        }
        for bad in ["", " a", "a ", "a\n", "a\r\nX: y", "a\0", "é"] {
            assert!(line("agent", bad).is_err(), "{bad:?}");
        }
        assert!(line("agent", "a b").is_ok());
    }
}
