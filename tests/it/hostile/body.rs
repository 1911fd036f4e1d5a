//! Bodies that are cut, slow, endless, compressed or not a page.

use std::io::Write as _;
use std::time::Duration;

use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder},
};
use koodrive::{ErrorKind, RetryPolicy};
use serde_json::json;

use super::{Fault, PAGE, answer, fault, first_page, says, try_all};
use crate::listing::ids;
use crate::support::tcp::{Script, ScriptedServer, Then};
use crate::support::{client_of, tls};

const OK: &str = "HTTP/1.1 200 OK\r\n";
const HALF: &str = r#"{"contentList":[{"id":"1"},"#;

pub(super) fn faults() -> Vec<Fault> {
    let lost = |what, script| fault(what, ErrorKind::Transport, script);
    let late = |what, script| fault(what, ErrorKind::Timeout, script);
    let large = |what, script| fault(what, ErrorKind::TooLarge, script);
    let no_page =
        |what, body: &str| fault(what, ErrorKind::Decode, says(answer("200 OK", "", body)));
    let announced =
        |length: u64, body: &str| says(format!("{OK}content-length: {length}\r\n\r\n{body}"));
    let chunks = |chunks: String| says(format!("{OK}transfer-encoding: chunked\r\n\r\n{chunks}"));
    let dribbled = says(format!("{OK}\r\n")).dribbles(HALF, Duration::from_millis(100));
    let chunk = format!("400\r\n{}\r\n", " ".repeat(1024));
    vec![
        lost("a body that is shorter than announced", announced(100, PAGE)),
        lost("a reset in the body", announced(100, HALF).then(Then::Reset)),
        lost("no last chunk", chunks(format!("{:x}\r\n{PAGE}\r\n", PAGE.len()))),
        lost("a chunk that is cut", chunks(format!("{:x}\r\n{HALF}", PAGE.len()))),
        lost(
            "a chunk size that is not a number",
            chunks(format!("{:x}\r\n{PAGE}\r\n?\r\n", PAGE.len())),
        ),
        lost("a chunk size beyond all numbers", chunks(format!("{}\r\n", "f".repeat(40)))),
        lost("an endless chunk extension", chunks("1;".to_owned()).then(Then::Flood)),
        late("a byte at a time", dribbled.then(Then::Wait)),
        late("a stall before the body", announced(100, "").then(Then::Wait)),
        late("a stall in the body", announced(100, HALF).then(Then::Wait)),
        late("a stall between chunks", chunks("1\r\n{\r\n".to_owned()).then(Then::Wait)),
        large("a terabyte, announced", announced(1 << 40, HALF).then(Then::Wait)),
        large("2^63 bytes, announced", announced(1 << 63, HALF).then(Then::Wait)),
        large("an endless body", says(format!("{OK}\r\n{HALF}")).then(Then::Flood)),
        large("endless chunks", chunks(String::new()).then(Then::Repeat(chunk))),
        no_page("nothing", ""),
        no_page("the first half of a page", HALF),
        no_page("two pages", &PAGE.repeat(2)),
        no_page("no envelope", "{}"),
    ]
}

