//! Shared by all tests: one account, clients of any endpoint, and servers that misbehave.

pub(crate) mod h2;
pub(crate) mod tcp;
pub(crate) mod tls;

use std::error::Error as StdError;
use std::iter::successors;
use std::net::Ipv4Addr;
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime};

use koodrive::{
    AccessToken, AlbumContentPage, Client, ClientBuilder, Error, RetryPolicy, TimeSource,
};
use koodrive_testing::{AlbumServer, Fault};
use tokio::net::TcpSocket;
use tokio::time::sleep;
use tracing::Dispatch;
use tracing::subscriber::NoSubscriber;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

pub(crate) const USER: &str = "1765263620687613825";
pub(crate) const TOKEN: &str = "0e0e72d3c7e9e4444df6bc3fb111eaee";
pub(crate) const ALBUM: &str = "1795607640592646273";

/// Longer than any test runs: a client that waited for it would keep its test from ending.
pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);

/// The settings of a client of the server at `uri`, without retries.
pub(crate) fn client_of(uri: &str) -> ClientBuilder {
    let builder = Client::builder().endpoint(uri).user_id(USER);
    builder.credentials(AccessToken::new(TOKEN)).retry(RetryPolicy::none())
}

/// A client of the album server, without retries.
pub(crate) fn client_without_retries(server: &AlbumServer) -> Client {
    server.client_builder().retry(RetryPolicy::none()).build().unwrap()
}

/// A server that answers every request in the same way.
pub(crate) async fn serving(answer: impl Respond + 'static) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

/// A JSON body with status 200.
pub(crate) fn page(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body, "application/json")
}

/// Status 200 with this body, as a fault of the album server.
pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Fault {
    Fault::status(200).body(body)
}

/// Requests one page per fault; each request is answered with its fault.
pub(crate) async fn answers(
    faults: impl IntoIterator<Item = Fault>,
) -> Vec<Result<AlbumContentPage, Error>> {
    let faults: Vec<Fault> = faults.into_iter().collect();
    let expected = faults.len();
    let script = faults.into_iter().enumerate();
    let server = script
        .fold(AlbumServer::builder(), |server, (number, fault)| server.fault(number, fault))
        .start()
        .await;
    let client = client_without_retries(&server);

    let mut answers = Vec::new();
    for _ in 0..expected {
        answers.push(client.list_album_content(server.album_id()).send().await);
    }
    assert_eq!(server.received_requests().len(), expected, "requests sent");
    answers
}

/// [`answers`] with a single fault.
pub(crate) async fn answer(fault: Fault) -> Result<AlbumContentPage, Error> {
    answers([fault]).await.remove(0)
}

/// The error of a listing's first page, without retries.
pub(crate) async fn error_of(client: ClientBuilder) -> Error {
    let client = client.retry(RetryPolicy::none());
    client.build().unwrap().list_album_content(ALBUM).send().await.unwrap_err()
}

/// An HTTP client with a timeout of this many milliseconds.
pub(crate) fn patience(milliseconds: u64) -> reqwest::Client {
    let limit = Duration::from_millis(milliseconds);
    reqwest::Client::builder().no_proxy().timeout(limit).build().unwrap()
}

/// Waits for an event. There is no time limit, since a slow machine must not fail a test; if the
/// event never happens, the test does not end.
pub(crate) async fn until(mut has_happened: impl FnMut() -> bool) {
    while !has_happened() {
        sleep(Duration::from_millis(1)).await;
    }
}

/// Waits until the server has received this many requests.
pub(crate) async fn received(server: &AlbumServer, requests: usize) {
    until(|| server.received_requests().len() >= requests).await;
}

/// An endpoint that refuses connections, while the socket lives: it takes a port, and does not listen.
pub(crate) fn refusing() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let uri = format!("http://{}", socket.local_addr().unwrap());
    (socket, uri)
}

/// Lets other threads reach a span or an event first without switching it off. While there is at most one
/// subscriber, `tracing` asks only the subscriber of the thread that reaches it, and where that thread has none,
/// it counts as unwanted by all. So there has to be one more, which wants nothing.
pub(crate) fn keep_spans_and_events() {
    static ANOTHER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::default()));
    LazyLock::force(&ANOTHER);
}

/// The error and its causes, outermost first.
pub(crate) fn chain(
    error: &(impl StdError + 'static),
) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    successors(Some(error as &(dyn StdError + 'static)), |&error| error.source())
}

/// Clocks that stand still, so that no pause of a client ends, however long a test takes.
pub(crate) struct Frozen(SystemTime, Instant);

impl Frozen {
    pub(crate) fn now() -> Self {
        Self(SystemTime::now(), Instant::now())
    }
}

impl TimeSource for Frozen {
    fn now(&self) -> SystemTime {
        self.0
    }

    fn monotonic(&self) -> Instant {
        self.1
    }
}

/// A wall clock that stands still.
pub(crate) struct Stopped(pub(crate) SystemTime);

impl TimeSource for Stopped {
    fn now(&self) -> SystemTime {
        self.0
    }
}

/// 2025-11-03T07:01:40Z.
pub(crate) fn today() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_762_153_300)
}
