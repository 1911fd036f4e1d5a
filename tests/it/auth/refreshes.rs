//! Refreshes of a session: what is sent, how the answer is read, and how a refresh fails.

use std::{error::Error as StdError, sync::mpsc, time::Duration};

use insta::assert_snapshot;
use koodrive::ErrorKind;
use koodrive_testing::{AlbumServer, Fault};
use serde_json::{Value, json};
use wiremock::{Request, ResponseTemplate};

use super::{client, list, session};
use crate::support::{ALBUM, HOUR, TOKEN, USER, client_of, page, patience, serving, today};

const REFRESH_TOKEN: &str = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";
const NEW_TOKEN: &str = "AT 3b911d723003f70a1265124148fdfe48";

#[tokio::test]
async fn every_caller_gets_the_cause_of_a_failed_refresh_which_is_not_repeated() {
    let answer = |status, body: &str| Fault::status(status).body(body);
    for (fault, cause) in [
        (answer(500, ""), "HTTP 500"),
        (answer(503, "<html>"), "HTTP 503"),
        (answer(400, r#"{"code":13000102,"msg":"no"}"#), "code 13000102"),
        (answer(401, r#"{"code":401,"msg":"no"}"#), "HTTP 401"),
        (answer(200, r#"{"code":13000102,"msg":"no"}"#), "code 13000102"),
        (answer(200, r#"{"code":13000102,"msg":"no","data":[]}"#), "code 13000102"),
        (answer(200, "<html>"), "not what the service documents"),
        (answer(200, r#"{"code":0,"data":{"accessToken":"AT 1"#), "HTTP 200"),
        (answer(200, r#"{"code":0,"data":{"accessToken":"AT 1","expiresIn":0}}"#), "expired"),
        (answer(200, r#"{"code":0,"data":{"accessToken":"AT 1","expiresIn":-1}}"#), "expired"),
        (answer(200, r#"{"code":0,"data":{"accessToken":"AT 1\n"}}"#), "malformed"),
        (answer(200, r#"{"code":0,"data":{"accessToken":""}}"#), "malformed"),
        (answer(200, r#"{"code":0,"data":{"expiresIn":1800}}"#), "holds none"),
        (answer(200, r#"{"code":0,"data":{"sessionInfo":{}}}"#), "holds none"),
        (answer(200, r#"{"code":0}"#), "holds no session"),
    ] {
        // Its clock stands still, so the pause before another refresh does not end.
        let server = AlbumServer::builder().clock(today).refresh_fault(0, fault).start().await;
        let client = client(&server, session(&server));
        server.revoke_all();

        for _ in 0..2 {
            let error = list(&client, &server).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Credentials, "{cause}");
            assert_eq!(error.is_retryable(), cause.starts_with("HTTP 5"), "{cause}");
            assert_eq!(error.retry_after(), Some(Duration::from_secs(1)), "{cause}");
            let source = error.source().map(ToString::to_string).unwrap_or_default();
            assert!(source.contains(cause), "{cause}: {source}");
        }
        let sent = (server.received_refreshes(), server.received_cursors().len());
        assert_eq!(sent, (1, 1), "{cause}");
    }
}

#[tokio::test]
async fn a_refresh_whose_answer_is_lost_is_not_repeated_at_once() {
    // Its clock stands still, so the pause before another refresh does not end.
    let server = AlbumServer::builder().clock(today).refresh_delay(HOUR).start().await;
    let builder = server.client_builder().http_client(patience(200));
    let client = builder.credentials(session(&server)).build().unwrap();
    server.revoke_all();

    for _ in 0..3 {
        let error = list(&client, &server).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
        assert!(error.source().unwrap().to_string().contains("did not answer in time"));
    }

    assert_eq!((server.received_refreshes(), server.issued_tokens()), (1, 1));
}

/// Refuses every token except [`NEW_TOKEN`], which a refresh returns.
fn renewing(request: &Request) -> ResponseTemplate {
    renewing_with(request, &json!({ "accessToken": NEW_TOKEN, "expiresIn": 1_800 }))
}

fn renewing_with(request: &Request, session: &Value) -> ResponseTemplate {
    if request.method.as_str() == "POST" {
        page(&json!({ "code": "0", "data": { "sessionInfo": session } }).to_string())
    } else if request.headers["authorization"] == NEW_TOKEN {
        page(r#"{"contentList":[],"code":0}"#)
    } else {
        ResponseTemplate::new(401)
    }
}

#[tokio::test]
async fn numbers_of_a_refresh_may_be_text_or_missing() {
    for (expires_in, issued_at, is_known) in [
        (json!(1_800), json!("1772006999088"), true),
        (json!("1800"), json!(1_772_006_999_088_u64), true),
        (json!(""), json!(""), false),
        (json!(null), json!(null), false),
    ] {
        let session = json!({
            "accessToken": NEW_TOKEN,
            "expiresIn": expires_in,
            "issuedAt": issued_at,
        });
        let server = serving(move |request: &Request| renewing_with(request, &session)).await;
        let (sender, received) = mpsc::channel();
        let session = koodrive::Session::new(TOKEN, REFRESH_TOKEN)
            .on_refresh(move |tokens| sender.send(tokens.expires_at().is_some()).unwrap());
        let client = client_of(&server.uri()).credentials(session).build().unwrap();

        client.list_album_content(ALBUM).send().await.unwrap();

        assert_eq!(received.try_iter().collect::<Vec<_>>(), [is_known], "{expires_in}");
    }
}

#[tokio::test]
async fn a_refresh_sends_exactly_this() {
    let server = serving(renewing).await;
    let session = koodrive::Session::new(TOKEN, REFRESH_TOKEN);
    let client = client_of(&server.uri()).credentials(session).build().unwrap();

    client.list_album_content(ALBUM).send().await.unwrap();

    let requests = server.received_requests().await.unwrap();
    let refresh = &requests[1];
    let mut lines = vec![format!("{} {}", refresh.method, refresh.url.path())];
    for (name, value) in &refresh.headers {
        let value = value.to_str().unwrap();
        let value =
            if name == "x-traceid" && value.len() == 58 { "[58 characters]" } else { value };
        lines.push(format!("{name}: {value}"));
    }
    lines.push(String::from_utf8_lossy(&refresh.body).into_owned());
    let text = lines.join("\n").replace(&server.address().port().to_string(), "[port]");
    let text = text.replace(TOKEN, "[token]").replace(REFRESH_TOKEN, "[refresh token]");
    assert!(!text.contains(USER));
    assert_snapshot!(text, @r#"
    POST /koodrive/ose/v1/auth/refreshToken
    accept: application/json
    content-type: application/json
    x-traceid: [58 characters]
    authorization: Bearer [token]
    accept-encoding: gzip
    host: 127.0.0.1:[port]
    content-length: 51
    {"refreshToken":"[refresh token]"}
    "#);
}
