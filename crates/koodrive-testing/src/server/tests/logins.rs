//! The carrier's login and logout.

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::{json, list, server_time};
use crate::{AlbumServer, AlbumServerBuilder, Fault};

fn builder() -> AlbumServerBuilder {
    AlbumServer::builder().files(1).clock(server_time)
}

fn post(server: &AlbumServer, call: &str) -> RequestBuilder {
    Client::new().post(format!("{}/koodrive/ose/v1/auth/{call}", server.uri()))
}

fn login(server: &AlbumServer, account: &str, password: &str) -> RequestBuilder {
    post(server, "login")
        .header("x-hw-agentName", server.agent_name())
        .json(&json!({ "account": account, "authType": "1", "password": password }))
}

/// Logs in as the account, and returns the session.
async fn session(server: &AlbumServer) -> Value {
    let login = login(server, server.login_account(), server.login_password());
    let (status, mut body) = json(login).await;
    assert_eq!((status, &body["code"]), (200, &json!(0)), "{body}");
    assert_eq!(body["data"]["userInfo"]["userId"], server.user_id());
    body["data"]["sessionInfo"].take()
}

fn logout(server: &AlbumServer, access_token: &str) -> RequestBuilder {
    post(server, "logout")
        .header("authorization", access_token)
        .json(&json!({ "userId": server.user_id(), "accessToken": access_token }))
}

async fn list_status(server: &AlbumServer, token: &str) -> u16 {
    let mut request = list(server, &[]).build().unwrap();
    request.headers_mut().insert("authorization", token.try_into().unwrap());
    Client::new().execute(request).await.unwrap().status().as_u16()
}

async fn refresh_status(server: &AlbumServer, session: &Value) -> u16 {
    let token = session["accessToken"].as_str().unwrap();
    let body = json!({ "refreshToken": session["refreshToken"] });
    json(post(server, "refreshToken").header("authorization", token).json(&body)).await.0
}

#[tokio::test]
async fn a_login_begins_a_session_beside_the_first() {
    let server = builder().carrier_login("Carrier", "ada", "s3cret").start().await;
    let first = (server.access_token().to_owned(), server.refresh_token());
    let session = session(&server).await;
    let token = session["accessToken"].as_str().unwrap();
    assert!(token.starts_with("AT "), "{token}");
    assert_eq!(
        (&session["expiresIn"], &session["issuedAt"]),
        (&json!(1800), &json!("1762153300000"))
    );
    assert_eq!(token, server.newest_access_token());
    assert_eq!(session["refreshToken"], server.refresh_token());
    assert_ne!(server.refresh_token(), first.1);

    assert_eq!(
        (list_status(&server, token).await, list_status(&server, &first.0).await),
        (200, 200)
    );
    let first = json!({ "accessToken": first.0, "refreshToken": first.1 });
    assert_eq!(
        (refresh_status(&server, &session).await, refresh_status(&server, &first).await),
        (200, 200)
    );
    assert_eq!((server.received_logins(), server.issued_tokens()), (1, 2));
}

#[tokio::test]
async fn a_wrong_login_is_a_bad_parameter() {
    let server = builder().start().await;
    let (account, password) = (server.login_account(), server.login_password());
    let right = || login(&server, account, password);
    for (what, request) in [
        ("password", login(&server, account, "guess")),
        ("account", login(&server, "guess", password)),
        ("agent", post(&server, "login").json(&json!({}))),
        ("body", post(&server, "login").header("x-hw-agentName", server.agent_name())),
        ("trace id", right().header("x-traceid", "short")),
    ] {
        let (status, body) = json(request).await;
        assert_eq!((status, &body["code"]), (400, &json!(13_000_102)), "{what}: {body}");
        assert!(!body.to_string().contains(password), "{what}: {body}");
    }
    assert_eq!(json(right()).await.0, 200);
    assert_eq!(server.received_logins(), 6);
}

#[tokio::test]
async fn a_logout_ends_its_own_session() {
    let server = builder().start().await;
    let (one, other) = (session(&server).await, session(&server).await);
    let token = |session: &Value| session["accessToken"].as_str().unwrap().to_owned();
    let (status, body) = json(logout(&server, &token(&one))).await;
    assert_eq!((status, body), (200, json!({ "code": 0, "msg": "Success" })));

    assert_eq!(
        (list_status(&server, &token(&one)).await, refresh_status(&server, &one).await),
        (401, 400)
    );
    assert_eq!(
        (list_status(&server, &token(&other)).await, refresh_status(&server, &other).await),
        (200, 200)
    );
    assert_eq!(list_status(&server, server.access_token()).await, 200);
    assert_eq!(json(logout(&server, &token(&one))).await.0, 401);
    assert_eq!(server.received_logouts(), 2);
}

#[tokio::test]
async fn a_logout_of_an_unknown_token_or_user_is_refused() {
    let server = builder().start().await;
    let token = server.access_token();
    for body in [
        json!({ "userId": server.user_id(), "accessToken": "AT 0123" }),
        json!({ "userId": "17", "accessToken": token }),
        json!({}),
    ] {
        let request = post(&server, "logout").header("authorization", token).json(&body);
        let (status, answer) = json(request).await;
        assert_eq!((status, &answer["code"]), (400, &json!(13_000_102)), "{body}");
    }
    assert_eq!(list_status(&server, token).await, 200);
}

#[tokio::test]
async fn a_fault_begins_and_ends_no_session() {
    let server = builder()
        .login_fault(0, Fault::status(503))
        .logout_fault(0, Fault::status(502))
        .start()
        .await;
    let before = server.newest_access_token();
    let login = login(&server, server.login_account(), server.login_password());
    assert_eq!(login.send().await.unwrap().status(), 503);
    assert_eq!(logout(&server, &before).send().await.unwrap().status(), 502);
    assert_eq!((server.newest_access_token(), list_status(&server, &before).await), (before, 200));
    server.assert_faults_used();
}

#[tokio::test]
async fn no_debug_output_shows_a_password_or_a_session() {
    let builder = builder().carrier_login("Carrier", "ada", "s3cret");
    let mut shown = format!("{builder:?}");
    let server = builder.start().await;
    let session = session(&server).await;
    let token = session["accessToken"].as_str().unwrap().trim_start_matches("AT ");
    logout(&server, token).send().await.unwrap();
    shown.push_str(&format!("{server:?} {:?}", server.received_requests()));
    for secret in ["s3cret", token, session["refreshToken"].as_str().unwrap()] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}
