//! Cursors: where a page starts, sealed so that a client can only send it back unchanged.
//!
//! The server keeps no table of cursors: the text itself holds the start, masked, behind a keyed
//! checksum. A cursor therefore outlives its server, which a demo needs if it is stopped and
//! resumed. A cursor that was altered, or made for another album, does not open. This is not
//! cryptography.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::albums::order::{Direction, Order, SortKey};
use crate::hash::fnv1a;

/// The start of every cursor: the characters that a client may forget to encode.
const MARK: &str = "+/=";
const BODY: usize = 11;

/// Where a page starts, and in which listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageStart {
    pub(crate) order: Order,
    pub(crate) page_size: u8,
    pub(crate) offset: u64,
}

/// The cursor for this start. `key` identifies the album.
pub(crate) fn seal(key: u64, start: PageStart) -> String {
    let body = to_bytes(start);
    let tag = checksum(key, &body);
    let sealed = [&tag.to_be_bytes()[..], &mask(key, tag, body)].concat();
    format!("{MARK}{}", BASE64_STANDARD.encode(sealed))
}

/// The start that was sealed with `key`, or `None`.
pub(crate) fn open(key: u64, cursor: &str) -> Option<PageStart> {
    let bytes = BASE64_STANDARD.decode(cursor.strip_prefix(MARK)?).ok()?;
    let (tag, masked) = bytes.split_first_chunk::<8>()?;
    let tag = u64::from_be_bytes(*tag);
    let body = mask(key, tag, masked.try_into().ok()?);
    if checksum(key, &body) != tag {
        return None;
    }
    from_bytes(body)
}

fn to_bytes(start: PageStart) -> [u8; BODY] {
    let [a, b, c, d, e, f, g, h] = start.offset.to_be_bytes();
    let Order { key, direction } = start.order;
    [key as u8, direction as u8, start.page_size, a, b, c, d, e, f, g, h]
}

fn from_bytes([key, direction, page_size, offset @ ..]: [u8; BODY]) -> Option<PageStart> {
    let order =
        Order { key: SortKey::from_code(key)?, direction: Direction::from_code(direction)? };
    Some(PageStart { order, page_size, offset: u64::from_be_bytes(offset) })
}

fn checksum(key: u64, body: &[u8; BODY]) -> u64 {
    fnv1a(key.to_be_bytes().iter().chain(body))
}

/// Masks or unmasks, so that neighbouring starts do not look alike.
fn mask(key: u64, tag: u64, mut body: [u8; BODY]) -> [u8; BODY] {
    let mut rng = fastrand::Rng::with_seed(key ^ tag);
    body.iter_mut().for_each(|byte| *byte ^= rng.u8(..));
    body
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn start(offset: u64) -> PageStart {
        let order = Order { key: SortKey::Update, direction: Direction::Descending };
        PageStart { order, page_size: 100, offset }
    }

    #[test]
    fn a_sealed_start_opens_unchanged() {
        for code in 1..=3 {
            for direction in [Direction::Ascending, Direction::Descending] {
                let order = Order { key: SortKey::from_code(code).unwrap(), direction };
                for (page_size, offset) in [(1, 0), (7, 1), (100, 999_900), (100, u64::MAX)] {
                    let start = PageStart { order, page_size, offset };
                    assert_eq!(open(42, &seal(42, start)), Some(start));
                }
            }
        }
    }

    #[test]
    fn a_cursor_altered_in_one_character_does_not_open() {
        let cursor = seal(42, start(100));
        for at in 0..cursor.len() {
            for character in "ABZaz09+/= -".chars() {
                let mut altered: Vec<char> = cursor.chars().collect();
                altered[at] = character;
                let altered: String = altered.into_iter().collect();
                assert_eq!(open(42, &altered).is_some(), altered == cursor, "{altered}");
            }
        }
    }

    #[test]
    fn what_was_never_sealed_does_not_open() {
        let cursor = seal(42, start(100));
        let cut = cursor.get(..cursor.len() - 1).unwrap();
        let cut_twice = cursor.get(..cursor.len() - 2).unwrap();
        let longer = format!("{cursor}AA");
        for text in ["", "0", "1", "100", "+/=", "é", "+/=é", cut, cut_twice, &longer] {
            assert_eq!(open(42, text), None, "{text}");
        }
    }

    #[test]
    fn a_cursor_of_another_album_does_not_open() {
        assert_eq!(open(43, &seal(42, start(100))), None);
    }

    #[test]
    fn a_cursor_is_opaque_and_needs_encoding() {
        let cursors: Vec<String> = (0..1000).map(|n| seal(42, start(n * 100))).collect();
        assert_eq!(cursors.iter().collect::<HashSet<_>>().len(), 1000);
        for cursor in &cursors {
            assert!(cursor.parse::<u128>().is_err());
            assert!(
                ['+', '/', '='].iter().all(|character| cursor.contains(*character)),
                "{cursor}"
            );
            assert_eq!(cursor.len(), 31);
        }
    }
}
