//! Where requests go and through which HTTP client, and what a failed call of the low level means.

use std::{sync::Arc, time::Duration};

use http::StatusCode;
use koodrive_api::{Error as ApiError, Exchange, Hooks, Sending};

use super::{clock::Clock, endpoint::Endpoint, recent::Recent};
use crate::error::{
    Error, ErrorKind, Result,
    codes::Codes,
    response::{self, Sent},
    transport,
};

/// The largest body that is read, in bytes after decompression: 80 times a full page.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// Sends requests. A trait, so that a simulation needs no sockets.
pub(crate) trait HttpService: Send + Sync {
    fn send(&self, request: reqwest::Request) -> Sending<'_>;
}

impl HttpService for reqwest::Client {
    fn send(&self, request: reqwest::Request) -> Sending<'_> {
        Box::pin(self.execute(request))
    }
}

/// What every exchange needs. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Transport {
    pub(crate) endpoint: Arc<Endpoint>,
    /// Builds the requests that `service` sends.
    pub(crate) http: reqwest::Client,
    pub(crate) service: Arc<dyn HttpService>,
    pub(crate) clock: Clock,
    pub(crate) codes: Arc<Codes>,
    pub(crate) recent: Recent,
}

impl Transport {
    /// Requests are sent by `http` itself.
    pub(crate) fn new(
        endpoint: Endpoint,
        http: reqwest::Client,
        clock: Clock,
        codes: Codes,
    ) -> Self {
        Self {
            endpoint: Arc::new(endpoint),
            service: Arc::new(http.clone()),
            http,
            clock,
            codes: Arc::new(codes),
            recent: Recent::default(),
        }
    }

    /// The low-level client for one exchange.
    pub(super) fn api(&self, exchange: Arc<dyn Exchange>) -> koodrive_api::Client {
        let hooks = Hooks::new(exchange, BODY_LIMIT);
        koodrive_api::Client::new_with_client(&self.endpoint.base, self.http.clone(), hooks)
    }

    /// What a failed call means. No error of the low level is passed on: their texts hold URLs, headers
    /// and bodies.
    pub(super) async fn failure(&self, error: ApiError, sent: &Sent<'_>) -> Error {
        match error {
            ApiError::UnexpectedResponse(response) => response::error(response, sent).await,
            ApiError::CommunicationError(error)
            | ApiError::ResponseBodyError(error)
            | ApiError::InvalidUpgrade(error) => transport::error(error, &self.endpoint.host),
            ApiError::InvalidResponsePayload(..) | ApiError::ErrorResponse(_) => {
                Error::undocumented().with(|facts| facts.status = Some(StatusCode::OK.as_u16()))
            }
            // Arguments are checked before, so these do not occur.
            ApiError::InvalidRequest(_) | ApiError::Custom(_) => {
                Error::invalid("the arguments do not form a valid request")
            }
        }
    }
}

const HAS_TLS: bool =
    cfg!(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"));

/// The service's HTTP client.
pub(crate) fn http_client(
    endpoint: &Endpoint,
    connect: Duration,
    read: Duration,
) -> Result<reqwest::Client> {
    ensure_tls(endpoint.is_https(), "http_client")?;
    built(client_builder(connect, read, endpoint.is_loopback))
}

/// Fails if TLS is needed and there is none. `setting` takes a client that has TLS.
pub(super) fn ensure_tls(is_needed: bool, setting: &str) -> Result<()> {
    if HAS_TLS || !is_needed {
        return Ok(());
    }
    let message = format!(
        "this program was built without TLS: enable one of koodrive's features `rustls`, \
         `rustls-no-provider` and `native-tls`, or set `{setting}` to a client that has TLS"
    );
    Err(Error::new(ErrorKind::Tls, message))
}

/// Follows no redirect and sends no referer, because both would carry secrets elsewhere. Retries and the
/// time limit of an attempt are not its concern. This machine itself is reached without a proxy.
pub(super) fn client_builder(
    connect: Duration,
    read: Duration,
    is_loopback: bool,
) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(connect)
        .read_timeout(read)
        // Over HTTP/2, the attempt after a timeout uses the same connection. A dead connection has to be
        // detected before that.
        .http2_keep_alive_interval(read.mul_f32(0.5))
        .http2_keep_alive_timeout(read.mul_f32(0.25));
    if is_loopback { builder.no_proxy() } else { builder }
}

pub(super) fn built(builder: reqwest::ClientBuilder) -> Result<reqwest::Client> {
    builder.build().map_err(|error| {
        let message = "cannot set up TLS; check the system's root certificates";
        Error::new(ErrorKind::Tls, message)
            .with(|facts| facts.source = Some(error.without_url().into()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Only meaningful without the default features; the public CI runs it that way, too.
    #[test]
    fn without_tls_a_secure_endpoint_is_refused_at_once() {
        let client = |url| http_client(&Endpoint::parse(url, false)?, Duration::MAX, Duration::MAX);
        assert!(client("http://127.0.0.1:1").is_ok());
        let secure = client("https://127.0.0.1:1").map_err(|error| error.kind());
        assert_eq!(secure.err(), (!HAS_TLS).then_some(ErrorKind::Tls));
    }
}
