//! A reply, and the headers that every reply has. It knows nothing of what it answers.

use std::time::Duration;

use http::header::{CONTENT_TYPE, DATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use wiremock::ResponseTemplate;

use crate::dates;

/// A reply, still without its default headers.
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
        // Serialising cannot fail: all keys are strings.
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self { status, headers: HeaderMap::new(), body, delay: Duration::ZERO }
    }

    /// Adds the default headers. `now` is the server's time.
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
