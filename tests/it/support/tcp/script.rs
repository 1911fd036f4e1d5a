//! What a server does on a connection, step by step.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{self, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

use super::Seen;
use super::connection::{Connection, read_head};

/// Steps, and what happens after the last one: the connection closes, unless set otherwise.
#[derive(Clone, Default)]
pub(crate) struct Script {
    steps: Vec<Step>,
    then: Then,
}

#[derive(Clone)]
enum Step {
    Secure(Arc<ServerConfig>),
    Read,
    Begin,
    Write(Bytes),
    Answer(fn(&str) -> String),
    Dribble(Bytes, Duration),
    Delay(Duration),
}

/// What happens after the last step of a [`Script`].
#[derive(Clone, Default)]
pub(crate) enum Then {
    /// A FIN, after TLS's close_notify if there is TLS. What still arrives is read.
    #[default]
    Close,
    /// The same without close_notify.
    Vanish,
    Reset,
    /// Nothing more is sent, and the connection stays open.
    Wait,
    /// The letter `x`, for as long as the client reads.
    Flood,
    /// This text again and again, for as long as the client reads.
    Repeat(String),
}

impl Script {
    /// Reads and keeps a whole request head, or the start of a TLS handshake.
    pub(crate) fn reads() -> Self {
        Self::default().and_reads()
    }

    pub(crate) fn and_reads(self) -> Self {
        self.step(Step::Read)
    }

    /// Waits for the first byte of a request, and keeps it.
    pub(crate) fn and_begins_to_read(self) -> Self {
        self.step(Step::Begin)
    }

    pub(crate) fn writes(self, bytes: impl Into<Bytes>) -> Self {
        self.step(Step::Write(bytes.into()))
    }

    /// Writes what `answer` returns for the request that was read last.
    pub(crate) fn answers(self, answer: fn(&str) -> String) -> Self {
        self.step(Step::Answer(answer))
    }

    /// Writes one byte at a time, with a pause after each.
    pub(crate) fn dribbles(self, bytes: impl Into<Bytes>, pause: Duration) -> Self {
        self.step(Step::Dribble(bytes.into(), pause))
    }

    pub(crate) fn delays(self, pause: Duration) -> Self {
        self.step(Step::Delay(pause))
    }

    /// Does a TLS handshake.
    pub(crate) fn secured(config: Arc<ServerConfig>) -> Self {
        Self::default().step(Step::Secure(config))
    }

    /// Repeats all steps so far, this many times in all.
    pub(crate) fn times(mut self, times: usize) -> Self {
        self.steps = vec![self.steps; times].concat();
        self
    }

    /// Continues with another script instead of ending.
    pub(crate) fn and(mut self, rest: Self) -> Self {
        self.steps.extend(rest.steps);
        self.then(rest.then)
    }

    pub(crate) fn then(mut self, then: Then) -> Self {
        self.then = then;
        self
    }

    pub(crate) fn is_flood(&self) -> bool {
        matches!(self.then, Then::Flood | Then::Repeat(_))
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    pub(super) async fn follow(&self, connection: TcpStream, seen: &Seen) -> io::Result<()> {
        connection.set_nodelay(true)?;
        let mut connection: Connection = Box::new(connection);
        for step in &self.steps {
            connection = step.take(connection, seen).await?;
        }
        self.then.clone().end(connection, seen).await
    }
}

impl Step {
    async fn take(&self, mut connection: Connection, seen: &Seen) -> io::Result<Connection> {
        match self {
            Self::Secure(config) => {
                let config = TlsAcceptor::from(Arc::clone(config));
                return Ok(Box::new(config.accept(connection).await?));
            }
            Self::Read => seen.request(read_head(&mut connection).await?),
            Self::Begin => seen.request(char::from(connection.read_u8().await?).into()),
            Self::Write(bytes) => write(&mut connection, bytes).await?,
            Self::Answer(answer) => {
                let answer = answer(&seen.last_request());
                write(&mut connection, answer.as_bytes()).await?;
            }
            Self::Dribble(bytes, pause) => {
                for byte in bytes {
                    write(&mut connection, &[*byte]).await?;
                    sleep(*pause).await;
                }
            }
            Self::Delay(pause) => sleep(*pause).await,
        }
        Ok(connection)
    }
}

impl Then {
    async fn end(self, mut connection: Connection, seen: &Seen) -> io::Result<()> {
        match self {
            Self::Close => {
                connection.shutdown().await?;
                // Unread bytes would turn the close into a reset.
                io::copy(&mut connection, &mut io::sink()).await.map(drop)
            }
            Self::Vanish => Ok(()),
            Self::Reset => connection.tcp().set_zero_linger(),
            Self::Wait => std::future::pending().await,
            Self::Flood => flood(connection, &[b'x'; 16 * 1024], seen).await,
            Self::Repeat(text) => {
                flood(
                    connection,
                    text.repeat((16 * 1024_usize).div_ceil(text.len())).as_bytes(),
                    seen,
                )
                .await
            }
        }
    }
}

async fn write(connection: &mut Connection, bytes: &[u8]) -> io::Result<()> {
    connection.write_all(bytes).await?;
    connection.flush().await
}

async fn flood(mut connection: Connection, bytes: &[u8], seen: &Seen) -> io::Result<()> {
    loop {
        write(&mut connection, bytes).await?;
        seen.written.fetch_add(bytes.len(), Ordering::SeqCst);
    }
}

impl Seen {
    fn request(&self, request: String) {
        self.requests.lock().unwrap().push(request);
    }

    fn last_request(&self) -> String {
        self.requests.lock().unwrap().last().cloned().unwrap_or_default()
    }
}
