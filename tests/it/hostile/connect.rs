//! Names, connections and TLS: what fails before a request can be sent.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use futures::future::{BoxFuture, pending};
use koodrive::{ClientBuilder, ErrorKind, RetryPolicy, Timeouts};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::{TcpListener, TcpSocket};

use super::{Fault, fault, first_page, good_page, says, try_all};
use crate::listing::ids;
use crate::support::tcp::{Script, ScriptedServer, Then};
use crate::support::{HOUR, client_of, error_of, refusing, tls};

const HOST: &str = "127.0.0.1";

pub(super) fn faults() -> Vec<Fault> {
    let fault = |what, kind, script| fault(what, kind, script).https();
    let tls = |what, script| fault(what, ErrorKind::Tls, script);
    let shown = |config| Script::secured(config).and(good_page());
    // Fatal alerts, as a server with TLS 1.1 sends them.
    let alert = |code: u8| says(vec![0x15, 3, 1, 0, 2, 2, code]);
    vec![
        fault("no answer to the handshake", ErrorKind::Timeout, stalled()),
        fault("half an answer", ErrorKind::Timeout, says(vec![0x16, 3, 3]).then(Then::Wait)),
        tls("self-signed", shown(tls::self_signed(HOST))),
        tls("expired", shown(tls::expired(HOST))),
        tls("for another host", shown(tls::trusted("koodrive.example.com"))),
        tls("HTTP", says("HTTP/1.1 400 Bad Request\r\n\r\n")),
        tls("HTTP unasked", Script::default().writes("HTTP/1.1 408 Late\r\n\r\n")),
        tls("a mail server", Script::default().writes("220 mail.example.com ESMTP\r\n")),
        tls("TLS 1.1 only", alert(70)),
        tls("no cipher in common", alert(40)),
        fault("closed in the handshake", ErrorKind::Connect, Script::reads()),
        fault("reset in the handshake", ErrorKind::Connect, Script::reads().then(Then::Reset)),
        fault("closed after the handshake", ErrorKind::Transport, {
            Script::secured(tls::trusted(HOST)).and(Script::reads())
        }),
    ]
}

fn stalled() -> Script {
    Script::reads().then(Then::Wait)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_failed_connection_is_an_error_of_its_kind_and_costs_no_file() {
    try_all(faults()).await;
}

#[tokio::test]
async fn nothing_is_sent_to_a_server_without_a_valid_certificate() {
    for fault in faults().into_iter().filter(|fault| fault.kind == ErrorKind::Tls) {
        let server = ScriptedServer::play([fault.script.clone()]).await;
        error_of(fault.client(&server)).await;

        let received = server.requests().concat();
        assert!(!received.contains("authorization") && !received.contains("/koodrive"));
    }
}

#[tokio::test]
async fn by_default_only_the_roots_of_the_system_are_trusted() {
    let script = Script::secured(tls::trusted(HOST)).and(good_page());
    let server = ScriptedServer::play([script]).await;
    let client = client_of(&server.https_uri()).retry(RetryPolicy::default());

    let error = first_page(client).send().await.unwrap_err();

    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Tls, 1), "{error}");
    assert_eq!((server.connections(), server.requests().len()), (1, 0));
}

/// A resolver with fixed answers.
struct Names(fn() -> BoxFuture<'static, std::io::Result<Vec<SocketAddr>>>);

impl Resolve for Names {
    fn resolve(&self, _: Name) -> Resolving {
        let addresses = (self.0)();
        Box::pin(async { Ok(Box::new(addresses.await?.into_iter()) as Addrs) })
    }
}

/// A client of a host name that `http` resolves.
fn named(port: u16, http: reqwest::ClientBuilder) -> ClientBuilder {
    let uri = format!("http://koodrive.test:{port}");
    client_of(&uri).allow_plain_http(true).http_client(http.no_proxy().build().unwrap())
}

#[tokio::test]
async fn an_unknown_name_is_a_connect_error_and_a_hanging_resolver_a_timeout() {
    let unknown = Names(|| Box::pin(async { Err(std::io::ErrorKind::NotFound.into()) }));
    let nowhere = Names(|| Box::pin(async { Ok(Vec::new()) }));
    let hanging = Names(|| Box::pin(pending()));
    for (what, names, kind) in [
        ("unknown", unknown, ErrorKind::Connect),
        ("without an address", nowhere, ErrorKind::Connect),
        ("hanging", hanging, ErrorKind::Timeout),
    ] {
        let limit = if kind == ErrorKind::Timeout { Duration::from_millis(100) } else { HOUR };
        let http = reqwest::Client::builder().dns_resolver(names).connect_timeout(limit);
        let client = named(80, http).retry(RetryPolicy::default().max_attempts(3));

        let error = first_page(client).send().await.unwrap_err();

        assert_eq!((error.kind(), error.attempts()), (kind, 3), "{what}: {error}");
        assert!(error.is_retryable(), "{what}");
        assert!(!format!("{error:?}").contains("/album/"), "{what}: {error:?}");
    }
}

#[cfg(target_os = "linux")] // elsewhere, 127.0.0.2 is not this machine
#[tokio::test]
async fn one_working_address_of_several_is_enough() {
    let server = ScriptedServer::play([good_page()]).await;
    let dead = SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), 0));
    let addresses = [dead, SocketAddr::new(server.address().ip(), 0)];
    let http = reqwest::Client::builder().resolve_to_addrs("koodrive.test", &addresses);

    let page = first_page(named(server.address().port(), http)).send().await.unwrap();

    assert_eq!((ids(page.contents()).len(), server.connections()), (2, 1));
}

#[tokio::test]
async fn refused_connections_are_retried_until_one_is_accepted() {
    let (socket, uri) = refusing();
    let client = client_of(&uri);
    let three_times = RetryPolicy::default().max_attempts(3);

    let refused = first_page(client.clone().retry(three_times)).send().await.unwrap_err();
    let client = client.retry(RetryPolicy::default());
    let listing = tokio::spawn(first_page(client).send());
    tokio::time::sleep(Duration::from_millis(20)).await;
    let listener: TcpListener = socket.listen(16).unwrap();
    let _server = ScriptedServer::play_on(listener, [good_page()]);

    assert_eq!((refused.kind(), refused.is_retryable()), (ErrorKind::Connect, true), "{refused}");
    assert_eq!(refused.attempts(), 3, "{refused}");
    assert_eq!(ids(listing.await.unwrap().unwrap().contents()), ["1", "2"]);
}

/// Once the queue of connections is full, Linux drops further ones.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_unresponsive_address_is_a_timeout() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let hole = socket.listen(0).unwrap();
    let address = hole.local_addr().unwrap();
    let connect = || tokio::net::TcpStream::connect(address);
    let _queued = connect().await.unwrap();
    let limits = Timeouts::default().connect(Duration::from_millis(100));
    let policy = RetryPolicy::default().max_attempts(2);
    let client = client_of(&format!("http://{address}")).timeouts(limits).retry(policy);

    let error = first_page(client).send().await.unwrap_err();

    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 2), "{error}");
    assert!(error.is_retryable() && error.elapsed() >= Duration::from_millis(200));
}
