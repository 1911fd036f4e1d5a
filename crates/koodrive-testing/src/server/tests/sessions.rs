//! Sessions: tokens and their refresh.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::{json, list, server_time};
use crate::{AlbumServer, AlbumServerBuilder, Fault};

const REFRESH: &str = "/koodrive/ose/v1/auth/refreshToken";

fn builder() -> AlbumServerBuilder {
    AlbumServer::builder().files(1).clock(server_time)
}

/// A refresh with these two tokens.
fn refresh(server: &AlbumServer, access_token: &str, refresh_token: &str) -> RequestBuilder {
    Client::new()
        .post(format!("{}{REFRESH}", server.uri()))
        .header("authorization", access_token)
        .json(&json!({ "refreshToken": refresh_token }))
}

/// Refreshes as a client does, and returns the new session.
async fn refresh_session(server: &AlbumServer) -> Value {
    let (access, refresh_token) = (server.newest_access_token(), server.refresh_token());
    let (status, mut body) = json(refresh(server, &access, &refresh_token)).await;
    assert_eq!((status, &body["code"]), (200, &Value::from(0)), "{body}");
    body["data"]["sessionInfo"].take()
}

async fn status_of(server: &AlbumServer, token: &str) -> u16 {
    let mut request = list(server, &[]).build().unwrap();
    request.headers_mut().insert("authorization", token.try_into().unwrap());
    Client::new().execute(request).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_refresh_issues_a_second_valid_token() {
    let server = builder().start().await;
    let session = refresh_session(&server).await;
    let token = session["accessToken"].as_str().unwrap();
    assert!(token.starts_with("AT "), "{token}");
    assert_eq!(token, server.newest_access_token());
    assert_eq!(session["expiresIn"], 1800);
    assert_eq!(session["issuedAt"], "1762153300000");
    assert_eq!(session["refreshToken"], server.refresh_token());

    assert_eq!(status_of(&server, token).await, 200);
    assert_eq!(status_of(&server, server.access_token()).await, 200);
    assert_ne!(server.access_token(), server.newest_access_token());
    assert_eq!((server.issued_tokens(), server.received_refreshes()), (1, 1));
}

#[tokio::test]
async fn a_session_can_be_the_data_itself() {
    let server = builder().flat_sessions(true).start().await;
    let (_, body) = json(refresh(&server, server.access_token(), &server.refresh_token())).await;
    assert_eq!(body["data"]["accessToken"], server.newest_access_token());
    assert!(body["data"].get("sessionInfo").is_none());
}

#[tokio::test]
async fn tokens_expire_by_the_servers_clock() {
    static SECONDS: AtomicU64 = AtomicU64::new(0);
    let clock = || server_time() + Duration::from_secs(SECONDS.load(Ordering::SeqCst));
    let server = builder().clock(clock).token_life(Duration::from_secs(60)).start().await;
    let first = server.access_token();

    SECONDS.store(40, Ordering::SeqCst);
    let session = refresh_session(&server).await;
    assert_eq!(
        (&session["expiresIn"], &session["issuedAt"]),
        (&json!(60), &json!("1762153340000"))
    );
    let second = server.newest_access_token();
    for (seconds, of_first, of_second) in
        [(59, 200, 200), (60, 401, 200), (99, 401, 200), (100, 401, 401)]
    {
        SECONDS.store(seconds, Ordering::SeqCst);
        assert_eq!(status_of(&server, first).await, of_first, "{seconds}");
        assert_eq!(status_of(&server, &second).await, of_second, "{seconds}");
    }

    // An expired token can still be refreshed.
    refresh_session(&server).await;
    assert_eq!(status_of(&server, &server.newest_access_token()).await, 200);
}

#[tokio::test]
async fn a_rotating_refresh_token_works_once() {
    let server = builder().rotating_refresh_tokens(true).start().await;
    let first = server.refresh_token();
    let session = refresh_session(&server).await;
    assert_ne!(session["refreshToken"], first);
    assert_eq!(session["refreshToken"], server.refresh_token());

    let (status, body) = json(refresh(&server, server.access_token(), &first)).await;
    assert_eq!((status, &body["code"]), (400, &Value::from(13_000_102)), "{body}");
    refresh_session(&server).await;
    assert_eq!((server.issued_tokens(), server.received_refreshes()), (2, 3));
}

#[tokio::test]
async fn a_revoked_token_is_refused_until_the_next_refresh() {
    let server = builder().start().await;
    let first = server.access_token();
    server.revoke(&format!("Bearer {first}"));
    assert_eq!(status_of(&server, first).await, 401);

    refresh_session(&server).await;
    let second = server.newest_access_token();
    assert_eq!((status_of(&server, first).await, status_of(&server, &second).await), (401, 200));
    server.revoke_all();
    assert_eq!(status_of(&server, &second).await, 401);
    refresh_session(&server).await;
    assert_eq!(status_of(&server, &server.newest_access_token()).await, 200);
}

#[tokio::test]
async fn an_invalid_refresh_issues_no_token() {
    let server = builder().start().await;
    let (access, good) = (server.access_token(), server.refresh_token());
    let url = format!("{}{REFRESH}", server.uri());
    let post = || Client::new().post(&url).header("authorization", access);
    for (what, request, status, code) in [
        ("no token", Client::new().post(&url).json(&json!({ "refreshToken": good })), 401, 401),
        ("unknown token", refresh(&server, "Bearer 0123", &good), 401, 401),
        ("its own token", refresh(&server, &good, &good), 401, 401),
        ("unknown refresh token", refresh(&server, access, "0123"), 400, 13_000_102),
        ("empty refresh token", refresh(&server, access, ""), 400, 13_000_102),
        ("no body", post(), 400, 13_000_102),
        ("other body", post().body("refreshToken=0123"), 400, 13_000_102),
        ("trace id", refresh(&server, access, &good).header("x-traceid", "short"), 400, 13_000_102),
    ] {
        let (found, body) = json(request).await;
        assert_eq!((found, &body["code"]), (status, &Value::from(code)), "{what}: {body}");
        assert!(!body.to_string().contains(&good), "{what}: {body}");
    }
    assert_eq!((server.issued_tokens(), server.received_refreshes()), (0, 8));
    assert_eq!(server.newest_access_token(), access);

    let (status, body) = json(Client::new().get(&url)).await;
    assert_eq!((status, &body["error_code"]), (404, &Value::from("APIG.0101")));
    assert_eq!(server.received_refreshes(), 8);
}

#[tokio::test]
async fn faults_of_refreshes_and_lists_are_counted_separately() {
    let server = builder()
        .fault(1, Fault::status(502))
        .refresh_fault(1, Fault::status(503).body("busy"))
        .start()
        .await;
    refresh_session(&server).await;
    assert_eq!(status_of(&server, server.access_token()).await, 200);

    let before = (server.newest_access_token(), server.issued_tokens());
    let response = refresh(&server, server.access_token(), &server.refresh_token()).send().await;
    assert_eq!(response.unwrap().status(), 503);
    assert_eq!((server.newest_access_token(), server.issued_tokens()), before);

    assert_eq!(status_of(&server, server.access_token()).await, 502);
    refresh_session(&server).await;
    assert_eq!((server.issued_tokens(), server.received_refreshes()), (2, 3));
}

/// A list request with the new token is answered while the reply to the refresh is still delayed.
#[tokio::test]
async fn a_delayed_refresh_delays_no_other_request() {
    let server = builder().refresh_delay(Duration::from_secs(60)).start().await;
    let request = refresh(&server, server.access_token(), &server.refresh_token());
    let refreshing = tokio::spawn(request.send());
    while server.issued_tokens() == 0 {
        assert!(!refreshing.is_finished());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(status_of(&server, &server.newest_access_token()).await, 200);
    assert!(!refreshing.is_finished());
    refreshing.abort();
}

#[tokio::test]
async fn a_refresh_delay_delays_refreshes() {
    let delay = Duration::from_millis(60);
    let server = builder().refresh_delay(delay).start().await;
    let start = Instant::now();
    refresh_session(&server).await;
    assert!(start.elapsed() >= delay);
}

#[tokio::test]
async fn no_debug_output_shows_a_secret() {
    let builder = builder()
        .access_token("t0ken")
        .refresh_token("r3fresh")
        .app_credentials("app", "s3cret")
        .refresh_fault(9, Fault::status(200).body("r3fresh"));
    let mut shown = format!("{builder:?} {builder:#?}");
    let server = builder.start().await;
    refresh_session(&server).await;
    shown.push_str(&format!("{server:?} {:?}", server.received_requests()));
    let issued = server.newest_access_token();
    for secret in ["t0ken", "r3fresh", "s3cret", issued.trim_start_matches("AT ")] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}
