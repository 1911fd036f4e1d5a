//! Plain TCP connections, for what happens below HTTP.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

pub(super) async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    (listener, format!("http://{address}"))
}

/// Waits for a connection, and reads the head of its first request.
pub(super) async fn accept(listener: &TcpListener) -> (TcpStream, String) {
    let (mut connection, _) = listener.accept().await.unwrap();
    let head = request_on(&mut connection).await;
    (connection, head)
}

/// Reads the head of the next request.
pub(super) async fn request_on(connection: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// A complete answer with status 200, after which the connection can be reused.
pub(super) fn reply(page: &Value) -> String {
    let body = page.to_string();
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// Answers the first request of every new connection with this page, forever.
pub(super) async fn serve(listener: &TcpListener, page: &Value) {
    loop {
        let (mut connection, _) = accept(listener).await;
        connection.write_all(reply(page).as_bytes()).await.unwrap();
    }
}

/// Answers each request on a separate connection, with the body that `body` returns for the cursor
/// (`""` if there is none). The second answer is cut after `kept` bytes of the body. Returns the
/// endpoint and the cursors received.
pub(super) async fn cutting(
    kept: usize,
    body: fn(&str) -> String,
) -> (String, Arc<Mutex<Vec<String>>>) {
    let (listener, uri) = listen().await;
    let received = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&received);
    tokio::spawn(async move {
        for number in 0.. {
            let (mut connection, head) = accept(&listener).await;
            let cursor = head.split("pageCursor=").nth(1).unwrap_or_default();
            let cursor = cursor.split(['&', ' ']).next().unwrap();
            log.lock().unwrap().push(cursor.to_owned());
            let body = body(cursor);
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\
                 content-length: {}\r\n\r\n",
                body.len()
            );
            connection.write_all(head.as_bytes()).await.unwrap();
            let sent = if number == 1 { &body[..kept] } else { &body };
            connection.write_all(sent.as_bytes()).await.unwrap();
        }
    });
    (uri, received)
}
