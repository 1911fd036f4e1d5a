//! One try of one operation. How its authorization was obtained, and whether another try follows, is
//! decided elsewhere.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use koodrive_api::{Error as ApiError, Exchange, Sending};

use super::{
    authorization::Authorization,
    operation::{Answer, Operation},
    transport::Transport,
};
use crate::error::{
    Result,
    response::{self, Sent},
    text::Redactor,
};

pub(crate) async fn exchange<O: Operation>(
    transport: &Transport,
    operation: &O,
    authorization: Authorization,
    trace_id: &str,
) -> Result<O::Output> {
    let date = transport.clock.stamp();
    let hooks = Arc::new(ExchangeHooks {
        authorization,
        transport: transport.clone(),
        shown: OnceLock::new(),
        head: OnceLock::new(),
        body: OnceLock::new(),
    });
    transport.recent.remember(operation.secrets());
    let api = transport.api(Arc::clone(&hooks) as _);
    let sent = || Sent {
        date: O::IS_DATED.then_some(date.instant),
        is_page: O::IS_PAGE,
        redactor: hooks.redactor(operation.secrets()),
        codes: &transport.codes,
    };
    let wire = match operation.send(&api, &date.text, trace_id).await {
        Ok(reply) => Some(reply.into_inner()),
        // The body of a 200: the document that the client is generated from declares no other.
        Err(ApiError::InvalidResponsePayload(..)) => None,
        Err(error) => return Err(transport.failure(error, &sent()).await),
    };
    let body = hooks.body.get().cloned().unwrap_or_default();
    let answer = operation.decode(wire, &body);
    let status = Some(StatusCode::OK.as_u16());
    match answer.map_err(|error| error.with(|facts| facts.status = status))? {
        Answer::Output(output) => Ok(output),
        Answer::Refusal(error) => {
            let head = hooks.head.get().cloned().unwrap_or_default();
            Err(response::refusal(StatusCode::OK, &head, error, &body, &sent()))
        }
    }
}

/// What the hooks of the low-level client do for one exchange, and what they learn from it.
struct ExchangeHooks {
    authorization: Authorization,
    transport: Transport,
    /// The header that was sent, if there was one.
    shown: OnceLock<HeaderValue>,
    /// Of the response, if there was one. The low level's errors do not keep it.
    head: OnceLock<HeaderMap>,
    /// Of a 200, if one arrived.
    body: OnceLock<Bytes>,
}

impl ExchangeHooks {
    /// Hides the authorization that was sent, `others`, and what was sent lately.
    fn redactor(&self, others: Vec<&str>) -> Redactor {
        let shown = self.shown.get().and_then(|value| value.to_str().ok());
        let recent = self.transport.recent.all();
        Redactor::default()
            .and(shown.into_iter().chain(others).chain(recent.iter().map(String::as_str)))
    }
}

impl Exchange for ExchangeHooks {
    fn authorize(&self, request: &reqwest::Request) -> Option<HeaderValue> {
        let value = self.authorization.header(request)?;
        self.transport.recent.remember(value.to_str());
        Some(self.shown.get_or_init(|| value).clone())
    }

    fn send(&self, request: reqwest::Request) -> Sending<'_> {
        self.transport.service.send(request)
    }

    fn received(&self, head: &HeaderMap) {
        self.transport.clock.learn(head);
        self.head.get_or_init(|| head.clone());
    }

    fn received_body(&self, body: &Bytes) {
        self.body.get_or_init(|| body.clone());
    }
}
