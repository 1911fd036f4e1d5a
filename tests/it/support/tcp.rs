//! A TCP server that follows a script and can send what HTTP libraries never would.

mod connection;
mod script;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub(crate) use self::script::{Script, Then};

/// Follows its scripts until it is dropped.
pub(crate) struct ScriptedServer {
    address: SocketAddr,
    seen: Arc<Seen>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: Mutex<Vec<String>>,
    written: AtomicUsize,
}

impl ScriptedServer {
    /// Reads a request or the start of a TLS handshake on every connection, then sends these bytes.
    pub(crate) async fn start(bytes: impl Into<Vec<u8>>, then: Then) -> Self {
        Self::play([Script::reads().writes(bytes.into()).then(then)]).await
    }

    /// One script per connection; all later connections follow the last one.
    pub(crate) async fn play(scripts: impl IntoIterator<Item = Script>) -> Self {
        Self::play_on(TcpListener::bind("127.0.0.1:0").await.unwrap(), scripts)
    }

    pub(crate) fn play_on(
        listener: TcpListener,
        scripts: impl IntoIterator<Item = Script>,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let scripts = scripts.into_iter().collect();
        let accepting = tokio::spawn(accept(listener, scripts, Arc::clone(&seen)));
        Self { address, seen, accepting }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn uri(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The same endpoint, for clients that expect TLS.
    pub(crate) fn https_uri(&self) -> String {
        format!("https://{}", self.address)
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// The requests in the order received, as far as they were read.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// How many bytes of floods were written so far, including those in the buffers of the network.
    pub(crate) fn written(&self) -> usize {
        self.seen.written.load(Ordering::SeqCst)
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, scripts: Vec<Script>, seen: Arc<Seen>) {
    while let Ok((connection, _)) = listener.accept().await {
        let number = seen.connections.fetch_add(1, Ordering::SeqCst);
        let script = scripts[number.min(scripts.len() - 1)].clone();
        let seen = Arc::clone(&seen);
        // Some tests hang up in the middle.
        tokio::spawn(async move { script.follow(connection, &seen).await.ok() });
    }
}
