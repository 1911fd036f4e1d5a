//! Tests of the scripted server itself, over a plain socket.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ErrorKind};
use tokio::net::TcpStream;

use crate::support::tcp::{Script, ScriptedServer, Then};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\n\r\n";

/// What the server sends, and how the connection ends.
async fn exchange(server: &ScriptedServer, request: &[u8]) -> (String, Result<usize, ErrorKind>) {
    let mut connection = TcpStream::connect(server.address()).await.unwrap();
    connection.write_all(request).await.unwrap();
    let mut received = Vec::new();
    let end = connection.read_to_end(&mut received).await;
    (String::from_utf8(received).unwrap(), end.map_err(|error| error.kind()))
}

#[tokio::test]
async fn each_connection_has_its_script_and_later_ones_repeat_the_last() {
    let says = |text: &'static str| Script::reads().writes(text);
    let server = ScriptedServer::play([says("a"), says("b"), says("c")]).await;
    let mut received = String::new();
    for _ in 0..5 {
        received += &exchange(&server, REQUEST).await.0;
    }

    assert_eq!((received.as_str(), server.connections()), ("abccc", 5));
    assert_eq!(server.requests(), vec!["GET / HTTP/1.1\r\n\r\n"; 5]);
}

#[tokio::test]
async fn steps_run_in_order_and_as_often_as_set() {
    let echo = Script::reads().answers(|request| request[..5].to_owned()).times(2);
    let end = Script::default().and_begins_to_read().writes("!");
    let server = ScriptedServer::play([echo.and(end)]).await;

    let mut connection = TcpStream::connect(server.address()).await.unwrap();
    let mut received = String::new();
    for _ in 0..2 {
        connection.write_all(REQUEST).await.unwrap();
        let mut answer = [0; 5];
        connection.read_exact(&mut answer).await.unwrap();
        received += std::str::from_utf8(&answer).unwrap();
    }
    connection.write_all(REQUEST).await.unwrap();
    connection.read_to_string(&mut received).await.unwrap();

    assert_eq!((received.as_str(), server.connections()), ("GET /GET /!", 1));
    assert_eq!(server.requests()[2], "G");
}

#[tokio::test]
async fn delays_and_dribbles_take_their_time() {
    let pause = Duration::from_millis(20);
    let script = Script::reads().delays(pause).dribbles("abc", pause);
    let server = ScriptedServer::play([script]).await;
    let start = Instant::now();

    assert_eq!(exchange(&server, REQUEST).await, ("abc".to_owned(), Ok(3)));

    assert!(start.elapsed() >= 4 * pause);
}

#[tokio::test]
async fn a_close_a_reset_and_silence_can_be_distinguished() {
    for (then, expected) in [
        (Then::Close, Ok(1)),
        (Then::Vanish, Ok(1)),
        (Then::Reset, Err(ErrorKind::ConnectionReset)),
    ] {
        let server = ScriptedServer::start("a", then).await;
        assert_eq!(exchange(&server, REQUEST).await.1, expected);
    }

    let silent = ScriptedServer::start("a", Then::Wait).await;
    let limit = Duration::from_millis(50);
    assert!(tokio::time::timeout(limit, exchange(&silent, REQUEST)).await.is_err());
}

#[tokio::test]
async fn a_flood_continues_while_it_is_read() {
    for then in [Then::Flood, Then::Repeat("xx".to_owned())] {
        let server = ScriptedServer::start("", then).await;
        let mut connection = TcpStream::connect(server.address()).await.unwrap();
        connection.write_all(REQUEST).await.unwrap();

        let mut received = vec![0; 1 << 20];
        connection.read_exact(&mut received).await.unwrap();

        assert!(received.iter().all(|byte| *byte == b'x'));
        assert!(server.written() > 0);
    }
}
