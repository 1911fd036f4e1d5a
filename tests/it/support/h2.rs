//! An HTTP/2 server that follows a script, stream by stream.

use std::collections::VecDeque;
use std::error::Error as StdError;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use h2::{Reason, server};
use http::Response;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::tls;

/// What happens to a stream, or to its connection.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Turn {
    Answer,
    /// An answer, then no further stream on this connection.
    AnswerAndGoAway,
    /// No answer to this stream or any later one.
    GoAway(Reason),
    Reset(Reason),
    /// Half an answer.
    ResetInTheBody(Reason),
    /// Nothing more is read or written, as if a router had dropped the connection.
    Silence,
}

/// Follows its script, one turn for each stream, and answers all later streams, until it is dropped.
pub(crate) struct H2Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

impl H2Server {
    /// `answer` turns the request's query into the body of a page.
    pub(crate) async fn play(turns: &[Turn], answer: fn(&str) -> String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::<AtomicUsize>::default();
        let turns = Arc::new(Mutex::new(VecDeque::from(turns.to_vec())));
        let next = move || turns.lock().unwrap().pop_front().unwrap_or(Turn::Answer);
        let accepting = tokio::spawn(accept(listener, Arc::clone(&connections), next, answer));
        Self { address, connections, accepting }
    }

    pub(crate) fn https_uri(&self) -> String {
        format!("https://{}", self.address)
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for H2Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(
    listener: TcpListener,
    connections: Arc<AtomicUsize>,
    next: impl Fn() -> Turn + Clone + Send + 'static,
    answer: fn(&str) -> String,
) {
    let acceptor = TlsAcceptor::from(tls::trusted_h2("127.0.0.1"));
    while let Ok((connection, _)) = listener.accept().await {
        connections.fetch_add(1, Ordering::SeqCst);
        // Some tests hang up in the middle.
        let (acceptor, next) = (acceptor.clone(), next.clone());
        tokio::spawn(async move { serve(acceptor, connection, next, answer).await.ok() });
    }
}

async fn serve(
    acceptor: TlsAcceptor,
    connection: TcpStream,
    next: impl Fn() -> Turn,
    answer: fn(&str) -> String,
) -> Result<(), Box<dyn StdError + Send + Sync>> {
    let connection = acceptor.accept(connection).await?;
    let mut connection = server::handshake(connection).await?;
    while let Some(exchange) = connection.accept().await {
        let (request, mut respond) = exchange?;
        let body = Bytes::from(answer(request.uri().query().unwrap_or_default()));
        match next() {
            Turn::Answer => send(&mut respond, body)?,
            Turn::AnswerAndGoAway => {
                send(&mut respond, body)?;
                connection.graceful_shutdown();
            }
            Turn::GoAway(reason) => connection.abrupt_shutdown(reason),
            Turn::Reset(reason) => respond.send_reset(reason),
            Turn::ResetInTheBody(reason) => {
                let mut half = respond.send_response(Response::new(()), false)?;
                half.send_data(body.slice(..body.len() / 2), false)?;
                half.send_reset(reason);
            }
            Turn::Silence => pending().await,
        }
    }
    Ok(())
}

fn send(respond: &mut server::SendResponse<Bytes>, body: Bytes) -> Result<(), h2::Error> {
    respond.send_response(Response::new(()), false)?.send_data(body, true)
}
