//! Faults: replies that a test puts in the place of the server's own.
//!
//! A fault says exactly what goes over the wire. It knows nothing of when; that is the script's.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::replies::reply::Reply;

/// A reply that takes the place of the server's own, once.
///
/// It has no headers but the server's `Date` and `content-type: application/json`, and
/// [`header`](Self::header) replaces these too. `Debug` prints the length of its body only.
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
#[derive(Clone)]
#[must_use = "a fault does nothing until it is given to `AlbumServerBuilder::fault` or its like"]
pub struct Fault {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
    delay: Duration,
}

impl Fault {
    /// A reply with this status and an empty body.
    ///
    /// # Panics
    ///
    /// If the status is not one of a final reply, 200 to 999: the test's script is wrong.
    #[track_caller]
    pub fn status(status: u16) -> Self {
        let known = StatusCode::from_u16(status).ok().filter(|s| !s.is_informational());
        assert!(known.is_some(), "{status} is no status of a final reply (200 to 999)");
        Self {
            status: known.unwrap_or_default(),
            headers: HeaderMap::new(),
            body: Vec::new(),
            delay: Duration::ZERO,
        }
    }

    /// Adds a header; a second one of the same name stands beside the first.
    ///
    /// # Panics
    ///
    /// If HTTP allows no such name or value: the test's script is wrong.
    #[track_caller]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).ok();
        let header = name.zip(HeaderValue::from_bytes(value.as_bytes()).ok());
        assert!(header.is_some(), "a fault has a header that HTTP does not allow");
        if let Some((name, value)) = header {
            self.headers.append(name, value);
        }
        self
    }

    /// Sets the body: text or bytes, sent as they are.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Holds the reply back for so long, before its first byte.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    pub(crate) fn reply(&self) -> Reply {
        Reply {
            status: self.status,
            headers: self.headers.clone(),
            body: self.body.clone(),
            delay: self.delay,
        }
    }
}

/// A body may hold what nobody should read in a log: a token, a pre-signed URL.
impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body", &format_args!("[{} bytes]", self.body.len()))
            .field("delay", &self.delay)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_what_goes_over_the_wire() {
        let fault = Fault::status(503)
            .header("Retry-After", "2")
            .header("x-note", "é")
            .body("text")
            .delay(Duration::from_millis(5));
        let reply = fault.reply();
        assert_eq!(reply.status, 503);
        assert_eq!(reply.headers.get("retry-after").unwrap(), "2");
        assert_eq!(reply.headers.get("x-note").unwrap().as_bytes(), "é".as_bytes());
        assert_eq!((reply.body.as_slice(), reply.delay), (&b"text"[..], Duration::from_millis(5)));
    }

    #[test]
    fn debug_shows_the_length_of_the_body_and_no_more() {
        let shown = format!("{:?}", Fault::status(503).header("retry-after", "2").body("s3cret"));
        assert!(shown.contains("503") && shown.contains("retry-after"), "{shown}");
        assert!(shown.contains("[6 bytes]") && !shown.contains("s3cret"), "{shown}");
    }

    #[test]
    #[should_panic(expected = "99 is no status of a final reply")]
    fn a_status_that_http_does_not_have_is_refused() {
        let _ = Fault::status(99);
    }

    #[test]
    #[should_panic(expected = "a header that HTTP does not allow")]
    fn a_header_that_http_does_not_have_is_refused() {
        let _ = Fault::status(200).header("x", "a\r\nb: c");
    }
}
