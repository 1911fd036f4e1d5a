//! Faults: replies that a test sends instead of the server's own.
//!
//! A fault holds exactly what goes over the wire. When it is sent is up to the script.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::replies::reply::Reply;

/// A reply that replaces the server's own, once.
///
/// Its only headers are the server's `Date` and `content-type: application/json`;
/// [`header`](Self::header) adds others and can replace these two. `Debug` prints only the length of
/// the body.
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
#[must_use = "a fault does nothing until it is passed to a method such as `AlbumServerBuilder::fault`"]
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
    /// If the status is not that of a final reply, 200 to 999.
    #[track_caller]
    pub fn status(status: u16) -> Self {
        let known = StatusCode::from_u16(status).ok().filter(|s| !s.is_informational());
        assert!(known.is_some(), "{status} is not the status of a final reply (200 to 999)");
        Self {
            status: known.unwrap_or_default(),
            headers: HeaderMap::new(),
            body: Vec::new(),
            delay: Duration::ZERO,
        }
    }

    /// Adds a header. A second one with the same name does not replace the first.
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

    /// Sets the body, text or bytes. It is sent unchanged.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Delays the first byte of the reply.
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

/// A body may hold secrets, such as a token or a pre-signed URL.
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
    fn a_fault_becomes_the_reply_unchanged() {
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
