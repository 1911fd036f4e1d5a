//! A reply of the storage, still without a socket.

use std::ops::Range;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;

use crate::dates;
use crate::replies::fault::{Basis, Fault};
use crate::storage::content::Content;

/// A status, headers, and the bytes of a content that follow them.
pub(crate) struct StorageReply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) content: Content,
    pub(crate) span: Range<u64>,
    pub(crate) delay: Duration,
    /// Bytes a second.
    pub(crate) rate: Option<u64>,
    /// The bytes of the body after which the connection is lost.
    pub(crate) cut_after: Option<u64>,
}

impl StorageReply {
    /// A reply whose body is these bytes of the content.
    pub(crate) fn new(status: StatusCode, content: Content, span: Range<u64>) -> Self {
        let length = HeaderValue::from(span.end.saturating_sub(span.start));
        let headers = HeaderMap::from_iter([(CONTENT_LENGTH, length)]);
        let (delay, rate, cut_after) = (Duration::ZERO, None, None);
        Self { status, headers, content, span, delay, rate, cut_after }
    }

    pub(crate) fn whole(status: StatusCode, body: impl Into<Vec<u8>>) -> Self {
        let content = Content::Held(body.into().into());
        let length = content.length();
        Self::new(status, content, 0..length)
    }

    /// A refusal, with the `code` and the words of an object store.
    pub(crate) fn refusal(status: StatusCode, code: &str, message: &str) -> Self {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <Error><Code>{code}</Code><Message>{message}</Message></Error>"
        );
        Self::whole(status, body).with(CONTENT_TYPE, "application/xml")
    }

    /// Sets a header, unless HTTP does not allow its value.
    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// What a fault makes of the server's own reply; `None` if no reply is sent.
    pub(crate) fn altered(own: impl FnOnce() -> Self, fault: &Fault) -> Option<Self> {
        let mut reply = match fault.basis {
            Basis::OwnReply => own(),
            Basis::Status(status) => Self::whole(status, fault.body.clone()),
            Basis::LostConnection => return None,
        };
        for name in fault.headers.keys().chain(&fault.removed_headers) {
            reply.headers.remove(name);
        }
        reply.headers.extend(fault.headers.clone());
        let Fault { delay, rate, cut_after, .. } = *fault;
        Some(Self { delay, rate, cut_after, ..reply })
    }

    /// Stamps the server's time.
    pub(crate) fn dated(self, now: Timestamp) -> Self {
        match dates::http(now) {
            Some(date) if !self.headers.contains_key(DATE) => self.with(DATE, &date),
            _ => self,
        }
    }
}
