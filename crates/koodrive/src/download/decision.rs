//! What a response of the storage means for the bytes at hand: one pure function. Nothing is ever put behind
//! other bytes without proof that both are of the same version.

use http::header::{
    CONTENT_ENCODING, CONTENT_RANGE, ETAG, HeaderMap, HeaderName, TRANSFER_ENCODING,
};
use reqwest::{Response, Version as HttpVersion};
use serde::{Deserialize, Serialize};

use crate::{error::ErrorKind, input::number};

/// One version of a stored file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Version {
    /// A strong one, byte for byte. It identifies the version; it is no checksum.
    pub(super) etag: Option<String>,
    pub(super) size: Option<u64>,
}

/// What there is of a file so far: its first bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Received {
    pub(super) len: u64,
    pub(super) version: Version,
}

impl Received {
    /// Where to continue, and in which version. Without an ETag, nothing would prove that the rest fits.
    pub(super) fn resumption(&self) -> Option<(u64, &str)> {
        let etag = self.version.etag.as_deref()?;
        (self.len > 0).then_some((self.len, etag))
    }
}

/// The parts of a response that decide.
#[derive(Clone, Debug, Default)]
pub(super) struct Head<'a> {
    pub(super) status: u16,
    pub(super) content_range: Option<&'a str>,
    pub(super) etag: Option<&'a str>,
    pub(super) content_length: Option<u64>,
    /// The body has a content coding.
    pub(super) is_encoded: bool,
    /// The end of the body can be told from a lost connection even without a length.
    pub(super) is_framed: bool,
}

impl<'a> Head<'a> {
    pub(super) fn of(response: &'a Response) -> Self {
        let headers = response.headers();
        let coding = text(headers, &CONTENT_ENCODING);
        let is_chunked = headers.contains_key(TRANSFER_ENCODING);
        Self {
            status: response.status().as_u16(),
            content_range: text(headers, &CONTENT_RANGE),
            etag: text(headers, &ETAG),
            content_length: response.content_length(),
            is_encoded: headers.contains_key(CONTENT_ENCODING) && coding != Some("identity"),
            is_framed: is_chunked || response.version() >= HttpVersion::HTTP_2,
        }
    }

