//! Faults: what a test sends instead of the server's own reply, or changes about it.
//!
//! When a fault is sent is up to the script.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// What a test changes about one reply.
///
/// [`status`](Self::status) replaces the server's own reply. Its only headers are then the server's `Date`
/// and, unless it answers a download, `content-type: application/json`; [`header`](Self::header) adds
/// others and can replace these two. `Debug` prints only the length of the body.
///
/// ```
/// use std::time::Duration;
/// use koodrive_testing::Fault;
///
/// let overloaded = Fault::status(503).header("retry-after", "2");
/// let refused = Fault::status(400).body(r#"{"code":13000309,"msg":"resource not found"}"#);
/// let cut = Fault::status(200).body(r#"{"contentList":[{"id":"Fs"#);
/// let proxy = Fault::status(502).header("content-type", "text/html").body("<h1>Bad gateway</h1>");
/// let slow = Fault::status(504).delay(Duration::from_millis(50));
/// ```
///
/// A request can also lose its connection, or get the server's [own reply](Self::own_reply) with changes.
/// Only a download has a range:
///
/// ```
/// use koodrive_testing::Fault;
///
/// let lost = Fault::lost_connection();
/// let cut = Fault::own_reply().cut_after(100_000);
/// let slow = Fault::own_reply().rate(10_000);
/// let whole = Fault::own_reply().ignore_range();
/// let wrong_start = Fault::own_reply().range_from(0);
/// let wrong_total = Fault::own_reply().header("content-range", "bytes 5-9/11");
/// let other_version = Fault::own_reply().header("etag", "\"0123456789abcdef0123456789abcdef-1\"");
/// let packed = Fault::own_reply().header("content-encoding", "gzip");
/// let of_unknown_length = Fault::own_reply().without_header("content-length");
/// let login_page = Fault::status(200).header("content-type", "text/html").body("<html>Sign in</html>");
/// let redirect = Fault::status(302).header("location", "https://example.com/");
/// ```
#[derive(Clone)]
#[must_use = "a fault does nothing until it is passed to a method such as `AlbumServerBuilder::fault`"]
pub struct Fault {
    pub(crate) basis: Basis,
    pub(crate) headers: HeaderMap,
    pub(crate) removed_headers: Vec<HeaderName>,
    pub(crate) body: Vec<u8>,
    pub(crate) delay: Duration,
    range: AnsweredRange,
    /// Bytes a second.
    pub(crate) rate: Option<u64>,
    pub(crate) cut_after: Option<u64>,
}

/// What a fault starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Basis {
    Status(StatusCode),
    OwnReply,
    LostConnection,
}

/// The range that is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
enum AnsweredRange {
    AsRequested,
    Instead(Option<String>),
}

impl Fault {
    /// A reply with this status and an empty body.
    ///
    /// # Panics
    ///
    /// If the status is not that of a final reply, 200 to 999.
    #[track_caller]
    pub fn status(status: u16) -> Self {
        let known = StatusCode::from_u16(status).ok().filter(|s| !s.is_informational());
        assert!(known.is_some(), "{status} is not the status of a final reply (200 to 999)");
        Self::new(Basis::Status(known.unwrap_or_default()))
    }

    /// The server's own reply, which the other methods change. What it stands for is done: a refresh issues a
    /// token.
    pub fn own_reply() -> Self {
        Self::new(Basis::OwnReply)
    }

    /// No reply: the connection is closed as soon as the request has arrived.
    pub fn lost_connection() -> Self {
        Self::new(Basis::LostConnection)
    }

    fn new(basis: Basis) -> Self {
        Self {
            basis,
            headers: HeaderMap::new(),
            removed_headers: Vec::new(),
            body: Vec::new(),
            delay: Duration::ZERO,
            range: AnsweredRange::AsRequested,
            rate: None,
            cut_after: None,
        }
    }

    /// Adds a header. It replaces the server's own of this name; a second one with the same name does not
    /// replace the first.
    ///
    /// # Panics
    ///
    /// If HTTP does not allow the name or the value.
    #[track_caller]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).ok();
        let header = name.zip(HeaderValue::from_bytes(value.as_bytes()).ok());
        assert!(header.is_some(), "HTTP does not allow this header of a fault");
        if let Some((name, value)) = header {
            self.headers.append(name, value);
        }
        self
    }

    /// Leaves out a header of the server's. Without `content-length` the body is sent in chunks.
    ///
    /// # Panics
    ///
    /// If HTTP does not allow the name.
    #[track_caller]
    pub fn without_header(mut self, name: &str) -> Self {
        let name = HeaderName::try_from(name).ok();
        assert!(name.is_some(), "HTTP does not allow this header of a fault");
        self.removed_headers.extend(name);
        self
    }

    /// Sets the body, text or bytes, of a [`status`](Self::status). It is sent unchanged.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Closes the connection after this many bytes of the body.
    pub fn cut_after(mut self, bytes: u64) -> Self {
        self.cut_after = Some(bytes);
        self
    }

    /// Sends the body at this rate, at least 1.
    pub fn rate(mut self, bytes_per_second: u64) -> Self {
        self.rate = Some(bytes_per_second.max(1));
        self
    }

    /// Answers as if the request had no `Range`. For downloads only.
    pub fn ignore_range(mut self) -> Self {
        self.range = AnsweredRange::Instead(None);
        self
    }

    /// Answers as if the request had asked for everything from this byte on. For downloads only.
    pub fn range_from(mut self, first: u64) -> Self {
        self.range = AnsweredRange::Instead(Some(format!("bytes={first}-")));
        self
    }

    /// Delays the first byte of the reply.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The `Range` that is answered, given the one requested.
    pub(crate) fn answered_range<'a>(&'a self, requested: Option<&'a str>) -> Option<&'a str> {
        match &self.range {
            AnsweredRange::AsRequested => requested,
            AnsweredRange::Instead(range) => range.as_deref(),
        }
    }
}

/// A body may hold secrets, such as a token or a pre-signed URL.
impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("basis", &self.basis)
            .field("headers", &self.headers)
            .field("body", &format_args!("[{} bytes]", self.body.len()))
            .field("delay", &self.delay)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_only_the_length_of_the_body() {
        let shown = format!("{:?}", Fault::status(503).header("retry-after", "2").body("s3cret"));
        assert!(shown.contains("503") && shown.contains("retry-after"), "{shown}");
        assert!(shown.contains("[6 bytes]") && !shown.contains("s3cret"), "{shown}");
    }

    #[test]
    #[should_panic(expected = "99 is not the status of a final reply")]
    fn an_invalid_status_panics() {
        let _ = Fault::status(99);
    }

    #[test]
    #[should_panic(expected = "HTTP does not allow this header")]
    fn an_invalid_header_panics() {
        let _ = Fault::status(200).header("x", "a\r\nb: c");
    }
}
