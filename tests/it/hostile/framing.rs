//! HTTP around the body: heads that are cut, wrong or too large, and the framing of messages.

use std::time::Duration;

use futures::TryStreamExt as _;
use koodrive::{ErrorKind, RetryPolicy};

use super::{Again, Fault, PAGE, answer, fault, first_page, says, try_all};
use crate::listing::{ids, listed};
use crate::support::client_of;
use crate::support::tcp::{Script, ScriptedServer, Then};

const OK: &str = "HTTP/1.1 200 OK\r\n";

pub(super) fn faults() -> Vec<Fault> {
    let lost = |what, script| fault(what, ErrorKind::Transport, script);
    let garbage = |what, bytes: &str| lost(what, says(bytes.to_owned()));
    let page = |headers: &str| format!("{OK}{headers}\r\n\r\n{PAGE}");
    let status = |what, status: &str, code| {
        let script = says(format!("HTTP/1.1 {status}\r\n\r\n"));
        fault(what, ErrorKind::Status, script).status(code, Again::Never)
    };
    vec![
        lost("no answer", Script::reads()),
        lost("no answer but a reset", Script::reads().then(Then::Reset)),
        fault("silence", ErrorKind::Timeout, Script::reads().then(Then::Wait)),
        fault("a stall in the head", ErrorKind::Timeout, says(OK).then(Then::Wait)),
        garbage("a cut head", "HTTP/1.1 200 OK\r\ncontent-ty"),
        lost("a head and a reset", says(OK).then(Then::Reset)),
        garbage("another protocol", "220 mail.example.com ESMTP\r\n"),
        garbage("HTTP/0.9", PAGE),
        garbage("a version from the future", "HTTP/9.9 200 OK\r\n\r\n"),
        garbage("a status of 99", "HTTP/1.1 099 What\r\n\r\n"),
        garbage("a status of four digits", "HTTP/1.1 2000 What\r\n\r\n"),
        garbage("binary", "\u{0}\u{1}\u{2}\u{3}\r\n\r\n"),
        status("a status of 999", "999 Denied", 999),
        fault("endless 1xx", ErrorKind::Timeout, endless_hints()),
        fault("slow 1xx", ErrorKind::Timeout, slow_hints()),
        garbage("200 headers", &page(&"x-more: 1\r\n".repeat(200))),
        lost("an endless header", says(format!("{OK}x-more: ")).then(Then::Flood)),
        lost("endless headers", says(OK).then(Then::Repeat("x-more: 1\r\n".to_owned()))),
        garbage("two lengths", &page("content-length: 1\r\ncontent-length: 2")),
        garbage("a negative length", &page("content-length: -1")),
        garbage("a length beyond all numbers", &page("content-length: 99999999999999999999")),
        garbage("a length in hexadecimal", &page("content-length: 0x30")),
        garbage("an empty length", &page("content-length: ")),
        garbage("a header without a name", &page(": 48")),
        status("a switch of protocols", "101 Switching Protocols", 101),
        status("no content", "204 No Content", 204),
        status("not modified", "304 Not Modified", 304),
        status("partial content", "206 Partial Content", 206),
    ]
}

fn endless_hints() -> Script {
    let hint = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    Script::reads().then(Then::Repeat(hint.to_owned()))
}

/// Each arrives within the read timeout.
fn slow_hints() -> Script {
    let hints = "HTTP/1.1 100 Continue\r\n\r\n".repeat(100);
    Script::reads().dribbles(hints, Duration::from_millis(20)).then(Then::Wait)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bad_head_is_an_error_of_its_kind_and_costs_no_file() {
    try_all(faults()).await;
}

#[tokio::test]
async fn unusual_heads_that_http_allows_give_a_page_at_the_first_attempt() {
    let chunked = format!("{:x}\r\n{PAGE}\r\n0\r\n\r\n", PAGE.len());
    let large = format!("x-more: {}\r\n", "x".repeat(300_000));
    for (what, bytes) in [
        ("a header of 300 KB", answer("200 OK", &large, PAGE)),
        ("90 headers", answer("200 OK", &"x-more: 1\r\n".repeat(90), PAGE)),
        ("a length and chunks", {
            format!("{OK}content-length: 7\r\ntransfer-encoding: chunked\r\n\r\n{chunked}")
        }),
        ("neither a length nor chunks", format!("{OK}\r\n{PAGE}")),
        ("HTTP/1.0", format!("HTTP/1.0 200 OK\r\n\r\n{PAGE}")),
        ("the same length twice", answer("200 OK", "content-length: 48\r\n", PAGE)),
        ("a status line without a reason", answer("200 ", "", PAGE)),
        ("a few hints before it", {
            format!("{}{}", "HTTP/1.1 103 Hint\r\n\r\n".repeat(9), answer("200 OK", "", PAGE))
        }),
    ] {
        let server = ScriptedServer::start(bytes, Then::Close).await;
        let client = client_of(&server.uri()).retry(RetryPolicy::default());

        let page = first_page(client).send().await.unwrap_or_else(|e| panic!("{what}: {e}"));

        assert_eq!((ids(page.contents()).concat(), server.requests().len()), ("12".into(), 1));
    }
}

/// Otherwise an answer smuggled in behind it would answer the next request.
#[tokio::test]
async fn a_connection_is_not_reused_if_the_end_of_an_answer_is_in_doubt() {
    let first = r#"{"contentList":[{"id":"1"}],"nextPageCursor":"next"}"#;
    let smuggled = answer("200 OK", "", r#"{"contentList":[{"id":"smuggled"}]}"#);
    let chunked = format!("{:x}\r\n{first}\r\n0\r\n\r\n", first.len());
    let chunks = "transfer-encoding: chunked\r\n\r\n";
    for (what, bytes) in [
        ("a length and chunks", format!("{OK}content-length: 7\r\n{chunks}{chunked}")),
        ("an extra answer", answer("200 OK", "", first)),
        ("an extra answer after chunks", format!("{OK}{chunks}{chunked}")),
    ] {
        let bad = says(format!("{bytes}{smuggled}")).and_reads().writes(smuggled.clone());
        let good = says(answer("200 OK", "", r#"{"contentList":[{"id":"2"}]}"#));
        let server = ScriptedServer::play([bad.then(Then::Wait), good]).await;

        let files = first_page(client_of(&server.uri())).stream();

        assert_eq!(listed(files).await, ["1", "2"], "{what}");
        assert_eq!((server.connections(), server.requests().len()), (2, 2), "{what}");
    }
}

#[tokio::test]
async fn a_list_continues_after_a_fault_on_every_connection() {
    let faults: Vec<_> = faults().into_iter().filter(|f| f.kind == ErrorKind::Transport).collect();
    let count = faults.len();
    let scripts = faults.into_iter().flat_map(|fault| [next_page(), fault.script]);
    let server = ScriptedServer::play(scripts.chain([super::good_page()])).await;
    let client = client_of(&server.uri()).retry(RetryPolicy::default());

    let files: Vec<_> = first_page(client).stream().try_collect().await.unwrap();

    assert_eq!(files.len(), count + 2);
    assert_eq!(server.connections(), 2 * count + 1);
}

/// A page with a unique cursor, after which the connection closes.
fn next_page() -> Script {
    Script::reads().answers(|request| {
        let trace_id = request.split("x-traceid: ").nth(1).unwrap();
        let body =
            format!(r#"{{"contentList":[{{"id":"0"}}],"nextPageCursor":"{}"}}"#, &trace_id[..58]);
        answer("200 OK", "connection: close\r\n", &body)
    })
}
