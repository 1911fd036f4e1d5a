//! Refusals: codes under any status, statuses without a code, and the texts that come with them.

use std::time::Duration;

use koodrive::{Error, ErrorKind};
use koodrive_testing::{AlbumServer, Fault};
use wiremock::ResponseTemplate;

use crate::support::tcp::{ScriptedServer, Then};
use crate::support::{answer, answers, client_of, error_of, serving, today};

async fn refusal(fault: Fault) -> Error {
    answer(fault).await.unwrap_err()
}

fn refused(status: u16, body: &str) -> Fault {
    Fault::status(status).body(body)
}

#[tokio::test]
async fn a_code_is_an_error_under_any_status_and_in_any_shape() {
    let shapes = [
        r#"{"code":13000309,"msg":"Resource not found."}"#,
        "\u{feff}{\"code\":13000309,\"msg\":\"Resource not found.\"}",
        r#"{"code":"13000309","msg":"Resource not found."}"#,
        r#"{"code":13000309}"#,
        r#"{"contentList":[{"id":"1"}],"code":13000309,"msg":null}"#,
        r#"{"contentList":[{"id":1}],"code":"13000309","msg":"Why."}"#,
    ];
    for (status, is_retryable) in [(200, false), (400, false), (404, false), (500, true)] {
        for (body, answer) in
            shapes.iter().zip(answers(shapes.map(|body| refused(status, body))).await)
        {
            let error = answer.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Api, "{status} {body}: {error}");
            assert_eq!((error.status(), error.code()), (Some(status), Some("13000309")), "{body}");
            assert_eq!(error.is_retryable(), is_retryable, "{status} {body}");
            assert_eq!((error.attempts(), error.trace_id().map(str::len)), (1, Some(58)));
        }
    }
}

#[tokio::test]
async fn the_status_decides_if_the_body_has_no_code() {
    for (status, kind, is_retryable) in [
        (201, ErrorKind::Status, false),
        (404, ErrorKind::Status, false),
        (410, ErrorKind::Paging, false),
        (503, ErrorKind::Status, true),
    ] {
        for body in ["", "<html><h1>It broke</h1></html>", "{}", "[]", "null", r#"{"code":0}"#] {
            let error = refusal(refused(status, body)).await;
            assert_eq!((error.kind(), error.status()), (kind, Some(status)), "{status} {body:?}");
            assert_eq!((error.is_retryable(), error.code()), (is_retryable, None), "{status}");
        }
    }
}

#[tokio::test]
async fn refused_credentials_are_unauthorized() {
    for (status, body) in
        [(401, r#"{"code":401,"msg":"x"}"#), (403, r#"{"error_code":"APIC.1002","error_msg":"x"}"#)]
    {
        let error = refusal(refused(status, body)).await;
        assert_eq!(error.kind(), ErrorKind::Unauthorized, "{status} {body}");
        assert!(!error.is_retryable(), "{status} {body}");
    }
}

/// The error of a server whose clock shows 2025-11-03T07:01:40Z.
async fn throttled(status: u16, body: &str, retry_after: &str) -> Error {
    let fault = refused(status, body).header("retry-after", retry_after);
    let server = AlbumServer::builder().clock(today).fault(0, fault).start().await;
    let error = error_of(server.client_builder()).await;
    assert_eq!(error.kind(), ErrorKind::Throttled, "{status} {body}");
    assert!(error.is_retryable(), "{status} {body}");
    error
}

#[tokio::test]
async fn throttling_carries_retry_after() {
    for (value, seconds) in
        [("120", Some(120)), ("Mon, 03 Nov 2025 07:03:40 GMT", Some(120)), ("later", None)]
    {
        let error = throttled(429, "", value).await;
        assert_eq!(error.retry_after(), seconds.map(Duration::from_secs), "{value:?}");
    }
}

#[tokio::test]
async fn a_throttling_code_counts_under_any_status() {
    for (status, body) in [
        (400, r#"{"code":"APIGW.0308","msg":"Slow down."}"#),
        (200, r#"{"code":"APIG.0308","msg":"Slow down.","total":"0"}"#),
        (200, r#"{"error_code":"APIG.0308","error_msg":"Slow down.","request_id":"1"}"#),
        (200, r#"{"error":{"code":"APIG.0308","msg":"Slow down."}}"#),
    ] {
        let error = throttled(status, body, "7").await;
        assert!(error.code().is_some_and(|code| code.ends_with(".0308")), "{status}");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)), "{status} {body}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_its_target_not_shown() {
    let elsewhere = serving(ResponseTemplate::new(200)).await;
    for status in [301, 302, 303, 307, 308] {
        for location in [
            format!("{}/login?next=sh0wn", elsewhere.uri()),
            "http:///sh0wn".to_owned(),
            "file:///sh0wn".to_owned(),
            "/koodrive/ose/v1/album/sh0wn/list".to_owned(),
            "\u{e9}sh0wn".to_owned(),
        ] {
            let error = refusal(Fault::status(status).header("location", &location)).await;
            assert_eq!((error.kind(), error.status()), (ErrorKind::Redirect, Some(status)));
            assert!(!error.is_retryable(), "{status}");
            let text = format!("{error}{error:?}{error:#?}");
            assert!(!text.contains("sh0wn") && !text.contains(&elsewhere.uri()), "{text}");
        }
    }

    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn messages_of_the_service_are_escaped() {
    for (said, shown) in [
        (r"\u001b[31mred\u001b[0m", r"\u{1b}[31mred\u{1b}[0m"),
        ("<script>alert(1)</script> 照片", "<script>alert(1)</script> 照片"),
    ] {
        for status in [200, 400] {
            let body = format!(r#"{{"code":"1\u001b[2J","msg":"{said}"}}"#);
            let error = refusal(refused(status, &body)).await;
            let text = error.to_string();
            assert!(text.contains(shown), "{text}");
            assert!(!text.contains(char::is_control), "{text:?}");
            assert_eq!(error.code(), Some(r"1\u{1b}[2J"));
        }
    }
}

#[tokio::test]
async fn long_messages_of_the_service_are_cut() {
    let long = "é".repeat(20_000);
    for body in [
        format!(r#"{{"code":13000309,"msg":"{long}"}}"#),
        format!(r#"{{"code":"{long}","msg":"x"}}"#),
        format!(r#"{{"error_code":"APIG.0101","error_msg":"{long}"}}"#),
    ] {
        let error = refusal(refused(400, &body)).await;
        let text = error.to_string();
        assert!(text.contains("éé…") && text.chars().count() < 600, "{text}");
    }
}

#[tokio::test]
async fn only_the_status_of_an_oversized_error_counts() {
    for megabytes in [1, 20] {
        let filler = "x".repeat(megabytes * 1024 * 1024);
        let body = format!(r#"{{"code":13000309,"msg":"Gone.","trace":"{filler}"}}"#);

        let error = refusal(refused(400, &body)).await;

        assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(400)), "{error}");
    }
}

#[tokio::test]
async fn a_cut_error_body_still_gives_its_code() {
    let head = "HTTP/1.1 400 Bad Request\r\ncontent-length: 100\r\n\r\n";
    let body = r#"{"code":13000309,"msg":"Gone."}"#;
    let server = ScriptedServer::start(format!("{head}{body}"), Then::Close).await;

    let error = error_of(client_of(&server.uri())).await;

    assert_eq!((error.kind(), error.code()), (ErrorKind::Api, Some("13000309")), "{error}");
}
