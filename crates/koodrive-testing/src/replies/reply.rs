//! A reply, still without a socket. It knows nothing of what it answers.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, DATE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde::Serialize;

use crate::dates;
use crate::replies::fault::{Basis, Fault};
use crate::storage::content::Content;

/// A status, headers, and the bytes of a content that follow them.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) content: Content,
    pub(crate) span: Range<u64>,
    pub(crate) delay: Duration,
    /// Bytes a second.
    pub(crate) rate: Option<u64>,
    /// The bytes of the body after which the connection is lost.
    pub(crate) cut_after: Option<u64>,
    /// Counts the bytes of the body that were sent.
    pub(crate) sent: Arc<AtomicU64>,
}

impl Reply {
    /// A reply whose body is these bytes of the content.
    pub(crate) fn new(status: StatusCode, content: Content, span: Range<u64>) -> Self {
        let length = HeaderValue::from(span.end.saturating_sub(span.start));
        let headers = HeaderMap::from_iter([(CONTENT_LENGTH, length)]);
        let (delay, rate, cut_after) = (Duration::ZERO, None, None);
        Self { status, headers, content, span, delay, rate, cut_after, sent: Arc::default() }
    }

    pub(crate) fn whole(status: StatusCode, body: impl Into<Vec<u8>>) -> Self {
        let content = Content::Held(body.into().into());
        let length = content.length();
        Self::new(status, content, 0..length)
    }

    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        // Serialising cannot fail: all keys are strings.
        Self::whole(status, serde_json::to_vec(body).unwrap_or_default())
    }

    pub(crate) fn ok(body: &impl Serialize) -> Self {
        Self::json(StatusCode::OK, body)
    }

    /// Sets a header that is not set, if there is a value and HTTP allows it.
    pub(crate) fn with<'a>(mut self, name: HeaderName, value: impl Into<Option<&'a str>>) -> Self {
        if let Some(Ok(value)) = value.into().map(HeaderValue::from_str) {
            self.headers.entry(name).or_insert(value);
        }
        self
    }

    /// The server's own reply, or what a fault makes of it, with `defaults` that the fault may leave out; `None` if
    /// no reply is sent.
    pub(crate) fn altered(
        own: impl FnOnce() -> Self,
        fault: Option<&Fault>,
        defaults: impl FnOnce(Self) -> Self,
    ) -> Option<Self> {
        let Some(fault) = fault else { return Some(defaults(own())) };
        let mut reply = match fault.basis {
            Basis::OwnReply => own(),
            Basis::Status(status) => Self::whole(status, fault.body.clone()),
            Basis::LostConnection => return None,
        };
        reply = defaults(reply);
        for name in fault.headers.keys().chain(&fault.removed_headers) {
            reply.headers.remove(name);
        }
        reply.headers.extend(fault.headers.clone());
        if !reply.may_have_length() {
            reply.headers.remove(CONTENT_LENGTH);
        }
        let Fault { delay, rate, cut_after, .. } = *fault;
        Some(Self { delay, rate, cut_after, ..reply })
    }

    /// HTTP forbids a length without a body, and beside chunks.
    fn may_have_length(&self) -> bool {
        let has_body = ![StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&self.status);
        has_body && !self.headers.contains_key(TRANSFER_ENCODING)
    }

    /// Stamps the server's time.
    pub(crate) fn dated(self, now: Timestamp) -> Self {
        self.with(DATE, dates::http(now).as_deref())
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
        let reply = Reply::altered(|| unreachable!(), Some(&fault), |reply| reply).unwrap();
        assert_eq!(reply.status, 503);
        assert_eq!(reply.headers.get("retry-after").unwrap(), "2");
        assert_eq!(reply.headers.get("x-note").unwrap().as_bytes(), "é".as_bytes());
        assert_eq!((&*reply.content.piece(0), reply.delay), (&b"text"[..], fault.delay));
    }
}
