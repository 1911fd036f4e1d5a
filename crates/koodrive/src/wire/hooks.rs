//! What the hooks of the low-level client do for one exchange, and what they learn from it.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use koodrive_api::{Exchange, Sending};

use super::{
    authorization::Authorization,
    clock::Clock,
    transport::{HttpService, Transport},
};
use crate::error::text::Redactor;

pub(super) struct ExchangeHooks {
    authorization: Authorization,
    clock: Clock,
    http: Arc<dyn HttpService>,
    /// The header that was sent, if there was one.
    shown: OnceLock<HeaderValue>,
    head: OnceLock<HeaderMap>,
    body: OnceLock<Bytes>,
}

impl ExchangeHooks {
    pub(super) fn new(authorization: Authorization, transport: &Transport) -> Self {
        Self {
            authorization,
            clock: transport.clock.clone(),
            http: Arc::clone(&transport.service),
            shown: OnceLock::new(),
            head: OnceLock::new(),
            body: OnceLock::new(),
        }
    }

    /// The headers of the response, if there was one. The low level's errors do not keep them.
    pub(super) fn head(&self) -> HeaderMap {
        self.head.get().cloned().unwrap_or_default()
    }

    /// The body of a 200, if one arrived.
    pub(super) fn body(&self) -> Bytes {
        self.body.get().cloned().unwrap_or_default()
    }

    /// Hides the authorization that was sent, and `others`.
    pub(super) fn redactor<'a>(&'a self, others: Vec<&'a str>) -> Redactor {
        let shown = self.shown.get().and_then(|value| value.to_str().ok());
        Redactor::default().and(shown.into_iter().chain(others))
    }
}

impl Exchange for ExchangeHooks {
    fn authorize(&self, request: &reqwest::Request) -> Option<HeaderValue> {
        let value = self.authorization.header(request)?;
        Some(self.shown.get_or_init(|| value).clone())
    }

    fn send(&self, request: reqwest::Request) -> Sending<'_> {
        self.http.send(request)
    }

    fn received(&self, head: &HeaderMap) {
        self.clock.learn(head);
        self.head.get_or_init(|| head.clone());
    }

    fn received_body(&self, body: &Bytes) {
        self.body.get_or_init(|| body.clone());
    }
}
