//! A socket: HTTP/1.1 on a thread of its own, until it is dropped.

mod body;

use std::convert::Infallible;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use futures::channel::oneshot;
use futures::future::{self, Either};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::time::sleep;

use self::body::{Body, Lost};
use crate::replies::reply::Reply;
use crate::requests::received::ReceivedRequest;

/// Answers a request, or loses its connection.
pub(crate) type Responder = dyn Fn(ReceivedRequest) -> Option<Reply> + Send + Sync;

/// A running server. Dropping it closes the socket and every connection.
pub(crate) struct Socket {
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Socket {
    pub(crate) fn start(listener: TcpListener, responder: Arc<Responder>) -> std::io::Result<Self> {
        listener.set_nonblocking(true)?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let run = move || serve(&runtime, listener, responder, stopped);
        let thread = thread::Builder::new().name("koodrive-testing".to_owned()).spawn(run)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        drop(self.stop.take());
        let _stopped = self.thread.take().map(JoinHandle::join);
    }
}

/// Ends when `stopped` does. Its connections end with the runtime.
fn serve(
    runtime: &Runtime,
    listener: TcpListener,
    responder: Arc<Responder>,
    stopped: oneshot::Receiver<Infallible>,
) {
    runtime.block_on(async {
        let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
        let accepting = async {
            loop {
                if let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(connection(stream, Arc::clone(&responder)));
                }
            }
        };
        let accepting = std::pin::pin!(accepting);
        let _: Either<_, ((), _)> = future::select(stopped, accepting).await;
    });
}

async fn connection(stream: TcpStream, responder: Arc<Responder>) {
    let _small_replies_leave_at_once = stream.set_nodelay(true);
    let answer = service_fn(|request| answer(request, &*responder));
    let mut server = http1::Builder::new();
    // A failure is the client's, or a fault.
    let _closed =
        server.auto_date_header(false).serve_connection(TokioIo::new(stream), answer).await;
}

async fn answer(
    request: hyper::Request<Incoming>,
    responder: &Responder,
) -> Result<hyper::Response<Body>, Lost> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Lost)?.to_bytes();
    let mut reply = responder(ReceivedRequest::new(&parts, body)).ok_or(Lost)?;
    sleep(reply.delay).await;
    let (status, headers) = (reply.status, std::mem::take(&mut reply.headers));
    let mut response = hyper::Response::new(body::body(reply));
    (*response.status_mut(), *response.headers_mut()) = (status, headers);
    Ok(response)
}
