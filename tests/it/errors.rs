//! Every kind of error, caused by a real fault: its text for people, and its facts for programs.

use std::io;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use insta::assert_snapshot;
use koodrive::{AccessToken, Client, Error, ErrorKind};
use koodrive_testing::{AlbumServer, Fault};

use crate::support::tcp::{ScriptedServer, Then};
use crate::support::{
    ALBUM, HOUR, Stopped, USER, answer, chain, client_of, error_of, ok, page, patience, refusing,
    serving, today,
};

const KINDS: [ErrorKind; 15] = [
    ErrorKind::InvalidInput,
    ErrorKind::Credentials,
    ErrorKind::Unauthorized,
    ErrorKind::ClockSkew,
    ErrorKind::Connect,
    ErrorKind::Tls,
    ErrorKind::Timeout,
    ErrorKind::Transport,
    ErrorKind::Redirect,
    ErrorKind::Status,
    ErrorKind::Throttled,
    ErrorKind::Api,
    ErrorKind::Decode,
    ErrorKind::TooLarge,
    ErrorKind::Paging,
];

const TOO_MUCH: usize = 17 * 1024 * 1024;

/// The most common error of this kind.
async fn example(kind: ErrorKind) -> Error {
    match kind {
        ErrorKind::InvalidInput => {
            let client = client_of("https://koodrive.example.com").build().unwrap();
            client.list_album_content("..").send().await.unwrap_err()
        }
        ErrorKind::Credentials => Client::builder().user_id(USER).build().unwrap_err(),
        ErrorKind::Unauthorized => {
            let server = AlbumServer::builder().start().await;
            let stale = server.client_builder().credentials(AccessToken::new("of-yesterday"));
            error_of(stale).await
        }
        ErrorKind::ClockSkew => clock_skew().await,
        ErrorKind::Connect => {
            let (_port, uri) = refusing();
            error_of(client_of(&uri)).await
        }
        ErrorKind::Tls => {
            let server =
                ScriptedServer::start("HTTP/1.1 400 Bad Request\r\n\r\n", Then::Close).await;
            error_of(client_of(&server.https_uri())).await
        }
        ErrorKind::Timeout => {
            let late = Fault::status(200).delay(HOUR);
            let server = AlbumServer::builder().fault(0, late).start().await;
            error_of(server.client_builder().http_client(patience(50))).await
        }
        ErrorKind::Transport => {
            let server = ScriptedServer::start("", Then::Close).await;
            error_of(client_of(&server.uri())).await
        }
        ErrorKind::Paging => {
            let server = serving(page(r#"{"contentList":[],"nextPageCursor":"again"}"#)).await;
            let pages = client_of(&server.uri()).build().unwrap().list_album_content(ALBUM).pages();
            pages.try_collect::<Vec<_>>().await.unwrap_err()
        }
        _ => answer(fault(kind)).await.unwrap_err(),
    }
}

/// The date of the first refusal corrects the clock; this service then refuses again.
async fn clock_skew() -> Error {
    let refusal = |date| {
        let body = r#"{"code":401,"msg":"X-Date is older than 15 minutes."}"#;
        Fault::status(401).header("date", date).body(body)
    };
    let server = AlbumServer::builder()
        .fault(0, refusal("Fri, 03 Nov 2028 07:01:40 GMT"))
        .fault(1, refusal("Sat, 03 Nov 2029 07:01:40 GMT"))
        .clock(today)
        .start()
        .await;
    error_of(server.client_builder().time_source(Stopped(today()))).await
}

/// The answer that causes an error of this kind.
fn fault(kind: ErrorKind) -> Fault {
    match kind {
        ErrorKind::Redirect => {
            Fault::status(302).header("location", "https://example.com/login?next=1")
        }
        ErrorKind::Status => Fault::status(502).body("<h1>Bad gateway</h1>"),
        ErrorKind::Throttled => {
            let body = r#"{"error_code":"APIG.0308","error_msg":"The throttling threshold has been reached.","request_id":"5e"}"#;
            Fault::status(429).header("retry-after", "2").body(body)
        }
        ErrorKind::Api => {
            Fault::status(400).body(r#"{"code":13000309,"msg":"Resource not found."}"#)
        }
        ErrorKind::Decode => ok("<html>Welcome to our hotel</html>"),
        ErrorKind::TooLarge => ok(vec![b' '; TOO_MUCH]),
        _ => unreachable!("a kind without an example: {kind:?}"),
    }
}

/// The error and its causes as a program prints them, without what differs between runs and
/// systems.
fn shown(error: &Error) -> String {
    let texts: Vec<String> = chain(error)
        .map(|cause| match cause.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error) {
            Some(_) => "[text of the system]".to_owned(),
            None => cause.to_string(),
        })
        .collect();
    let elapsed = format!("in {:.1?}", error.elapsed());
    let text = without_port(&texts.join("\n  because: ")).replace(&elapsed, "in [time]");
    match error.trace_id() {
        Some(id) => text.replace(id, "[58 characters]"),
        None => text,
    }
}

fn without_port(text: &str) -> String {
    let mut parts = text.split("127.0.0.1:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |before, part| {
        let after = part.trim_start_matches(|character: char| character.is_ascii_digit());
        format!("{before}127.0.0.1:[port]{after}")
    })
}

#[tokio::test]
async fn every_kind_of_error_says_what_happened_and_what_to_do() {
    let mut texts = Vec::new();
    for kind in KINDS {
        texts.push(format!("{kind:?}: {}", shown(&example(kind).await)));
    }

    assert_snapshot!(texts.join("\n\n"), @r"
    InvalidInput: the album id is not valid: expected letters, digits, `-`, `.`, `_` or `~`, and not `.` or `..` alone

    Credentials: no credentials; set `credentials` to an access token

    Unauthorized: the service refused the credentials; get new ones; it said: Authentication failed: the access token is not valid. (HTTP 401, code 401, trace id [58 characters])

    ClockSkew: the service refused the date; set this machine's clock; it said: X-Date is older than 15 minutes. (HTTP 401, code 401, trace id [58 characters], 2 attempts in [time])

    Connect: cannot connect to 127.0.0.1:[port]: check the endpoint and the network (trace id [58 characters])
      because: connecting failed
      because: client error (Connect)
      because: tcp connect error
      because: [text of the system]

    Tls: no secure connection to 127.0.0.1:[port]: check the endpoint, the system's root certificates and any proxy in between (trace id [58 characters])
      because: connecting failed
      because: client error (Connect)
      because: received corrupt message of type InvalidContentType

    Timeout: 127.0.0.1:[port] did not answer in time; try again later (trace id [58 characters])
      because: the time limit passed
      because: operation timed out

    Transport: the connection to 127.0.0.1:[port] was lost before the response was complete; try again (trace id [58 characters])
      because: the exchange was not completed
      because: client error (SendRequest)
      because: connection closed before message completed

    Redirect: the service answered with a redirect; check the endpoint (HTTP 302, trace id [58 characters])

    Status: the service answered with an error and gave no reason (HTTP 502, trace id [58 characters])

    Throttled: too many requests; wait before the next one; it said: The throttling threshold has been reached. (HTTP 429, code APIG.0308, retry after 2s, trace id [58 characters])

    Api: the service refused the request; it said: Resource not found. (HTTP 400, code 13000309, trace id [58 characters])

    Decode: the response is not a page of an album: it is HTML or XML, perhaps from a proxy or a login page (HTTP 200, trace id [58 characters])

    TooLarge: the response from 127.0.0.1:[port] is larger than any page (trace id [58 characters])
      because: the body exceeds the limit
      because: length limit exceeded

    Paging: the service returned the same page cursor twice, so the list would never end; what was listed so far may be incomplete; start again (trace id [58 characters])
    ");
}

#[tokio::test]
async fn every_kind_of_error_gives_a_program_its_facts() {
    const THROTTLED: Option<&str> = Some("APIG.0308");
    const TWO_SECONDS: Option<Duration> = Some(Duration::from_secs(2));
    for (kind, status, code, attempts, retry_after, is_retryable) in [
        (ErrorKind::InvalidInput, None, None, 0, None, false),
        (ErrorKind::Credentials, None, None, 0, None, false),
        (ErrorKind::Unauthorized, Some(401), Some("401"), 1, None, false),
        (ErrorKind::ClockSkew, Some(401), Some("401"), 2, None, false),
        (ErrorKind::Connect, None, None, 1, None, true),
        (ErrorKind::Tls, None, None, 1, None, false),
        (ErrorKind::Timeout, None, None, 1, None, true),
        (ErrorKind::Transport, None, None, 1, None, true),
        (ErrorKind::Redirect, Some(302), None, 1, None, false),
        (ErrorKind::Status, Some(502), None, 1, None, true),
        (ErrorKind::Throttled, Some(429), THROTTLED, 1, TWO_SECONDS, true),
        (ErrorKind::Api, Some(400), Some("13000309"), 1, None, false),
        (ErrorKind::Decode, Some(200), None, 1, None, false),
        (ErrorKind::TooLarge, None, None, 1, None, false),
    ] {
        let error = example(kind).await;
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.status(), status, "{kind:?}");
        assert_eq!(error.code(), code, "{kind:?}");
        assert_eq!(error.attempts(), attempts, "{kind:?}");
        assert_eq!(error.trace_id().map_or(0, str::len), if attempts == 0 { 0 } else { 58 });
        assert_eq!(error.retry_after(), retry_after, "{kind:?}");
        assert_eq!(error.is_retryable(), is_retryable, "{kind:?}");
    }
}

#[tokio::test]
async fn a_paging_error_names_the_request_that_repeated_the_cursor() {
    let error = example(ErrorKind::Paging).await;

    assert_eq!(error.kind(), ErrorKind::Paging);
    assert!(!error.is_retryable());
    assert_eq!((error.status(), error.code(), error.retry_after()), (None, None, None));
    assert_eq!((error.attempts(), error.trace_id().map(str::len)), (1, Some(58)));
}

#[tokio::test]
async fn a_page_that_was_cut_is_requested_again_by_the_next_poll() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"contentList\":[{\"id\":\"1\"}]";
    let server = ScriptedServer::start(cut, Then::Close).await;
    let mut files = client_of(&server.uri())
        .build()
        .unwrap()
        .list_album_content(ALBUM)
        .page_cursor("x")
        .stream();

    for attempt in 1..=3 {
        let error = files.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport, "{attempt}");
    }

    let requests = server.requests();
    assert_eq!((requests.len(), files.progress().items), (3, 0));
    assert!(requests.iter().all(|request| request.contains("?pageCursor=x&pageSize=100 HTTP/1.1")));
}

#[tokio::test]
async fn an_endless_body_is_abandoned_at_16_mib() {
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"contentList\":[],\"x\":\"";
    let server = ScriptedServer::start(head, Then::Flood).await;

    let error = error_of(client_of(&server.uri())).await;

    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(!error.is_retryable());
    // The buffers of the connection hold some more.
    assert!(server.written() < 2 * TOO_MUCH, "{}", server.written());
}

#[tokio::test]
async fn a_body_announced_as_a_terabyte_is_not_read() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 1099511627776\r\n\r\n";
    let server = ScriptedServer::start(head, Then::Flood).await;

    let error = error_of(client_of(&server.uri())).await;

    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(server.written() < TOO_MUCH, "{}", server.written());
}
