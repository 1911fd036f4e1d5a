//! A server that misbehaves on a real connection: the kind of error, the retries, and bounded time
//! and memory.
//!
//! The faults are data, one list for each layer, and all of them go through the same trials.

mod body;
#[cfg(target_os = "linux")]
mod child;
mod connect;
mod deadline;
#[cfg(target_os = "linux")] // macOS and Windows keep certificates elsewhere
mod environment;
mod framing;
mod http2;
#[cfg(target_os = "linux")] // reads the peak memory of a process
mod memory;
mod pool;
mod proxy;
mod script;
mod status;

use std::time::Duration;

use futures::future::join_all;
use koodrive::{ClientBuilder, Error, ErrorKind, ListAlbumContent, RetryPolicy, Timeouts};

use crate::listing::ids;
use crate::support::tcp::{Script, ScriptedServer};
use crate::support::{ALBUM, client_of, tls};

const PAGE: &str = r#"{"contentList":[{"id":"1"},{"id":"2"}],"code":0}"#;

/// One way to misbehave on a connection.
#[derive(Clone)]
struct Fault {
    what: &'static str,
    script: Script,
    is_https: bool,
    kind: ErrorKind,
    status: Option<u16>,
    again: Again,
}

/// How often a fault is retried.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Again {
    Always,
    Once,
    Never,
}

/// By default, losses and timeouts are retried always, a malformed body once, and all else never.
fn fault(what: &'static str, kind: ErrorKind, script: Script) -> Fault {
    let (again, status) = match kind {
        ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Transport => (Again::Always, None),
        ErrorKind::Decode => (Again::Once, Some(200)),
        _ => (Again::Never, None),
    };
    Fault { what, script, is_https: false, kind, status, again }
}

/// Reads a request, writes these bytes and closes the connection.
fn says(bytes: impl Into<bytes::Bytes>) -> Script {
    Script::reads().writes(bytes)
}

/// A complete answer.
fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

fn good_page() -> Script {
    says(answer("200 OK", "", PAGE))
}

impl Fault {
    fn https(mut self) -> Self {
        self.is_https = true;
        self
    }

    fn status(mut self, status: u16, again: Again) -> Self {
        (self.status, self.again) = (Some(status), again);
        self
    }

    fn good_page(&self) -> Script {
        if self.is_https {
            Script::secured(tls::trusted("127.0.0.1")).and(good_page())
        } else {
            good_page()
        }
    }

    /// A client of a server that misbehaves like this.
    fn client(&self, server: &ScriptedServer) -> ClientBuilder {
        let [connect, read, attempt] = match self.kind {
            ErrorKind::Timeout => [250, 250, 500],
            _ => [5_000, 15_000, 30_000],
        }
        .map(Duration::from_millis);
        let timeouts = Timeouts::default().attempt(attempt);
        // Like the client's own, except that it skips the system's certificates, which are slow to read.
        let http = tls::trusting().connect_timeout(connect).read_timeout(read);
        let uri = if self.is_https { server.https_uri() } else { server.uri() };
        client_of(&uri).timeouts(timeouts).http_client(http.build().unwrap())
    }

    /// Returns true if the fault keeps the machine busy.
    fn is_heavy(&self) -> bool {
        self.kind == ErrorKind::TooLarge || self.script.is_flood()
    }

    fn assert_is(&self, error: &Error) {
        let what = self.what;
        assert_eq!(error.kind(), self.kind, "{what}: {error}");
        assert_eq!(error.status(), self.status, "{what}: {error}");
        assert_eq!(error.is_retryable(), self.again == Again::Always, "{what}: {error}");
        assert!(!error.to_string().contains(char::is_control), "{what}: {error:?}");
    }
}

fn first_page(client: ClientBuilder) -> ListAlbumContent {
    client.build().unwrap().list_album_content(ALBUM)
}

/// Tries every fault: all at the same time, except those that keep the machine busy.
async fn try_all(faults: Vec<Fault>) {
    let (heavy, others): (Vec<_>, Vec<_>) = faults.iter().partition(|fault| fault.is_heavy());
    join_all(others.into_iter().map(try_one)).await;
    for fault in heavy {
        try_one(fault).await;
    }
}

async fn try_one(fault: &Fault) {
    if fault.again != Again::Never {
        fails_at_once_without_retries(fault).await;
    }
    recovers_only_if_transient(fault).await;
    if fault.again == Again::Once {
        fails_after_one_retry(fault).await;
    }
}

async fn fails_at_once_without_retries(fault: &Fault) {
    let server = ScriptedServer::play([fault.script.clone(), fault.good_page()]).await;

    let error = first_page(fault.client(&server)).send().await.unwrap_err();

    fault.assert_is(&error);
    assert_eq!((error.attempts(), server.connections()), (1, 1), "{}", fault.what);
}

/// Under the default policy, if the next connection is good.
async fn recovers_only_if_transient(fault: &Fault) {
    let server = ScriptedServer::play([fault.script.clone(), fault.good_page()]).await;
    let client = fault.client(&server).retry(RetryPolicy::default());

    let page = first_page(client).send().await;

    match page {
        Err(error) if fault.again == Again::Never => {
            fault.assert_is(&error);
            assert_eq!((error.attempts(), server.connections()), (1, 1), "{}", fault.what);
        }
        page => {
            let page = page.unwrap_or_else(|error| panic!("{}: {error}", fault.what));
            assert_eq!(ids(page.contents()), ["1", "2"], "{}", fault.what);
            assert_ne!(fault.again, Again::Never, "{}", fault.what);
            // With such short timeouts, a busy machine may need a further attempt.
            let most = if fault.kind == ErrorKind::Timeout { usize::MAX } else { 2 };
            assert!((2..=most).contains(&server.connections()), "{}", fault.what);
        }
    }
}

/// Under the default policy, if two connections are bad.
async fn fails_after_one_retry(fault: &Fault) {
    let bad = || fault.script.clone();
    let server = ScriptedServer::play([bad(), bad(), fault.good_page()]).await;
    let client = fault.client(&server).retry(RetryPolicy::default());

    let error = first_page(client).send().await.unwrap_err();

    fault.assert_is(&error);
    assert_eq!((error.attempts(), server.connections()), (2, 2), "{}", fault.what);
}
