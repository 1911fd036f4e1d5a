//! Steps before every request is sent, and after every response.
//!
//! The step before cannot fail: its error could only be a `String`. So credentials are resolved and
//! inputs checked before the generated method is called.

use std::{fmt, pin::Pin, sync::Arc};

use bytes::{Bytes, BytesMut};
use http::{
    StatusCode,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
};
use http_body_util::{BodyExt as _, Limited};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use progenitor_client::{ClientHooks, ClientInfo, Error, OperationInfo};
use reqwest::{Body, Request, Response, Url};

use crate::generated::Client;

/// A request in flight.
pub type Sending<'a> = Pin<Box<dyn Future<Output = reqwest::Result<Response>> + Send + 'a>>;

/// The steps of an exchange that the OpenAPI document cannot describe.
pub trait Exchange: Send + Sync {
    /// Returns the `Authorization` value for `request`, or `None` for a request that has none. Its method,
    /// URL and other headers are final.
    fn authorize(&self, request: &Request) -> Option<HeaderValue>;

    /// Sends `request`, which is complete.
    fn send(&self, request: Request) -> Sending<'_>;

    /// Called with the headers of the response, before its body is read.
    fn received(&self, headers: &HeaderMap);

    /// Called with the complete body of a response with status 200, before it is decoded.
    fn received_body(&self, body: &Bytes);
}

/// The state of one [`Client`]'s hooks. Cheap to clone.
#[derive(Clone)]
pub struct Hooks {
    exchange: Arc<dyn Exchange>,
    body_limit: usize,
}

impl Hooks {
    /// Creates hooks that authorise and send requests through `exchange`. A response body of more than
    /// `body_limit` bytes after decompression fails with [`http_body_util::LengthLimitError`].
    pub fn new(exchange: Arc<dyn Exchange>, body_limit: usize) -> Self {
        Self { exchange, body_limit }
    }
}

/// Prints no field: the generated client derives `Debug`, and would print secrets.
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
        if let Some(mut authorization) = self.inner().exchange.authorize(request) {
            authorization.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, authorization);
        }
        mark_sensitive(request.headers_mut());
        Ok(())
    }

    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        let Hooks { exchange, body_limit } = self.inner();
        let response = exchange.send(request).await?;
        exchange.received(response.headers());
        let response = limit_body(response, *body_limit);
        if response.status() != StatusCode::OK {
            return Ok(response);
        }
        // Read here to keep the bytes: even a body that decodes may not be a page.
        let (head, body) = http::Response::from(response).into_parts();
        let body = read(body).await?;
        exchange.received_body(&body);
        Ok(http::Response::from_parts(head, Body::from(body)).into())
    }
}

/// The characters that a query percent-encodes: all except the unreserved ones of RFC 3986.
pub const RESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Rewrites the query by RFC 3986, which the signing rule requires and every server understands.
/// reqwest encodes it like a form, which differs in three characters.
fn respell_query(url: &mut Url) {
    let Some(query) = url.query() else { return };
    if query.contains(['+', '*']) || query.contains("%7E") {
        let spelt = query.replace('+', "%20").replace('*', "%2A").replace("%7E", "~");
        url.set_query(Some(&spelt));
    }
}

/// Keeps values that identify the user or the request out of every `Debug` of the request, and out of
/// the header compression tables of HTTP/2.
fn mark_sensitive(headers: &mut HeaderMap) {
    for name in ["x-user-id", "x-date", "x-traceid"] {
        if let Some(value) = headers.get_mut(name) {
            value.set_sensitive(true);
        }
    }
}

/// Pieces are held up to these limits, and joined at the end without a byte to spare.
const MOST_BYTES: usize = 1024 * 1024;
/// What is tiny may hold a larger buffer.
const MOST_PIECES: usize = 256;

/// Returns a single piece without copying it. A body beyond the limits is joined as it arrives: joined at
/// the end, it would take twice the memory.
async fn read(mut body: Body) -> reqwest::Result<Bytes> {
    let (mut pieces, mut held) = (Vec::new(), 0_usize);
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame?.into_data() else { continue };
        held = held.saturating_add(piece.len());
        pieces.push(piece);
        if held > MOST_BYTES || pieces.len() > MOST_PIECES || !whole.is_empty() {
            whole.extend(pieces.drain(..));
        }
    }
    if let [piece] = pieces.as_slice() {
        return Ok(piece.clone());
    }
    if whole.is_empty() {
        whole.reserve(held);
        whole.extend(pieces);
    }
    Ok(whole.freeze())
}

fn limit_body(response: Response, limit: usize) -> Response {
    let announced = response.content_length().unwrap_or(0);
    let is_too_long = usize::try_from(announced).map_or(true, |length| length > limit);
    http::Response::from(response)
        .map(|body: Body| match is_too_long {
            false => Body::wrap(Limited::new(body, limit)),
            // Fails at once, even if no byte of the body ever arrives.
            true => Body::wrap(Limited::new(Body::from("too long"), 0)),
        })
        .into()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http_body::Frame;
    use http_body_util::StreamBody;

    use super::*;

    #[test]
    fn a_query_is_encoded_by_rfc_3986() {
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
    fn a_url_without_a_query_is_not_changed() {
        let mut url = Url::parse("https://example.com/list").unwrap();
        respell_query(&mut url);
        assert_eq!(url.as_str(), "https://example.com/list");
    }

    #[tokio::test]
    async fn pieces_are_joined_in_order_however_many_and_large_they_are() {
        for (count, size) in
            [(0, 1), (1, 9), (3, 7), (2_000, 1), (257, 1), (5, 600_000), (2, 1_048_577)]
        {
            let pieces: Vec<_> = (0..count)
                .map(|n: usize| Bytes::from(vec![u8::try_from(n % 251).unwrap(); size]))
                .collect();
            let whole = pieces.concat();
            let frames = pieces.into_iter().map(|piece| Ok::<_, Infallible>(Frame::data(piece)));
            let body = StreamBody::new(futures::stream::iter(frames));
            assert_eq!(read(Body::wrap(body)).await.unwrap(), whole, "{count} of {size}");
        }
    }
}
