//! What goes back: a page, a refusal in the service's words, and the headers of every reply.
//!
//! Why a request is refused is decided elsewhere; here is only how the service says it.

use std::time::Duration;

use http::header::{CONTENT_TYPE, DATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use wiremock::ResponseTemplate;

use crate::dates;

/// A reply before the headers that every reply has.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) delay: Duration,
}

impl Reply {
    pub(crate) fn ok(body: &impl Serialize) -> Self {
        Self::json(StatusCode::OK, body)
    }

    pub(crate) fn with_delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        // These always serialise: what keys they hold are texts.
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self { status, headers: HeaderMap::new(), body, delay: Duration::ZERO }
    }

    /// The reply with the headers that it does not bring itself. `now` is the server's own.
    pub(crate) fn into_template(mut self, now: Timestamp) -> ResponseTemplate {
        let json = HeaderValue::from_static("application/json");
        self.headers.entry(CONTENT_TYPE).or_insert(json);
        let date = dates::http(now).and_then(|date| HeaderValue::try_from(date).ok());
        if let Some(date) = date {
            self.headers.entry(DATE).or_insert(date);
        }
        let headers = self.headers.iter().map(|(name, value)| (name.clone(), value.clone()));
        ResponseTemplate::new(self.status)
            .append_headers(headers)
            .set_body_bytes(self.body)
            .set_delay(self.delay)
    }
}
