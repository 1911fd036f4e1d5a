//! Memory: it does not grow with what a server sends.

use futures::future::join_all;

use super::body::{bomb, gzip};
use super::{PAGE, answer, child, says};
use crate::support::tcp::{Script, ScriptedServer, Then};

/// The largest body that is read, in KiB.
const BODY: usize = 16 * 1024;

/// The largest body and 20 MB.
const LIMIT: usize = BODY + 20_000_000 / 1024;

const OK: &str = "HTTP/1.1 200 OK\r\n";

/// A page with as many of these entries as fit.
fn full(entry: &str) -> Script {
    let count = (16 * 1024 * 1024 - 100) / (entry.len() + 1) - 1;
    let entries = format!("{entry},").repeat(count);
    let body = format!("{{\"contentList\":[{entries}{entry}]}}");
    says(answer("200 OK", "connection: close\r\n", &body))
}

/// Slow to read: pages as large as a body may be, and endless tiny chunks.
fn large_pages() -> Vec<(&'static str, Script)> {
    let chunked = says(format!("{OK}transfer-encoding: chunked\r\n\r\n"));
    let chunks = Then::Repeat("1\r\n \r\n".to_owned());
    vec![
        ("endless chunks of a byte", chunked.then(chunks)),
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

/// A page that is cut, which is retried once.
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
        ("a bomb", packed("200 OK", &bomb())),
        ("a bomb as an error", packed("403 No", &bomb())),
        ("a bomb in a bomb", packed("200 OK", &gzip(&bomb()))),
        ("an endless body", flood("")),
        ("a body of a terabyte", flood("content-length: 1099511627776\r\n")),
        ("an endless error", says("HTTP/1.1 403 No\r\n\r\n").then(Then::Flood)),
        ("an endless head", says(OK).then(Then::Flood)),
        ("a cursor of a megabyte", says(answer("200 OK", "", &cursor))),
        ("a header of 500 KB", says(answer("200 OK", &header, PAGE))),
    ]
}

/// The peak memory in KiB.
async fn peak(what: &str, script: Script) -> usize {
    let server = ScriptedServer::play([script]).await;
    let outcome = child::list(&server.uri(), &[]).await;
    println!("{what}: {} KiB; {:.100}", outcome.peak, outcome.result);
    outcome.peak
}

async fn assert_bounded(scripts: Vec<(&'static str, Script)>, limit: usize) {
    let peaks = scripts.into_iter().map(async |(what, script)| (peak(what, script).await, what));
    for (peak, what) in join_all(peaks).await {
        assert!(peak < limit, "{what}: {peak} KiB");
    }
}

#[tokio::test]
async fn endless_answers_cost_no_more_memory_than_the_largest_body() {
    let page = peak("a page", says(answer("200 OK", "", PAGE))).await;

    assert_bounded(endless(), page + BODY + 4 * 1024).await;
}

/// `cargo test --release -p integration-tests oversized_pages -- --ignored --nocapture`
#[tokio::test]
#[ignore = "slow: some seconds, and a minute without optimisation"]
async fn oversized_pages_cost_little_more_memory_than_their_bytes() {
    assert_bounded(large_pages(), LIMIT).await;
    // As many files in as many folders as are accepted at all.
    let most = vec![("pages of 16 MiB: files in many folders", full(&in_folders(90)))];
    assert_bounded(most, LIMIT + 2 * BODY).await;
}
