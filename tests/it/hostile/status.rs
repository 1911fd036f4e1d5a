//! Statuses: which are retried, and how the bodies and headers of errors are read.

use futures::future::join_all;
use koodrive::{ErrorKind, RetryPolicy, Timeouts};

use super::{Again, Fault, answer, fault, first_page, good_page, says, try_all};
use crate::support::tcp::{ScriptedServer, Then};
use crate::support::{HOUR, client_of};

pub(super) fn faults() -> Vec<Fault> {
    use Again::{Always, Never};
    use ErrorKind::{Api, Paging, Redirect, Status, Throttled, Unauthorized};
    let api = r#"{"code":"13000309","msg":"\u001b[31mResource\r\nnot found."}"#;
    let gateway = r#"{"error_code":"APIG.0101","error_msg":"no such API","request_id":"1"}"#;
    let nested = r#"{"error":{"code":"13000102","msg":"x"}}"#;
    let refused = r#"{"error_code":"APIG.0303","error_msg":"authentication fails"}"#;
    let xml = "<?xml version=\"1.0\"?><Error><Code>SlowDown</Code></Error>";
    [
        ("a code under 200", "200 OK", api, Api, Never),
        ("a code beside files", "200 OK", r#"{"contentList":[],"code":7}"#, Api, Never),
        ("a code under 400", "400 Bad", api, Api, Never),
        ("refused credentials under 400", "400 Bad", refused, Unauthorized, Never),
        ("401", "401 Who?", "", Unauthorized, Never),
        ("403", "403 No", "", Status, Never),
        ("404 by the gateway", "404 Lost", gateway, Api, Never),
        ("408", "408 Slow", "", Status, Always),
        ("425", "425 Early", "", Status, Always),
        ("500 with a code", "500 Broken", api, Api, Always),
        ("502", "502 Bad", "<html>", Status, Always),
        ("503 with a page", "503 Busy", super::PAGE, Status, Always),
        ("504", "504 Late", "", Status, Always),
        ("410", "410 Gone", "", Paging, Never),
        ("429", "429 Slower", "", Throttled, Always),
        ("throttled under 200", "200 OK", r#"{"code":"APIC.0308"}"#, Throttled, Always),
        ("a redirect", "302 There", "", Redirect, Never),
        ("a redirect that keeps the method", "307 There", "", Redirect, Never),
        ("a nested code", "400 Bad", nested, Api, Never),
        ("XML", "503 Busy", xml, Status, Always),
        ("XML under 400", "400 Bad", xml, Status, Never),
        ("another success", "201 Made", super::PAGE, Status, Never),
    ]
    .into_iter()
    .map(|(what, status, body, kind, again)| {
        let code = status[..3].parse().unwrap();
        fault(what, kind, says(answer(status, "", body))).status(code, again)
    })
    .chain(odd_endings())
    .collect()
}

fn odd_endings() -> Vec<Fault> {
    use Again::{Always, Never};
    let head = |status: &str| says(format!("HTTP/1.1 {status}\r\n\r\n<html>"));
    let status =
        |what, script, code, again| fault(what, ErrorKind::Status, script).status(code, again);
    let announced =
        |length: u64| says(format!("HTTP/1.1 503 Busy\r\ncontent-length: {length}\r\n\r\n"));
    let escape = "HTTP/1.1 503 \u{1b}[2J\r\ncontent-length: 0\r\n\r\n";
    vec![
        status("an endless error", head("503 Busy").then(Then::Flood), 503, Always),
        status("an endless refusal", head("403 No").then(Then::Flood), 403, Never),
        status("a terabyte, announced", announced(1 << 40).then(Then::Flood), 503, Always),
        status("a cut error", announced(100), 503, Always),
        status("an error and a reset", announced(100).then(Then::Reset), 503, Always),
        fault("an escape sequence as the reason", ErrorKind::Transport, says(escape)),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_status_is_an_error_of_its_kind_and_is_retried_only_if_transient() {
    try_all(faults()).await;
}

#[tokio::test]
async fn a_zero_past_or_invalid_retry_after_is_retried() {
    let waits = ["0", "-1", "later", "Mon, 03 Nov 2025 07:00:00 GMT"];
    let lists = waits.map(|wait| async move {
        let busy = answer("503 Busy", &format!("retry-after: {wait}\r\n"), "");
        let server = ScriptedServer::play([says(busy), good_page()]).await;
        let client = client_of(&server.uri()).retry(RetryPolicy::default());

        let page = first_page(client).send().await;

        let page = page.unwrap_or_else(|error| panic!("{wait:?}: {error}"));
        assert_eq!((page.contents().len(), server.connections()), (2, 2), "{wait:?}");
    });
    join_all(lists).await;
}

/// A client that waited would keep the test from ending.
#[tokio::test]
async fn a_retry_after_beyond_the_deadline_fails_at_once() {
    let limits = Timeouts::default().page(HOUR);
    for (status, kind) in [("503 Busy", ErrorKind::Status), ("429 No", ErrorKind::Throttled)] {
        for wait in ["86400", "3601", "18446744073709551615"] {
            let busy = answer(status, &format!("retry-after: {wait}\r\n"), "");
            let server = ScriptedServer::start(busy, Then::Close).await;
            let client = client_of(&server.uri()).retry(RetryPolicy::default()).timeouts(limits);

            let error = first_page(client).send().await.unwrap_err();

            assert_eq!((error.kind(), error.attempts()), (kind, 1), "{wait}: {error}");
            assert_eq!(error.retry_after().map(|wait| wait.as_secs()), wait.parse().ok());
            assert_eq!(server.requests().len(), 1, "{wait}");
        }
    }
}

/// What the server still writes stays in the buffers of the network, which hold some megabytes.
#[tokio::test]
async fn an_endless_error_body_is_neither_read_nor_waited_for() {
    let head = "HTTP/1.1 503 Busy\r\ncontent-length: 1073741824\r\n\r\n<html>";
    let endless = says(head).then(Then::Flood);
    let server = ScriptedServer::play([endless, good_page()]).await;
    let client = client_of(&server.uri()).retry(RetryPolicy::default());

    let page = first_page(client).send().await.unwrap();

    assert_eq!((page.contents().len(), server.connections()), (2, 2));
    assert!(server.written() < 16 * 1024 * 1024, "{}", server.written());
}