/// Faults of compression.
pub(super) fn compression_faults() -> Vec<Fault> {
    let encoded = |coding: &str, body: &[u8]| {
        let head = format!("content-encoding: {coding}\r\ncontent-length: {}", body.len());
        says([format!("{OK}{head}\r\n\r\n").as_bytes(), body].concat())
    };
    let no_page = |what, script| fault(what, ErrorKind::Decode, script);
    let twice = gzip(&gzip(PAGE.as_bytes()));
    let mut cut = gzip(PAGE.as_bytes());
    cut.truncate(30);
    vec![
        fault("a bomb", ErrorKind::TooLarge, encoded("gzip", &bomb())),
        no_page("plain text announced as gzip", encoded("gzip", PAGE.as_bytes())),
        fault("gzip that is cut", ErrorKind::Transport, encoded("gzip", &cut)),
        no_page("an unknown coding", encoded("rot13", b"{\"pbagragYvfg\":[]}")),
        no_page("a coding that was not offered", encoded("br", b"\x1b\x2f\x00\xf8")),
        no_page("compressed twice", encoded("gzip, gzip", &twice)),
    ]
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// A megabyte that decompresses to a gigabyte of spaces, which JSON allows.
pub(super) fn bomb() -> Vec<u8> {
    let mut block = DeflateEncoder::new(Vec::new(), Compression::best());
    block.write_all(&[b' '; 1 << 20]).unwrap();
    block.flush().unwrap();
    let head = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
    [head, block.get_ref().repeat(1 << 10)].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bad_body_is_an_error_of_its_kind_and_costs_no_file() {
    try_all(faults()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_badly_compressed_body_is_an_error_of_its_kind_and_costs_no_file() {
    try_all(compression_faults()).await;
}

#[tokio::test]
async fn a_compressed_page_is_read_like_any_other() {
    let packed = gzip(PAGE.as_bytes());
    let head = format!("{OK}content-encoding: gzip\r\ncontent-length: {}\r\n\r\n", packed.len());
    let server = ScriptedServer::start([head.as_bytes(), &packed].concat(), Then::Close).await;

    let page = first_page(client_of(&server.uri())).send().await.unwrap();

    assert_eq!(ids(page.contents()), ["1", "2"]);
    assert!(server.requests()[0].contains("accept-encoding: gzip\r\n"));
}

/// Without a length, only TLS's close_notify distinguishes an end from a cut.
#[tokio::test]
async fn a_tls_body_that_ends_without_close_notify_is_cut() {
    let page = |then| {
        let script = says(format!("{OK}\r\n{PAGE}")).then(then);
        Script::secured(tls::trusted("127.0.0.1")).and(script)
    };
    let server = ScriptedServer::play([page(Then::Vanish), page(Then::Close)]).await;
    let http = tls::trusting().build().unwrap();
    let listing = first_page(client_of(&server.https_uri()).http_client(http));

    let cut = listing.clone().send().await.unwrap_err();
    let whole = listing.send().await.unwrap();

    assert_eq!((cut.kind(), cut.is_retryable()), (ErrorKind::Transport, true), "{cut}");
    assert_eq!(ids(whole.contents()), ["1", "2"]);
}

#[tokio::test]
async fn texts_of_every_kind_are_returned_unchanged() {
    // Texts that are dangerous to print, to join to a path or to fetch.
    let name = "\0\u{1b}[31m\u{202e}gpj.\r\n\u{feff}\u{7f}照片\u{10ffff}";
    let url = "javascript:alert(1)";
    for name in [name, "../../etc/passwd", "C:\\x", "", "\"\\"] {
        let file = json!({ "id": "1", "fileName": name, "contentUrl": url, "ownerId": name });
        let body = json!({ "contentList": [file], "msg": name, "code": 0 }).to_string();
        let server = ScriptedServer::start(answer("200 OK", "", &body), Then::Close).await;

        let page = first_page(client_of(&server.uri())).send().await.unwrap();

        let file = &page.contents()[0];
        assert_eq!((file.file_name(), file.owner_id()), (Some(name), Some(name)));
        assert_eq!(file.content_url().unwrap().as_str(), url);
        assert!(!format!("{file:?}").contains('\u{1b}'), "{file:?}");
    }
}

#[tokio::test]
async fn invalid_utf_8_in_unread_fields_costs_nothing() {
    let body = b"{\"contentList\":[{\"id\":\"1\",\"new\":\"\xff\xfe\"}],\"other\":\"\xc3\"}";
    let head = format!("{OK}content-length: {}\r\n\r\n", body.len());
    let bytes = [head.as_bytes(), body].concat();
    let server = ScriptedServer::start(bytes, Then::Close).await;

    let page = first_page(client_of(&server.uri()).retry(RetryPolicy::default())).send().await;

    assert_eq!(ids(page.unwrap().contents()), ["1"]);
    assert_eq!(server.requests().len(), 1);
}
