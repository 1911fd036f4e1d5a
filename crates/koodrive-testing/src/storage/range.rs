//! The `Range` header, as the storage reads it: one range of bytes, or it is ignored.

use std::ops::Range;

/// What a request asks for of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// There is no valid range.
    Whole,
    /// These bytes, at least one.
    Part(Range<u64>),
    /// The range starts behind the end.
    Nothing,
}

/// What `header` asks for of an object of this `length`.
pub(crate) fn wanted(header: Option<&str>, length: u64) -> Wanted {
    let range = header.and_then(|header| header.strip_prefix("bytes="));
    let Some((first, last)) = range.and_then(|range| range.split_once('-')) else {
        return Wanted::Whole;
    };
    let bytes = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(length),
        (Some(first), None) if last.is_empty() => first..length,
        (None, Some(last)) if first.is_empty() => length.saturating_sub(last)..length,
        _ => return Wanted::Whole,
    };
    if bytes.is_empty() { Wanted::Nothing } else { Wanted::Part(bytes) }
}

/// Digits only: `parse` alone would also accept `+1`. A number that is too large is behind every end.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_valid_range_is_a_part_and_anything_else_is_ignored() {
        for (header, expected) in [
            ("bytes=0-0", Wanted::Part(0..1)),
            ("bytes=0-9", Wanted::Part(0..10)),
            ("bytes=3-", Wanted::Part(3..10)),
            ("bytes=9-", Wanted::Part(9..10)),
            ("bytes=3-5", Wanted::Part(3..6)),
            ("bytes=3-99", Wanted::Part(3..10)),
            ("bytes=3-99999999999999999999999", Wanted::Part(3..10)),
            ("bytes=-3", Wanted::Part(7..10)),
            ("bytes=-99", Wanted::Part(0..10)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=10-12", Wanted::Nothing),
            ("bytes=99999999999999999999999-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=5-3", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes=", Wanted::Whole),
            ("bytes=3", Wanted::Whole),
            ("bytes=+3-", Wanted::Whole),
            ("bytes=3-5,7-9", Wanted::Whole),
            ("bytes= 3-5", Wanted::Whole),
            ("items=3-5", Wanted::Whole),
            ("3-5", Wanted::Whole),
        ] {
            assert_eq!(wanted(Some(header), 10), expected, "{header}");
        }
        assert_eq!(wanted(None, 10), Wanted::Whole);
    }

    #[test]
    fn an_empty_object_has_no_part() {
        for header in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
            assert_eq!(wanted(Some(header), 0), Wanted::Nothing, "{header}");
        }
    }
}
