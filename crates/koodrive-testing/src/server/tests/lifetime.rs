//! Settings, start and stop of a server.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use futures::executor::block_on;
use reqwest::Client;
use serde_json::Value;

use super::{DATE, get, json, list, server_time};
use crate::AlbumServer;

#[tokio::test]
async fn the_account_and_the_album_can_be_set() {
    let server = AlbumServer::builder()
        .files(3)
        .album_id("a b/é")
        .user_id("17")
        .access_token("AT t0ken")
        .clock(server_time)
        .start()
        .await;
    assert_eq!((server.album_id(), server.user_id()), ("a b/é", "17"));
    let path = "/koodrive/ose/v1/album/a%20b%2F%C3%A9/list";
    let (status, page) = json(get(&server, path)).await;
    assert_eq!((status, &page["total"]), (401, &Value::Null)); // `Bearer AT …` has two schemes

    let own = Client::new().get(format!("{}{path}", server.uri()));
    let own = own.header("authorization", "AT t0ken").header("x-date", DATE);
    let (status, page) = json(own.header("x-user-id", "17")).await;
    assert_eq!((status, &page["total"]), (200, &Value::from(3)));
}

#[tokio::test]
async fn a_server_can_be_given_its_socket() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = AlbumServer::builder().listener(listener).clock(server_time).start().await;
    assert_eq!(server.uri(), format!("http://{address}"));
    assert_eq!(list(&server, &[]).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_server_can_be_shared_and_started_from_a_task() {
    fn shared<T: Send + Sync + 'static>(_: &T) {}
    let server = tokio::spawn(AlbumServer::builder().start()).await.unwrap();
    shared(&server);
    assert!(!format!("{server:?}").contains(server.access_token()));
}

/// Other executors provide no Tokio runtime; `block_on` provides nothing at all.
#[test]
fn a_server_needs_no_runtime() {
    let server = block_on(AlbumServer::builder().start());
    let mut socket = TcpStream::connect(server.uri().trim_start_matches("http://")).unwrap();
    socket.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("APIG.0101"), "{answer}");
    assert_eq!(server.received_requests().len(), 1);
}

/// If the server did not stop, it would keep the connection open and this test would hang.
#[test]
fn dropping_the_server_stops_it() {
    let server = block_on(AlbumServer::builder().start());
    let mut socket = TcpStream::connect(server.uri().trim_start_matches("http://")).unwrap();
    socket.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    socket.read_exact(&mut [0; 8]).unwrap();

    drop(server);

    let _closed_or_reset = socket.read_to_end(&mut Vec::new());
}

#[test]
fn debug_shows_no_token() {
    let builder = AlbumServer::builder().access_token("t0ken");
    assert!(!format!("{builder:?}").contains("t0ken"));
}
