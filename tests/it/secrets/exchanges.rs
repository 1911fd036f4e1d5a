//! Exchanges that break off, time out or never begin.

use std::time::Duration;

use super::{breaks, client_of, printed};
use crate::support::tcp::{ScriptedServer, Then};
use crate::support::{patience, refusing};

#[tokio::test]
async fn broken_exchanges_print_no_secret() {
    for (what, bytes, then) in breaks() {
        let server = ScriptedServer::start(bytes, then).await;

        printed(client_of(&server.uri())).await.assert_clean(what);

        assert_eq!(server.requests().len(), 4, "{what}");
    }
}

#[tokio::test]
async fn timeouts_and_failed_connections_print_no_secret() {
    let silent = ScriptedServer::start("", Then::Wait).await;
    let stalling = ScriptedServer::start("HTTP/1.1 200 OK\r\n\r\n{", Then::Wait).await;
    let no_tls = ScriptedServer::start("HTTP/1.1 400 Bad Request\r\n\r\n", Then::Close).await;
    let (_port, refusing) = refusing();
    for (what, uri) in [
        ("silence", silent.uri()),
        ("a stall", stalling.uri()),
        ("a silent handshake", silent.https_uri()),
        ("no TLS", no_tls.https_uri()),
        ("a refusal", refusing),
    ] {
        let client = client_of(&uri).http_client(patience(50));

        printed(client).await.assert_clean(what);
    }
}

#[tokio::test]
async fn a_refusing_proxy_gets_no_secret_and_its_error_shows_none() {
    let proxy = ScriptedServer::start(
        "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
        Then::Close,
    )
    .await;
    let http = reqwest::Client::builder()
        .proxy(reqwest::Proxy::all(proxy.uri()).unwrap())
        .timeout(Duration::from_secs(5))
        .build()
        .unwrap();

    let mut printed = printed(client_of("https://koodrive.example.com").http_client(http)).await;

    proxy.requests().into_iter().for_each(|request| printed.text(request));
    printed.assert_clean("a proxy");
    assert!(proxy.requests().iter().all(|request| request.starts_with("CONNECT ")));
}
