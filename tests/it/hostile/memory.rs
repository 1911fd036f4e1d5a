//! Memory: it does not grow with what a server sends.

use futures::future::join_all;

use super::body::{bomb, gzip};
use super::{PAGE, answer, child, says};
use crate::support::tcp::{Script, ScriptedServer, Then};

/// The largest body that is read, in KiB.
const BODY: usize = 16 * 1024;

/// The same, and 20 MB.
const LIMIT: usize = BODY + 20_000_000 / 1024;

const OK: &str = "HTTP/1.1 200 OK\r\n";

/// A page of as many such entries as there is room for.
fn full(entry: &str) -> Script {
    let count = (16 * 1024 * 1024 - 100) / (entry.len() + 1) - 1;
    let entries = format!("{entry},").repeat(count);
    let body = format!("{{\"contentList\":[{entries}{entry}]}}");
    says(answer("200 OK", "connection: close\r\n", &body))
}

/// What takes long to read: pages that fill what a body may be, and pieces that are many.
fn large_pages() -> Vec<(&'static str, Script)> {
    let chunked = says(format!("{OK}transfer-encoding: chunked\r\n\r\n"));
    let chunks = Then::Repeat("1\r\n \r\n".to_owned());
    vec![
        ("chunks of a byte without end", chunked.then(chunks)),
        ("pages of 16 MiB: empty files", full("{}")),
        ("pages of 16 MiB: files", full(r#"{"id":"1"}"#)),
        ("pages of 16 MiB: files with ids that are numbers", full(r#"{"id":1}"#)),
        ("pages of 16 MiB: numbers", full("1")),
        ("pages of 16 MiB: nulls", full("null")),
        ("pages of 16 MiB: lists", full("[]")),
        ("pages of 16 MiB: texts", full(r#""""#)),
        ("pages of 16 MiB: files in too many folders", full(&in_folders(1_000))),
        cut(),
    ]
}

fn in_folders(count: usize) -> String {
    format!(r#"{{"id":"1","parentFolder":["{}"]}}"#, r#"",""#.repeat(count - 1))
}

/// It is tried once more.
fn cut() -> (&'static str, Script) {
    let count = (16 * 1024 * 1024 - 100) / r#"{"id":"1"},"#.len();
    let body = format!(r#"{{"contentList":[{}{{"#, r#"{"id":"1"},"#.repeat(count));
    ("pages of 16 MiB, cut", says(answer("200 OK", "connection: close\r\n", &body)))
}

fn endless() -> Vec<(&'static str, Script)> {
    let packed = |status: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 {status}\r\ncontent-encoding: gzip\r\n\r\n");
        says([head.as_bytes(), body].concat())
    };
    let cursor = "c".repeat(1 << 20);
    let cursor = format!(r#"{{"contentList":[],"nextPageCursor":"{cursor}"}}"#);
    let header = format!("x-more: {}\r\n", "x".repeat(500 * 1000));
    let flood = |head: &str| says(format!("{OK}{head}\r\n")).then(Then::Flood);
    vec![
        ("a page", says(answer("200 OK", "", PAGE))),
        ("a bomb", packed("200 OK", &bomb())),
        ("a bomb as an error", packed("403 No", &bomb())),
        ("a bomb in a bomb", packed("200 OK", &gzip(&bomb()))),
        ("a body without end", flood("")),
        ("a body of a terabyte", flood("content-length: 1099511627776\r\n")),
        ("an error without end", says("HTTP/1.1 403 No\r\n\r\n").then(Then::Flood)),
        ("a head without end", says(OK).then(Then::Flood)),
        ("a cursor of a megabyte", says(answer("200 OK", "", &cursor))),
        ("a header of 500 KB", says(answer("200 OK", &header, PAGE))),
    ]
}

/// The most memory in KiB, and what came of it.
async fn peak(what: &str, script: Script) -> usize {
    let server = ScriptedServer::play([script]).await;
    let outcome = child::list(&server.uri(), &[]).await;
    println!("{what}: {} KiB; {:.100}", outcome.peak, outcome.told);
    outcome.peak
}

async fn assert_bounded(scripts: Vec<(&'static str, Script)>, limit: usize) {
    let peaks = scripts.into_iter().map(async |(what, script)| (peak(what, script).await, what));
    for (peak, what) in join_all(peaks).await {
        assert!(peak < limit, "{what}: {peak} KiB");
    }
}

#[tokio::test]
async fn what_has_no_end_costs_no_more_memory_than_a_body_may_have() {
    assert_bounded(endless(), LIMIT).await;
}

/// `cargo test --release -p integration-tests far_too_many -- --ignored --nocapture`
#[tokio::test]
#[ignore = "some seconds, and a minute where nothing is optimised"]
async fn pages_of_far_too_many_files_cost_little_more_memory_than_their_bytes() {
    assert_bounded(large_pages(), LIMIT).await;
    // As many files, in as many folders, as are taken at all: nobody's, but they are read.
    let most = vec![("pages of 16 MiB: files in many folders", full(&in_folders(90)))];
    assert_bounded(most, LIMIT + 2 * BODY).await;
}
