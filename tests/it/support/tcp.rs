//! A TCP server that follows a script: what HTTP servers and their libraries would never send.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{self, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What every connection gets once its request, or the start of a TLS handshake, was read.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) bytes: Vec<u8>,
    pub(crate) then: Then,
}

/// What happens after the bytes of a [`Script`].
#[derive(Clone, Copy)]
pub(crate) enum Then {
    Close,
    Reset,
    /// Nothing more, and the connection stays open.
    Wait,
    /// The letter `x`, for as long as somebody reads.
    Flood,
}

/// Follows its script on every connection until it is dropped.
pub(crate) struct ScriptedServer {
    address: SocketAddr,
    seen: Arc<Seen>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<String>>,
    written: AtomicUsize,
}

impl ScriptedServer {
    pub(crate) async fn start(bytes: impl Into<Vec<u8>>, then: Then) -> Self {
        let script = Script { bytes: bytes.into(), then };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let accepting = tokio::spawn(accept(listener, script, Arc::clone(&seen)));
        Self { address, seen, accepting }
    }

    pub(crate) fn uri(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The same place, for clients that expect TLS there.
    pub(crate) fn https_uri(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Each request, in the order received, as far as it was read.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// How many bytes were taken from it so far, the network's buffers included.
    pub(crate) fn written(&self) -> usize {
        self.seen.written.load(Ordering::SeqCst)
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, script: Script, seen: Arc<Seen>) {
    while let Ok((connection, _)) = listener.accept().await {
        let (script, seen) = (script.clone(), Arc::clone(&seen));
        // A client that hangs up in the middle is what some tests are about.
        tokio::spawn(async move { follow(&script, connection, &seen).await.ok() });
    }
}

async fn follow(script: &Script, mut connection: TcpStream, seen: &Seen) -> io::Result<()> {
    let request = read_head(&mut connection).await?;
    seen.requests.lock().unwrap().push(request);
    connection.write_all(&script.bytes).await?;
    match script.then {
        Then::Close => {
            connection.shutdown().await?;
            // What is left unread would turn the close into a reset.
            io::copy(&mut connection, &mut io::sink()).await.map(drop)
        }
        Then::Reset => connection.set_zero_linger(),
        Then::Wait => std::future::pending().await,
        Then::Flood => loop {
            connection.write_all(&[b'x'; 16 * 1024]).await?;
            seen.written.fetch_add(16 * 1024, Ordering::SeqCst);
        },
    }
}

/// Reads a request's head, and what came along with it, or the first bytes of a TLS handshake.
async fn read_head(connection: &mut TcpStream) -> io::Result<String> {
    const TLS_HANDSHAKE: u8 = 0x16;
    let mut head = Vec::with_capacity(16 * 1024);
    let is_whole = |head: &[u8]| head.windows(4).any(|bytes| bytes == b"\r\n\r\n");
    while !is_whole(&head) && head.first() != Some(&TLS_HANDSHAKE) {
        if connection.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
