//! What happens to every request just before it is sent, and to every response just after.
//!
//! Nothing here can fail: credentials are resolved, and inputs checked, before the generated method
//! is called, because a hook's error could only be a `String`.

use std::{fmt, sync::Arc};

use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use http_body_util::Limited;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use progenitor_client::{ClientHooks, ClientInfo, Error, OperationInfo};
use reqwest::{Body, Request, Response, Url};

use crate::generated::Client;

/// Authorises a request that is otherwise complete, at the last moment before it is sent.
pub trait Authorize: Send + Sync {
    /// The value of `Authorization` for `request`, whose method, URL and other headers are final.
    fn authorize(&self, request: &Request) -> HeaderValue;
}

/// What the hooks of one [`Client`] need; cheap to clone.
#[derive(Clone)]
pub struct Hooks {
    authorize: Arc<dyn Authorize>,
    body_limit: usize,
}

impl Hooks {
    /// Requests are authorised by `authorize`; a response body of more than `body_limit` bytes,
    /// counted after decompression, ends in [`http_body_util::LengthLimitError`].
    pub fn new(authorize: Arc<dyn Authorize>, body_limit: usize) -> Self {
        Self { authorize, body_limit }
    }
}

/// Says nothing: the generated client derives `Debug` and would print what is in here.
impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").finish_non_exhaustive()
    }
}

impl ClientHooks<Hooks> for Client {
    async fn pre<E>(&self, request: &mut Request, _: &OperationInfo) -> Result<(), Error<E>> {
        // The generator always adds it; the service documents no such header.
        request.headers_mut().remove("api-version");
        respell_query(request.url_mut());
        let mut authorization = self.inner().authorize.authorize(request);
        authorization.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, authorization);
        mark_sensitive(request.headers_mut());
        Ok(())
    }

    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        let response = self.client().execute(request).await?;
        Ok(limit_body(response, self.inner().body_limit))
    }
}

/// The signing rule and every server agree on RFC 3986; form encoding (`+` for a space, a bare `*`,
/// `%7E`) is what reqwest does. One spelling serves both the signature and the wire.
fn respell_query(url: &mut Url) {
    const RESERVED: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    let spell = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
    let pairs: Vec<String> = url
        .query_pairs()
        .map(|(name, value)| format!("{}={}", spell(&name), spell(&value)))
        .collect();
    if !pairs.is_empty() {
        url.set_query(Some(&pairs.join("&")));
    }
}

/// Keeps the values that tell who asks out of every `Debug` of the request, and out of HTTP/2's
/// header compression tables.
fn mark_sensitive(headers: &mut HeaderMap) {
    for name in ["x-user-id", "x-date", "x-traceid"] {
        if let Some(value) = headers.get_mut(name) {
            value.set_sensitive(true);
        }
    }
}

fn limit_body(response: Response, limit: usize) -> Response {
    let announced = response.content_length().unwrap_or(0);
    // A body that is announced as too long fails at its first byte, not after `limit` of them.
    let limit =
        if usize::try_from(announced).is_ok_and(|length| length <= limit) { limit } else { 0 };
    http::Response::from(response).map(|body: Body| Body::wrap(Limited::new(body, limit))).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_spelt_as_rfc_3986_wants_it() {
        for (value, spelt) in [
            ("a b+c/d=e&f#g%h~i*j", "a%20b%2Bc%2Fd%3De%26f%23g%25h~i%2Aj"),
            ("é\0|'\"", "%C3%A9%00%7C%27%22"),
            ("", ""),
        ] {
            let mut url = Url::parse("https://example.com/list").unwrap();
            url.query_pairs_mut().append_pair("pageCursor", value);
            respell_query(&mut url);
            assert_eq!(url.query(), Some(format!("pageCursor={spelt}").as_str()));
        }
    }

    #[test]
    fn a_url_without_a_query_stays_without() {
        let mut url = Url::parse("https://example.com/list").unwrap();
        respell_query(&mut url);
        assert_eq!(url.as_str(), "https://example.com/list");
    }
}