    fn strong_etag(&self) -> Option<String> {
        self.etag.filter(|etag| !etag.starts_with("W/")).map(str::to_owned)
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// What to do with a response.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Its body is the rest.
    Append(Version),
    /// Its body is the whole file.
    Whole(Version),
    /// It shows that the bytes at hand are of another version: drop them, and request the whole file.
    StartOver(&'static str),
    /// The link has expired.
    Renew,
    /// Nothing but another attempt can help, if the kind of error allows one.
    Fail(ErrorKind, &'static str),
}

/// `listed` is the size of the file as its album lists it.
pub(super) fn decide(head: &Head<'_>, received: &Received, listed: Option<u64>) -> Decision {
    use Decision::{Fail, Renew, StartOver};
    let is_resumed = received.resumption().is_some();
    match head.status {
        200 | 206 if head.is_encoded => {
            Fail(ErrorKind::Decode, "the response is compressed, although the request forbids that")
        }
        200 => whole(head, listed),
        206 if is_resumed => rest(head, received, listed),
        206 => Fail(ErrorKind::Decode, "the response is a part of a file, which was not requested"),
        201..=205 | 207..=299 => Fail(ErrorKind::Decode, "the status promises no file"),
        300..=399 => {
            Fail(ErrorKind::Redirect, "it answered with a redirect, which is never followed")
        }
        403 => Renew,
        404 | 410 => Fail(ErrorKind::Stale, "the file is no longer there"),
        412 | 416 if is_resumed => StartOver("the file has changed since its first part arrived"),
        429 => Fail(ErrorKind::Throttled, "it asks for fewer requests"),
        _ => Fail(ErrorKind::Status, "it answered with an error"),
    }
}

fn whole(head: &Head<'_>, listed: Option<u64>) -> Decision {
    match (head.content_length, listed) {
        (Some(length), Some(listed)) if length != listed => {
            Decision::Fail(ErrorKind::Decode, "the length is not the file's size")
        }
        (None, None) if !head.is_framed => {
            Decision::Fail(ErrorKind::Decode, "it does not say how long the file is")
        }
        (length, listed) => {
            Decision::Whole(Version { etag: head.strong_etag(), size: length.or(listed) })
        }
    }
}

fn rest(head: &Head<'_>, received: &Received, listed: Option<u64>) -> Decision {
    let Some((start, end, total)) = head.content_range.and_then(parse_range) else {
        return Decision::StartOver("it does not say which part of the file it sends");
    };
    let length = end.checked_sub(start).and_then(|length| length.checked_add(1));
    let is_rest = start == received.len && end.checked_add(1) == Some(total);
    let is_as_long = head.content_length.is_none_or(|announced| Some(announced) == length);
    if !is_rest || !is_as_long {
        return Decision::StartOver("it sends another part of the file than the one requested");
    }
    if listed.or(received.version.size).is_some_and(|size| size != total) {
        return Decision::StartOver("the size of the file has changed");
    }
    if head.etag != received.version.etag.as_deref() {
        return Decision::StartOver("the version of the file has changed");
    }
    Decision::Append(Version { size: Some(total), ..received.version.clone() })
}

/// `bytes 100-199/200` → first, last, total.
fn parse_range(text: &str) -> Option<(u64, u64, u64)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (start, end) = range.split_once('-')?;
    Some((number(start)?, number(end)?, number(total)?))
}

/// Recognises, from its first bytes, a document where a picture or a video is due: most likely an error, or
/// the login page of a network. No format of pictures or videos begins like one of text.
pub(super) fn is_document(bytes: &[u8]) -> Option<bool> {
    let is_blank = |byte: &u8| byte.is_ascii_whitespace() || b"\xef\xbb\xbf".contains(byte);
    bytes.iter().find(|byte| !is_blank(byte)).map(|byte| b"<{[".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::{Decision::*, *};

    const ETAG: &str = "\"0e0e72d3c7e9e4444df6bc3fb111eaee-2\"";

    fn version(etag: Option<&str>, size: Option<u64>) -> Version {
        Version { etag: etag.map(str::to_owned), size }
    }

    /// 40 of 100 bytes.
    fn part() -> Received {
        Received { len: 40, version: version(Some(ETAG), Some(100)) }
    }

    fn head(status: u16) -> Head<'static> {
        Head { status, etag: Some(ETAG), is_framed: true, ..Head::default() }
    }

    fn sized(status: u16, length: u64) -> Head<'static> {
        Head { content_length: Some(length), ..head(status) }
    }

    fn range(range: &'static str) -> Head<'static> {
        Head { content_range: Some(range), ..head(206) }
    }

    #[test]
    fn a_whole_file_has_the_size_that_is_listed() {
        use ErrorKind::Decode;
        let unframed = |status| Head { is_framed: false, ..head(status) };
        for (head, listed, size) in [
            (sized(200, 100), Some(100), Ok(Some(100))),
            (sized(200, 100), None, Ok(Some(100))),
            (head(200), Some(100), Ok(Some(100))),
            (head(200), None, Ok(None)),
            (sized(200, 0), Some(0), Ok(Some(0))),
            (sized(200, 200 << 30), Some(200 << 30), Ok(Some(200 << 30))),
            (unframed(200), Some(100), Ok(Some(100))),
            (unframed(200), None, Err(Decode)),
            (sized(200, 99), Some(100), Err(Decode)),
            (sized(200, 101), Some(100), Err(Decode)),
            (sized(200, 0), Some(100), Err(Decode)),
            (Head { is_encoded: true, ..sized(200, 100) }, Some(100), Err(Decode)),
        ] {
            // With a part at hand, too: the storage may ignore a range.
            for received in [Received::default(), part()] {
                let expected = size.map(|size| Whole(version(Some(ETAG), size)));
                match (decide(&head, &received, listed), expected) {
                    (Fail(kind, _), Err(expected)) => assert_eq!(kind, expected, "{head:?}"),
                    (decision, expected) => assert_eq!(Ok(decision), expected, "{head:?}"),
                }
            }
        }
    }

    #[test]
    fn without_a_first_byte_the_whole_file_is_requested() {
        assert_eq!(part().resumption(), Some((40, ETAG)));
        assert_eq!(Received { len: 0, ..part() }.resumption(), None);
    }

    #[test]
    fn a_head_says_what_the_headers_of_the_response_say() {
        let response = |version, headers: &[(&str, &str)]| {
            let mut response = http::Response::builder().status(206).version(version);
            for (name, value) in headers {
                response = response.header(*name, *value);
            }
            Response::from(response.body("12345").unwrap())
        };
        let headers = [("etag", ETAG), ("content-range", "bytes 0-4/9")];
        let response_with_range = response(HttpVersion::HTTP_11, &headers);
        let head = Head::of(&response_with_range);
        assert_eq!((head.status, head.content_length), (206, Some(5)));
        assert_eq!((head.etag, head.content_range), (Some(ETAG), Some("bytes 0-4/9")));
        for (version, header, is_encoded, is_framed) in [
            (HttpVersion::HTTP_11, None, false, false),
            (HttpVersion::HTTP_2, None, false, true),
            (HttpVersion::HTTP_11, Some(("transfer-encoding", "chunked")), false, true),
            (HttpVersion::HTTP_11, Some(("content-encoding", "gzip")), true, false),
            (HttpVersion::HTTP_11, Some(("content-encoding", "identity")), false, false),
        ] {
            let response = response(version, header.as_slice());
            let head = Head::of(&response);
            assert_eq!((head.is_encoded, head.is_framed), (is_encoded, is_framed), "{header:?}");
        }
    }

    #[test]
    fn a_weak_etag_identifies_nothing() {
        let weak = Head { etag: Some("W/\"a\""), ..sized(200, 100) };
        let decision = decide(&weak, &part(), None);
        assert_eq!(decision, Whole(version(None, Some(100))));
        let received = Received { len: 40, version: version(None, Some(100)) };
        assert_eq!(received.resumption(), None);
    }

    #[test]
    fn only_the_exact_rest_of_the_same_version_is_appended() {
        let rest = "bytes 40-99/100";
        for (head, is_rest) in [
            (range(rest), true),
            (Head { content_length: Some(60), ..range(rest) }, true),
            (Head { content_length: Some(59), ..range(rest) }, false),
            (Head { etag: Some("\"other\""), ..range(rest) }, false),
            (Head { etag: None, ..range(rest) }, false),
            (head(206), false),
            (range("bytes 39-99/100"), false),
            (range("bytes 41-99/100"), false),
            (range("bytes 0-99/100"), false),
            (range("bytes 40-98/100"), false),
            (range("bytes 40-100/100"), false),
            (range("bytes 40-99/*"), false),
            (range("bytes 40-100/101"), false),
            (range("bytes 40-98/99"), false),
            (range("bytes 40-18446744073709551615/18446744073709551615"), false),
            (range("bytes 40-39/40"), false),
            (range("bytes +40-99/100"), false),
            (range("bytes */100"), false),
            (range("items 40-99/100"), false),
            (range("bytes 40-99/100, bytes 40-99/100"), false),
            (range(""), false),
        ] {
            let decision = decide(&head, &part(), Some(100));
            match is_rest {
                true => assert_eq!(decision, Append(version(Some(ETAG), Some(100))), "{head:?}"),
                false => assert!(matches!(decision, StartOver(_)), "{head:?}: {decision:?}"),
            }
        }
        let encoded = Head { is_encoded: true, ..range(rest) };
        assert!(matches!(decide(&encoded, &part(), None), Fail(ErrorKind::Decode, _)));
    }

    #[test]
    fn a_size_that_was_not_known_is_learnt_from_the_rest() {
        let received = Received { len: 40, version: version(Some(ETAG), None) };
        let decision = decide(&range("bytes 40-99/100"), &received, None);
        assert_eq!(decision, Append(version(Some(ETAG), Some(100))));
    }

    #[test]
    fn every_other_status_has_its_meaning_with_and_without_a_part() {
        use ErrorKind::{Decode, Redirect, Stale, Status, Throttled};
        let fail = |kind| (Some(kind), Some(kind));
        for (status, (fresh, resumed)) in [
            (201, fail(Decode)),
            (204, fail(Decode)),
            (301, fail(Redirect)),
            (302, fail(Redirect)),
            (304, fail(Redirect)),
            (400, fail(Status)),
            (401, fail(Status)),
            (404, fail(Stale)),
            (410, fail(Stale)),
            (408, fail(Status)),
            (412, (Some(Status), None)),
            (416, (Some(Status), None)),
            (429, fail(Throttled)),
            (500, fail(Status)),
            (503, fail(Status)),
            (999, fail(Status)),
        ] {
            for (received, expected) in [(Received::default(), fresh), (part(), resumed)] {
                match (decide(&head(status), &received, Some(100)), expected) {
                    (Fail(kind, _), Some(expected)) => assert_eq!(kind, expected, "{status}"),
                    (StartOver(_), None) => {}
                    (decision, _) => panic!("{status}: {decision:?}"),
                }
            }
        }
        for received in [Received::default(), part()] {
            assert_eq!(decide(&head(403), &received, Some(100)), Renew);
        }
        let unasked = decide(&range("bytes 0-99/100"), &Received::default(), Some(100));
        assert!(matches!(unasked, Fail(Decode, _)), "{unasked:?}");
    }

    #[test]
    fn a_document_is_told_from_a_picture_by_its_first_bytes() {
        for (bytes, expected) in [
            (&b"<!doctype html>"[..], Some(true)),
            (b"\xef\xbb\xbf \r\n\t<?xml", Some(true)),
            (b"{\"error\":1}", Some(true)),
            (b" [1]", Some(true)),
            (b"\xff\xd8\xff\xe0", Some(false)),
            (b"\x89PNG", Some(false)),
            (b"\0\0\0\x18ftyp", Some(false)),
            (b"  \n", None),
            (b"", None),
        ] {
            assert_eq!(is_document(bytes), expected, "{bytes:?}");
        }
    }
}
