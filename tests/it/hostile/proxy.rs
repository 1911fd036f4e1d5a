//! Proxies on the way to a TLS endpoint: what they see, and how they fail.

use std::time::Duration;

use koodrive::{ClientBuilder, ErrorKind, RetryPolicy};

use super::{first_page, good_page, says};
use crate::listing::ids;
use crate::support::tcp::{Script, ScriptedServer, Then};
use crate::support::{TOKEN, USER, client_of, error_of, tls};

const HOST: &str = "koodrive.test";

fn client_behind(proxy: &ScriptedServer) -> ClientBuilder {
    let proxy = reqwest::Proxy::https(proxy.uri()).unwrap();
    client_with(tls::trusting().proxy(proxy))
}

fn client_with(http: reqwest::ClientBuilder) -> ClientBuilder {
    client_of(&format!("https://{HOST}")).http_client(http.build().unwrap())
}

/// A proxy that opens a tunnel and is itself the good server behind it.
pub(super) fn good_proxy() -> Script {
    says("HTTP/1.1 200 OK\r\n\r\n").and(Script::secured(tls::trusted(HOST))).and(good_page())
}

/// Checks that the proxy saw the destination of requests and nothing of their content.
pub(super) fn assert_discreet(proxy: &ScriptedServer) {
    // Inside the tunnel: the handshake, and what only the server behind the proxy can decrypt.
    let requests = proxy.requests();
    let is_inside = |request: &str| request.starts_with("\u{16}") || request.starts_with("GET ");
    let connects: Vec<_> = requests.iter().filter(|request| !is_inside(request)).collect();
    assert!(!connects.is_empty());
    for connect in connects {
        assert!(connect.starts_with("CONNECT koodrive.test:443 HTTP/1.1\r\n"), "{connect}");
        assert!(![TOKEN, USER, "album"].iter().any(|secret| connect.contains(secret)));
    }
}

#[tokio::test]
async fn a_proxy_cannot_read_the_page_that_it_forwards() {
    let proxy = ScriptedServer::play([good_proxy()]).await;

    let page = first_page(client_behind(&proxy)).send().await.unwrap();

    assert_eq!(ids(page.contents()), ["1", "2"]);
    assert_eq!(proxy.requests().len(), 2);
    assert_discreet(&proxy);
}

#[tokio::test]
async fn a_failing_proxy_is_a_connect_error_and_is_retried() {
    let none = "content-length: 0\r\n\r\n";
    let refuses = |status| says(format!("HTTP/1.1 {status}\r\n{none}"));
    for (what, script) in [
        ("authentication required", refuses("407 Proxy Authentication Required")),
        ("forbidden", refuses("403 Forbidden")),
        ("bad gateway", refuses("502 Bad Gateway")),
        ("a close", Script::reads()),
        ("a reset", Script::reads().then(Then::Reset)),
        ("half a head", says("HTTP/1.1 200 O")),
        ("no HTTP", says("220 mail.example.com ESMTP\r\n")),
        ("a tunnel that ends", says("HTTP/1.1 200 OK\r\n\r\n").and_reads()),
    ] {
        let proxy = ScriptedServer::play([script.clone()]).await;
        let error = error_of(client_behind(&proxy)).await;
        let expected = (ErrorKind::Connect, true);
        assert_eq!((error.kind(), error.is_retryable()), expected, "{what}: {error}");
        assert!(!format!("{error:?}").contains("album"), "{what}: {error:?}");
        assert_discreet(&proxy);

        let proxy = ScriptedServer::play([script, good_proxy()]).await;
        let client = client_behind(&proxy).retry(RetryPolicy::default());
        let page = first_page(client).send().await.unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!((page.contents().len(), proxy.connections()), (2, 2), "{what}");
    }
}

#[tokio::test]
async fn a_silent_proxy_is_a_timeout_and_is_retried() {
    let silence = Script::reads().then(Then::Wait);
    let proxy = ScriptedServer::play([silence.clone(), silence, good_proxy()]).await;
    let uri = reqwest::Proxy::https(proxy.uri()).unwrap();
    let http = tls::trusting().proxy(uri).connect_timeout(Duration::from_millis(500));
    let client = client_with(http);

    let error = error_of(client.clone()).await;
    let page = first_page(client.retry(RetryPolicy::default())).send().await.unwrap();

    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Timeout, true), "{error}");
    assert!(!format!("{error:?}").contains("album"), "{error:?}");
    assert_eq!(page.contents().len(), 2);
    assert!(proxy.connections() >= 3);
    assert_discreet(&proxy);
}

#[tokio::test]
async fn a_proxy_that_impersonates_the_service_is_not_trusted() {
    let posing = says("HTTP/1.1 200 OK\r\n\r\n").and(Script::secured(tls::self_signed(HOST)));
    let proxy = ScriptedServer::play([posing.and(good_page())]).await;
    let client = client_behind(&proxy).retry(RetryPolicy::default());

    let error = first_page(client).send().await.unwrap_err();

    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Tls, 1), "{error}");
    assert_discreet(&proxy);
}
