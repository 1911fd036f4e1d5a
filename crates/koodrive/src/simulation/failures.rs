//! Genuine errors of reqwest, which has no constructor for them, without a socket.

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

/// Knows no names. For one of them, it never answers.
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

/// Makes requests that reach nobody.
pub(super) static HTTP: LazyLock<Client> = LazyLock::new(|| {
    let client = Client::builder().no_proxy().dns_resolver(Arc::new(Resolver));
    client.retry(reqwest::retry::never()).build().unwrap()
});

/// No connection.
pub(super) async fn refused() -> reqwest::Error {
    HTTP.get(UNKNOWN).send().await.unwrap_err()
}

/// No response within `after`.
pub(super) async fn timed_out(after: Duration) -> reqwest::Error {
    HTTP.get(SILENT).timeout(after).send().await.unwrap_err()
}

/// The connection breaks.
pub(super) async fn lost() -> reqwest::Error {
    let response = Response::from(http::Response::new(breaking(Bytes::new())));
    response.bytes().await.unwrap_err()
}

/// A body that breaks after `start`.
pub(super) fn breaking(start: Bytes) -> Body {
    let broken = Err(io::Error::from(io::ErrorKind::ConnectionReset));
    Body::wrap(StreamBody::new(stream::iter([Ok(Frame::data(start)), broken])))
}

/// A body in two parts. The second arrives after `pause`, or never.
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
