//! A request as it was received: a plain record, which everything above reads.

use std::fmt;
use std::time::Instant;

use bytes::Bytes;
use http::HeaderValue;

use crate::requests::query;
use crate::requests::route::{self, Call};

/// A request as the server received it.
///
/// `Debug` leaves out the `Authorization` header, the cursor, the signature of a download link and the
/// body.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceivedRequest {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Bytes,
    received_at: Instant,
}

impl ReceivedRequest {
    pub(crate) fn new(parts: &http::request::Parts, body: Bytes) -> Self {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), text(value)));
        Self {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: headers.collect(),
            body,
            received_at: Instant::now(),
        }
    }

    /// The method, in upper case.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path, still percent-encoded.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The query, without its `?` and still percent-encoded. Empty if there is none.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The decoded value of a query parameter such as `pageSize`. If it is repeated, the first one.
    pub fn parameter(&self, name: &str) -> Option<String> {
        query::first(&self.query, name)
    }

    /// The decoded `pageCursor`; `None` if there is none.
    pub fn cursor(&self) -> Option<String> {
        self.parameter("pageCursor")
    }

    /// The decoded id of the requested album; `None` if this is not a list request.
    pub fn album_id(&self) -> Option<String> {
        let is_list = route::route(&self.method, &self.path) == Some(Call::List);
        is_list.then(|| route::album_id(&self.path)).flatten()
    }

    /// When the request was received, on the monotonic clock.
    pub fn received_at(&self) -> Instant {
        self.received_at
    }

    /// The headers in the order received, with names in lower case. Headers with the same name are
    /// adjacent. Bytes that are not UTF-8 are replaced.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The first header with this name, whose case is ignored.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut same = self.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
        same.next().map(|(_, value)| value.as_str())
    }

    /// The value of a header that occurs exactly once. `name` is in lower case.
    pub(crate) fn single_header(&self, name: &str) -> Option<&str> {
        let mut same = self.headers.iter().filter(|(found, _)| found == name);
        same.next().filter(|_| same.next().is_none()).map(|(_, value)| value.as_str())
    }

    /// Not public: the body of a refresh is secret.
    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Debug for ReceivedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(name, value): &(String, String)| match name.as_str() {
            "authorization" => (name.clone(), "[redacted]".to_owned()),
            _ => (name.clone(), value.clone()),
        };
        f.debug_struct("ReceivedRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &query::redacted(&self.query))
            .field("headers", &self.headers.iter().map(shown).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn received(
        method: &str,
        path: &str,
        query: &str,
        headers: &[(&str, &str)],
    ) -> ReceivedRequest {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        ReceivedRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers.iter().map(owned).collect(),
            body: Bytes::new(),
            received_at: Instant::now(),
        }
    }

    pub(crate) fn received_with_body(
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> ReceivedRequest {
        ReceivedRequest { body: body.to_owned().into(), ..received(method, path, "", headers) }
    }

    const LIST: &str = "/koodrive/ose/v1/album/1/list";

    const REFRESH: &str = "/koodrive/ose/v1/auth/refreshToken";

    #[test]
    fn debug_shows_no_body() {
        let request = received_with_body("POST", REFRESH, &[], "s3cret");
        let bytes = format!("{:?}", request.body());
        for shown in [format!("{request:?}"), format!("{request:#?}")] {
            assert!(!shown.contains("s3cret") && !shown.contains(&bytes), "{shown}");
        }
    }

    #[test]
    fn debug_shows_neither_the_authorization_nor_the_cursor() {
        let headers = [("authorization", "Bearer t0ken"), ("x-user-id", "17")];
        let request = received("GET", LIST, "pageCursor=s3cret&sortType=1", &headers);
        for shown in [format!("{request:?}"), format!("{request:#?}")] {
            assert!(!shown.contains("t0ken") && !shown.contains("s3cret"), "{shown}");
            assert!(shown.contains("sortType=1") && shown.contains("x-user-id"), "{shown}");
        }
    }

    #[test]
    fn the_case_of_a_header_name_is_ignored() {
        let request = received("GET", LIST, "", &[("x-date", "a"), ("x-date", "b")]);
        assert_eq!(request.header("X-Date"), Some("a"));
        assert_eq!(request.header("X-Dat"), None);
    }
}
