//! Login and logout: what is sent, how the answer is read, and how each fails.

use std::{
    error::Error as _,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use insta::assert_snapshot;
use koodrive::{Error, ErrorKind, Login, SecretString, Session};
use koodrive_testing::{AlbumServer, Fault};
use serde_json::{Value, json};
use wiremock::{MockServer, ResponseTemplate};

use super::{client, list, session};
use crate::support::{
    TOKEN, USER, page, refusing, serving,
    tcp::{ScriptedServer, Then},
};

const PASSWORD: &str = "correct horse \"battery\"";

async fn login(uri: &str) -> Result<Login, Error> {
    Session::login(uri, "A Carrier", "13800000000", PASSWORD.into()).await
}

async fn login_to(server: &AlbumServer) -> Result<Login, Error> {
    let password = SecretString::from(server.login_password());
    Session::login(&server.uri(), server.agent_name(), server.login_account(), password).await
}

/// A good answer to a login.
fn answer() -> Value {
    let session = json!({
        "accessToken": format!("AT {TOKEN}"),
        "refreshToken": "9f8e7d6c5b4a39281706f5e4d3c2b1a0",
        "expiresIn": 1_800,
        "issuedAt": "1772006999088",
    });
    let user = json!({ "userId": USER, "firstname": "Ada" });
    json!({ "code": 0, "msg": "Success", "data": { "userInfo": user, "sessionInfo": session } })
}

/// The good answer with another value at `path`.
fn answer_but(path: &str, value: Value) -> String {
    let mut answer = answer();
    *answer.pointer_mut(path).unwrap() = value;
    answer.to_string()
}

/// The requests as text, without what differs from run to run.
async fn shown(server: &MockServer) -> String {
    let requests = server.received_requests().await.unwrap();
    let texts = requests.iter().map(|request| {
        let head = format!("{} {}", request.method, request.url.path());
        let headers = request.headers.iter().map(|(name, value)| {
            let value = value.to_str().unwrap();
            let is_trace_id = name == "x-traceid" && value.len() == 58;
            format!("{name}: {}", if is_trace_id { "[58 characters]" } else { value })
        });
        let body = String::from_utf8_lossy(&request.body).into_owned();
        [head].into_iter().chain(headers).chain([body]).collect::<Vec<_>>().join("\n")
    });
    let texts = texts.collect::<Vec<_>>().join("\n\n");
    texts.replace(&server.address().port().to_string(), "[port]")
}

#[tokio::test]
async fn a_login_sends_exactly_this_and_no_authorization() {
    let server = serving(page(&answer().to_string())).await;

    login(&server.uri()).await.unwrap();

    assert_snapshot!(shown(&server).await, @r#"
    POST /koodrive/ose/v1/auth/login
    accept: application/json
    content-type: application/json
    x-hw-agentname: A Carrier
    x-traceid: [58 characters]
    accept-encoding: gzip
    host: 127.0.0.1:[port]
    content-length: 79
    {"account":"13800000000","authType":"1","password":"correct horse \"battery\""}
    "#);
}

#[tokio::test]
async fn a_logout_sends_exactly_this() {
    let server = serving(page(r#"{"code":"0","msg":"Success"}"#)).await;

    Session::new("AT 3b911d72", "0e0e72d3").logout(&server.uri(), USER).await.unwrap();

    assert_snapshot!(shown(&server).await, @r#"
    POST /koodrive/ose/v1/auth/logout
    accept: application/json
    content-type: application/json
    x-traceid: [58 characters]
    authorization: AT 3b911d72
    accept-encoding: gzip
    host: 127.0.0.1:[port]
    content-length: 60
    {"accessToken":"AT 3b911d72","userId":"1765263620687613825"}
    "#);
}

#[tokio::test]
async fn a_session_from_a_login_lists_refreshes_and_logs_out() {
    let server = AlbumServer::builder().rotating_refresh_tokens(true).start().await;
    let login = login_to(&server).await.unwrap();
    assert_eq!(login.user_id, server.user_id());
    assert_eq!(login.tokens.access_token(), server.newest_access_token());
    assert_eq!(login.tokens.refresh_token(), server.refresh_token());
    let client = client(&server, login.session.clone());

    assert_eq!(list(&client, &server).await.unwrap(), 250);
    server.revoke_all();
    assert_eq!(list(&client, &server).await.unwrap(), 250);
    assert_eq!(server.received_refreshes(), 1);

    // The newest token, which only the client has asked for.
    login.session.logout(&server.uri(), server.user_id()).await.unwrap();
    assert_eq!((server.received_logouts(), server.received_refreshes()), (1, 1));
    let error = list(&client, &server).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
}

#[tokio::test]
async fn the_life_of_the_token_counts_from_its_arrival_whatever_the_services_clock_shows() {
    for (path, value, life) in [
        ("/data/sessionInfo/issuedAt", json!("17"), Some(1_800)),
        ("/data/sessionInfo/issuedAt", json!(4_102_444_800_000_u64), Some(1_800)),
        ("/data/sessionInfo/expiresIn", json!("60"), Some(60)),
        ("/data/sessionInfo/expiresIn", json!(null), None),
        ("/data/userInfo/userId", json!(1_882_575_898_755_117_312_u64), Some(1_800)),
        ("/code", json!("0"), Some(1_800)),
        ("/msg", json!(null), Some(1_800)),
    ] {
        let server = serving(page(&answer_but(path, value.clone()))).await;
        let before = SystemTime::now();

        let login = login(&server.uri()).await.unwrap();

        let at = |time: SystemTime| life.map(|life| time + Duration::from_secs(life));
        let expiry = login.tokens.expires_at();
        assert!(expiry >= at(before) && expiry <= at(SystemTime::now()), "{path}: {value}");
        let user_id = value.to_string();
        assert!(path != "/data/userInfo/userId" || login.user_id == user_id);
    }
}

#[tokio::test]
async fn a_refused_login_says_what_to_check_and_what_the_service_said() {
    let refused = |status, body: &str| Fault::status(status).body(body);
    for (fault, kind, cause, is_retryable) in [
        (refused(200, r#"{"code":13000102,"msg":"wrong"}"#), ErrorKind::Api, "wrong", false),
        (refused(400, r#"{"code":"13000102","msg":"wrong"}"#), ErrorKind::Api, "wrong", false),
        (refused(200, r#"{"code":7,"msg":"wrong","data":""}"#), ErrorKind::Api, "wrong", false),
        (refused(401, r#"{"code":7,"msg":"wrong"}"#), ErrorKind::Unauthorized, "wrong", false),
        (refused(403, "<html>"), ErrorKind::Status, "gave no reason", false),
        (refused(503, ""), ErrorKind::Status, "gave no reason", true),
        (refused(429, ""), ErrorKind::Throttled, "too many requests", true),
    ] {
        let server = AlbumServer::builder().login_fault(0, fault).start().await;

        let error = login_to(&server).await.unwrap_err();

        let what = if is_retryable { "try again later" } else { "check the account, the password" };
        assert!(error.to_string().contains(what), "{error}");
        let source = error.source().unwrap().to_string();
        assert!(source.contains(cause), "{source}");
        assert_eq!((error.kind(), error.is_retryable()), (kind, is_retryable), "{error}");
        assert_eq!((error.attempts(), server.received_logins()), (1, 1));
        assert_eq!(error.trace_id().map(str::len), Some(58));
    }
}

#[tokio::test]
async fn a_410_to_a_login_or_a_refresh_is_not_about_a_page_cursor() {
    let gone = Fault::status(410);
    let server = AlbumServer::builder().login_fault(0, gone.clone()).refresh_fault(0, gone);
    let server = server.start().await;
    let client = client(&server, session(&server));
    server.revoke_all();

    let login = login_to(&server).await.unwrap_err();
    let listing = list(&client, &server).await.unwrap_err();

    assert_eq!((login.kind(), login.status()), (ErrorKind::Status, Some(410)), "{login}");
    let refresh = listing.source().unwrap().downcast_ref::<Arc<Error>>().unwrap();
    assert_eq!((refresh.kind(), refresh.status()), (ErrorKind::Status, Some(410)), "{refresh}");
}

#[tokio::test]
async fn a_wrong_password_is_refused_by_the_server() {
    let server = AlbumServer::builder().start().await;
    let (agent, account) = (server.agent_name(), server.login_account());

    let error = Session::login(&server.uri(), agent, account, "guessed".into()).await.unwrap_err();

    assert_eq!((error.kind(), error.status()), (ErrorKind::Api, Some(400)), "{error}");
    assert_eq!(error.code(), Some("13000102"));
}

#[tokio::test]
async fn an_answer_without_a_user_or_a_session_is_an_error() {
    let session = "/data/sessionInfo";
    for (body, missing) in [
        (answer_but("/data", json!(null)), "user id"),
        (answer_but("/data/userInfo", json!(null)), "user id"),
        (answer_but("/data/userInfo", json!({ "userId": "" })), "user id"),
        (answer_but(session, json!(null)), "session"),
        (answer_but(session, json!({})), "access token"),
        (answer_but(&format!("{session}/refreshToken"), json!(null)), "refresh token"),
        (answer_but(&format!("{session}/refreshToken"), json!(" ")), "refresh token"),
        (answer_but(&format!("{session}/accessToken"), json!("AT 1\n")), "access token"),
        (answer_but(&format!("{session}/expiresIn"), json!(0)), "expired"),
        ("{}".to_owned(), "user id"),
        ("[]".to_owned(), "not what the service documents"),
        ("<html>".to_owned(), "not what the service documents"),
    ] {
        let server = serving(page(&body)).await;

        let error = login(&server.uri()).await.unwrap_err();

        assert!(error.to_string().contains(missing), "{body}: {error}");
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Decode, false), "{body}");
        assert_eq!(server.received_requests().await.unwrap().len(), 1, "{body}");
    }
}

#[tokio::test]
async fn blank_arguments_and_plain_http_are_refused_before_anything_is_sent() {
    let server = serving(page(&answer().to_string())).await;
    let uri = server.uri();
    for (endpoint, agent, account, password) in [
        (&*uri, "", "ada", PASSWORD),
        (&*uri, " ", "ada", PASSWORD),
        (&*uri, "a\r\nx: y", "ada", PASSWORD),
        (&*uri, "carriér", "ada", PASSWORD),
        (&*uri, "carrier", "", PASSWORD),
        (&*uri, "carrier", " ", PASSWORD),
        (&*uri, "carrier", "ada", ""),
        (&*uri, "carrier", "ada", "\n"),
        ("http://drive.example.com", "carrier", "ada", PASSWORD),
        ("https://ada:secret@drive.example.com", "carrier", "ada", PASSWORD),
        ("drive.example.com", "carrier", "ada", PASSWORD),
    ] {
        let error = Session::login(endpoint, agent, account, password.into()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{endpoint} {agent} {account}: {error}");
    }
    for (endpoint, user) in [(&*uri, ""), (&*uri, "a b"), ("http://drive.example.com", USER)] {
        let error = Session::new("AT 1", "2").logout(endpoint, user).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{endpoint} {user}: {error}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_login_whose_answer_is_lost_is_not_sent_again() {
    for (bytes, then) in [("", Then::Close), ("HTTP/1.1 200 OK\r\n\r\n{", Then::Reset)] {
        let server = ScriptedServer::start(bytes, then).await;

        let error = login(&server.uri()).await.unwrap_err();

        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Transport, true), "{error}");
        assert_eq!((server.requests().len(), error.attempts()), (1, 1));
    }
    let (_port, uri) = refusing();
    assert_eq!(login(&uri).await.unwrap_err().kind(), ErrorKind::Connect);
}

#[test]
fn outside_a_runtime_a_login_is_an_error_and_no_panic() {
    let waker = std::task::Waker::noop();
    let mut login = std::pin::pin!(login("https://drive.example.com"));
    let std::task::Poll::Ready(outcome) =
        login.as_mut().poll(&mut std::task::Context::from_waker(waker))
    else {
        panic!("it waits for something");
    };
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("Tokio runtime"), "{error}");
}

#[tokio::test]
async fn an_expired_or_refused_token_is_refreshed_before_the_logout() {
    for is_known_to_have_expired in [true, false] {
        let server = AlbumServer::builder().rotating_refresh_tokens(true).start().await;
        let saved = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&saved);
        let session = session(&server).on_refresh(move |tokens| {
            keep.lock().unwrap().push(tokens.access_token().to_owned());
        });
        let past = SystemTime::now() - Duration::from_secs(1);
        let session = if is_known_to_have_expired { session.expires_at(past) } else { session };
        server.revoke_all();

        session.logout(&server.uri(), server.user_id()).await.unwrap();

        let logouts = if is_known_to_have_expired { 1 } else { 2 };
        assert_eq!((server.received_refreshes(), server.received_logouts()), (1, logouts));
        assert_eq!(*saved.lock().unwrap(), [server.newest_access_token()]);
        let client = client(&server, session);
        assert!(list(&client, &server).await.is_err());
    }
}

#[tokio::test]
async fn a_logout_that_the_service_refuses_is_an_error() {
    for (answer, kind) in [
        (ResponseTemplate::new(401), ErrorKind::Credentials), // nor is it refreshed
        (page(r#"{"code":13000102,"msg":"no"}"#), ErrorKind::Api),
        (ResponseTemplate::new(500), ErrorKind::Status),
        (page("{}"), ErrorKind::Decode),
        (page("<html>"), ErrorKind::Decode),
    ] {
        let server = serving(answer).await;

        let session = Session::new("AT 1", "2");
        let error = session.logout(&server.uri(), USER).await.unwrap_err();

        assert_eq!(error.kind(), kind, "{error}");
    }
}
