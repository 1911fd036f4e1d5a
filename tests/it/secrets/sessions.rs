//! A session's tokens: the first ones, and those that a refresh returns.

use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use koodrive::{ClientBuilder, Session};
use serde_json::{Value, json};
use wiremock::{Request, ResponseTemplate};

use super::printed::{NEW_REFRESH_TOKEN, NEW_TOKEN, Printed, REFRESH_TOKEN, TOKEN, URL};
use super::{breaks, client_of, echo, envelopes, printed, printed_of_a_page, shared_http};
use crate::support::tcp::{ScriptedServer, Then};
use crate::support::{Frozen, page, patience, refusing, serving};

fn session() -> Session {
    Session::new(TOKEN, REFRESH_TOKEN)
}

/// Its clock stands still, so the pause after a failed refresh does not end.
fn session_of(uri: &str) -> ClientBuilder {
    client_of(uri).credentials(session()).time_source(Frozen::now())
}

/// Its first request is the refresh.
fn expired_session_of(uri: &str) -> ClientBuilder {
    session_of(uri).credentials(session().expires_at(SystemTime::UNIX_EPOCH))
}

/// Answers a refresh with `refreshed`, and refuses every other request with an echo of it.
fn refusing_all_but(refreshed: ResponseTemplate) -> impl Fn(&Request) -> ResponseTemplate {
    let refusal = echo(401, |said| json!({ "code": 401, "msg": said }).to_string());
    move |request| match request.method.as_str() {
        "POST" => refreshed.clone(),
        _ => refusal(request),
    }
}

/// A good answer to a refresh.
fn refreshed() -> Value {
    let session = json!({
        "accessToken": NEW_TOKEN,
        "refreshToken": NEW_REFRESH_TOKEN,
        "expiresIn": 1_800,
        "issuedAt": "1762153300000",
    });
    json!({ "code": 0, "data": { "sessionInfo": session } })
}

/// The good answer with another value at `path`.
fn refreshed_but(path: &str, value: Value) -> String {
    let mut answer = refreshed();
    *answer.pointer_mut(path).unwrap() = value;
    answer.to_string()
}

#[test]
fn a_session_prints_no_token() {
    let mut printed = Printed::new();
    printed.debug(&session());
    let builder = session_of("https://koodrive.example.com");
    printed.debug(&builder);
    printed.debug(&builder.build().unwrap());

    printed.assert_clean("a session");
}

#[test]
fn the_error_of_a_rejected_session_does_not_show_it() {
    for session in [
        Session::new(format!("{TOKEN}\n"), REFRESH_TOKEN),
        Session::new(format!("{TOKEN}é"), REFRESH_TOKEN),
        Session::new(TOKEN, " "),
    ] {
        let mut printed = Printed::new();
        let builder = client_of("https://koodrive.example.com").credentials(session);

        printed.error(&builder.build().unwrap_err());

        printed.assert_clean("an unusable session");
    }
}

#[tokio::test]
async fn echoed_refresh_tokens_are_redacted() {
    let http = shared_http();
    for (status, shape) in envelopes() {
        let server = serving(echo(status, shape)).await;
        let client = expired_session_of(&server.uri()).http_client(http.clone());

        let printed = printed_of_a_page(client).await;

        printed.assert_clean(&format!("status {status}, {}", shape("…")));
        let requests = server.received_requests().await.unwrap();
        assert_eq!((requests.len(), requests[0].method.as_str()), (1, "POST"));
    }
}

#[tokio::test]
async fn echoed_new_tokens_are_redacted() {
    let server = serving(refusing_all_but(page(&refreshed().to_string()))).await;
    let received = Arc::new(Mutex::new(Printed::new()));
    let keep = Arc::clone(&received);
    let session = session().on_refresh(move |tokens| {
        assert_eq!((tokens.access_token(), tokens.refresh_token()), (NEW_TOKEN, NEW_REFRESH_TOKEN));
        keep.lock().unwrap().debug(tokens);
    });

    printed(client_of(&server.uri()).credentials(session)).await.assert_clean("a new token");

    received.lock().unwrap().assert_clean("the tokens of on_refresh");
}

