//! Genuine errors of reqwest, for it has no constructor for them, and without a socket.

use std::{
    io,
    sync::{Arc, LazyLock},
    time::Duration,
};

use bytes::Bytes;
use futures::stream;
use http_body::Frame;
use http_body_util::StreamBody;
use reqwest::{
    Body, Client, Response,
    dns::{Name, Resolve, Resolving},
};

const SILENT: &str = "http://silent.invalid";
const UNKNOWN: &str = "http://unknown.invalid";

/// Knows no name, and of one does not even say that.
struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let is_silent = SILENT.ends_with(name.as_str());
        Box::pin(async move {
            if is_silent {
                std::future::pending::<()>().await;
            }
            Err(io::Error::from(io::ErrorKind::NotFound).into())
        })
    }
}

/// Makes requests, and reaches nobody.
pub(super) static HTTP: LazyLock<Client> = LazyLock::new(|| {
    let client = Client::builder().no_proxy().dns_resolver(Arc::new(Resolver));
    client.retry(reqwest::retry::never()).build().unwrap()
});

/// Nobody answers at the address.
pub(super) async fn refused() -> reqwest::Error {
    HTTP.get(UNKNOWN).send().await.unwrap_err()
}

/// Nothing came for so long.
pub(super) async fn timed_out(after: Duration) -> reqwest::Error {
    HTTP.get(SILENT).timeout(after).send().await.unwrap_err()
}

/// The connection broke.
pub(super) async fn lost() -> reqwest::Error {
    let response = Response::from(http::Response::new(breaking(Bytes::new())));
    response.bytes().await.unwrap_err()
}

/// A body that breaks off after `start`.
pub(super) fn breaking(start: Bytes) -> Body {
    let broken = Err(io::Error::from(io::ErrorKind::ConnectionReset));
    Body::wrap(StreamBody::new(stream::iter([Ok(Frame::data(start)), broken])))
}

/// A body that comes in two parts, the second after a while; for ever, if it never comes.
pub(super) fn halting(body: &Bytes, at: usize, pause: Option<Duration>) -> Body {
    let (start, rest) = (body.slice(..at), body.slice(at..));
    let rest = stream::once(async move {
        match pause {
            Some(pause) => tokio::time::sleep(pause).await,
            None => std::future::pending().await,
        }
        Ok::<_, io::Error>(Frame::data(rest))
    });
    let start = stream::iter([Ok(Frame::data(start))]);
    Body::wrap(StreamBody::new(futures::StreamExt::chain(start, rest)))
}
