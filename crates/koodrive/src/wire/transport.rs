//! What every call of the low level needs, and what its failures mean.

use std::sync::Arc;

use http::StatusCode;
use koodrive_api::{Error as ApiError, Hooks, Sending};

use crate::{
    auth::Attempt,
    calls::timeouts::Timeouts,
    error::{
        Error, ErrorKind, Result,
        codes::Codes,
        reply::{self, Sent},
        transport,
    },
    wire::clock::Clock,
    wire::endpoint::Endpoint,
};

/// The largest body that is read, in bytes after decompression: 80 times a full page.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// What carries a request to the service. A parameter, so that a simulation can do without sockets.
pub(crate) trait Wire: Send + Sync {
    fn send(&self, request: reqwest::Request) -> Sending<'_>;
}

impl Wire for reqwest::Client {
    fn send(&self, request: reqwest::Request) -> Sending<'_> {
        Box::pin(self.execute(request))
    }
}

/// Where requests go, through what, and at what time. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Transport {
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) http: reqwest::Client,
    pub(crate) wire: Arc<dyn Wire>,
    pub(crate) clock: Clock,
    pub(crate) codes: Arc<Codes>,
}

impl Transport {
    /// The low-level client for one attempt.
    pub(crate) fn api(&self, attempt: &Arc<Attempt>) -> koodrive_api::Client {
        let hooks = Hooks::new(Arc::clone(attempt) as _, BODY_LIMIT);
        koodrive_api::Client::new_with_client(&self.endpoint.base, self.http.clone(), hooks)
    }

    /// What a failed call means. Nothing of the low level's errors goes on as it is: their texts hold
    /// URLs, headers and bodies.
    pub(crate) async fn failure(&self, error: ApiError, sent: &Sent<'_>) -> Error {
        match error {
            ApiError::UnexpectedResponse(response) => reply::error(response, sent).await,
            ApiError::CommunicationError(error)
            | ApiError::ResponseBodyError(error)
            | ApiError::InvalidUpgrade(error) => transport::error(error, &self.endpoint.host),
            ApiError::InvalidResponsePayload(..) | ApiError::ErrorResponse(_) => {
                Error::new(ErrorKind::Decode, "the answer is not what the service documents")
                    .with_status(StatusCode::OK.as_u16())
            }
            // All that is sent was checked, so these do not occur.
            ApiError::InvalidRequest(_) | ApiError::Custom(_) => {
                Error::invalid("no request could be made of the arguments")
            }
        }
    }
}

const HAS_TLS: bool =
    cfg!(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"));

/// Follows no redirect and sends no referer, because both would carry secrets elsewhere; retries
/// nothing, because that is decided above, as is how long an attempt may take in all.
pub(crate) fn http_client(endpoint: &Endpoint, limits: &Timeouts) -> Result<reqwest::Client> {
    if endpoint.is_https() && !HAS_TLS {
        let message = "this program was built without TLS: enable the feature `rustls`, \
                       `rustls-no-provider` or `native-tls` of koodrive, or set `http_client` to a \
                       client that has it";
        return Err(Error::new(ErrorKind::Tls, message));
    }
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(limits.connect)
        .read_timeout(limits.read)
        // Over HTTP/2, an attempt that ran out of time leaves the next one to the same connection: one
        // that died unnoticed has to be found out before.
        .http2_keep_alive_interval(limits.read.mul_f32(0.5))
        .http2_keep_alive_timeout(limits.read.mul_f32(0.25));
    let builder = if endpoint.is_loopback { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| {
        let message = "TLS cannot be set up; check the system's root certificates";
        Error::new(ErrorKind::Tls, message).with_source(error.without_url())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says something only without the default features; the public CI runs it so, too.
    #[test]
    fn without_tls_a_secure_endpoint_is_refused_at_once() {
        let client = |url| http_client(&Endpoint::parse(url, false)?, &Timeouts::default());
        assert!(client("http://127.0.0.1:1").is_ok());
        let secure = client("https://127.0.0.1:1").map_err(|error| error.kind());
        assert_eq!(secure.err(), (!HAS_TLS).then_some(ErrorKind::Tls));
    }
}