#[tokio::test]
async fn tokens_that_a_refresh_replaced_are_redacted_in_later_answers() {
    let server = serving(|request: &Request| {
        if request.method.as_str() == "POST" {
            return page(&refreshed().to_string());
        }
        let is_old = request.headers["authorization"].to_str().unwrap().contains(TOKEN);
        let said = format!("not {TOKEN} or {REFRESH_TOKEN}, which were replaced");
        let status = if is_old { 401 } else { 400 };
        ResponseTemplate::new(status).set_body_json(json!({ "code": 1, "msg": said }))
    })
    .await;

    printed(session_of(&server.uri())).await.assert_clean("replaced tokens");
}

#[tokio::test]
async fn the_error_of_a_malformed_refresh_does_not_show_the_answer() {
    let good = refreshed().to_string();
    let (token, life) = ("/data/sessionInfo/accessToken", "/data/sessionInfo/expiresIn");
    for body in [
        good[..good.len() - 2].to_owned(),
        format!("{good}{NEW_TOKEN}"),
        format!("<html>{NEW_TOKEN} {REFRESH_TOKEN}</html>"),
        format!("\"{NEW_TOKEN}\""),
        json!([NEW_TOKEN]).to_string(),
        json!({ "code": 0, "data": NEW_TOKEN }).to_string(),
        json!({ "code": 0, "data": { "refreshToken": NEW_REFRESH_TOKEN } }).to_string(),
        json!({ "code": 0, NEW_TOKEN: NEW_REFRESH_TOKEN }).to_string(),
        refreshed_but("/code", json!(NEW_TOKEN)),
        refreshed_but("/code", json!([NEW_TOKEN])),
        refreshed_but("/data/sessionInfo", json!(NEW_TOKEN)),
        refreshed_but(token, json!([NEW_TOKEN])),
        refreshed_but(token, json!({ NEW_TOKEN: 1 })),
        refreshed_but(token, json!(format!("{NEW_TOKEN}\n"))),
        refreshed_but(token, json!(format!("{NEW_TOKEN}é"))),
        refreshed_but("/data/sessionInfo/refreshToken", json!([NEW_REFRESH_TOKEN])),
        refreshed_but(life, json!(NEW_TOKEN)),
        refreshed_but(life, json!(0)),
        refreshed_but(life, json!(-1)),
    ] {
        let server = serving(refusing_all_but(page(&body))).await;

        printed(session_of(&server.uri())).await.assert_clean(&body);

        let requests = server.received_requests().await.unwrap();
        let methods: Vec<_> = requests.iter().map(|request| request.method.as_str()).collect();
        assert_eq!(methods, ["GET", "POST"], "{body}");
    }
}

#[tokio::test]
async fn broken_refreshes_print_no_secret() {
    for (what, bytes, then) in breaks() {
        let server = ScriptedServer::start(bytes, then).await;

        printed(expired_session_of(&server.uri())).await.assert_clean(what);

        let requests = server.requests();
        assert_eq!(requests.len(), 1, "{what}");
        assert!(requests[0].starts_with("POST "), "{what}");
    }
}

#[tokio::test]
async fn refreshes_that_time_out_or_fail_to_connect_print_no_secret() {
    let head = format!("HTTP/1.1 200 OK\r\nx-y: {URL}\r\n\r\n{{\"code\":0,\"data\":\"{NEW_TOKEN}");
    let silent = ScriptedServer::start("", Then::Wait).await;
    let (_port, refusing) = refusing();
    let stalling = ScriptedServer::start(head, Then::Wait).await;
    for (what, uri) in [
        ("silence", silent.uri()),
        ("a stall", stalling.uri()),
        ("a silent handshake", silent.https_uri()),
        ("a refusal", refusing),
    ] {
        let client = expired_session_of(&uri).http_client(patience(50));

        printed(client).await.assert_clean(what);
    }
}

#[tokio::test]
async fn the_error_of_a_panicking_on_refresh_shows_no_token() {
    let server = serving(refusing_all_but(page(&refreshed().to_string()))).await;
    let session = session().on_refresh(|tokens| panic!("cannot store {}", tokens.access_token()));

    let printed = printed(client_of(&server.uri()).credentials(session)).await;

    printed.assert_clean("a panic");
}
