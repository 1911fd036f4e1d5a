//! Services that repeat in an error what they received.

use std::time::SystemTime;

use koodrive::{AccessToken, Session};
use serde_json::json;
use wiremock::{Request, ResponseTemplate};

use super::printed::{NEW_TOKEN, REFRESH_TOKEN, TOKEN, USER};
use super::{client_of, echo, envelopes, printed, shared_http};
use crate::support::{page, serving};

/// An error of the service with this message.
fn refusal(said: &str) -> String {
    json!({ "code": 1, "msg": said }).to_string()
}

#[tokio::test]
async fn secrets_that_the_service_echoes_are_redacted() {
    let http = shared_http();
    for (status, shape) in envelopes() {
        let server = serving(echo(status, shape)).await;

        let printed = printed(client_of(&server.uri()).http_client(http.clone())).await;

        printed.assert_clean(&format!("status {status}, {}", shape("…")));
    }
}

#[tokio::test]
async fn tokens_with_and_without_a_scheme_are_redacted_when_echoed() {
    let plus = format!("{TOKEN}+{TOKEN}");
    for token in [
        AccessToken::new(format!("Bearer {TOKEN}")),
        AccessToken::new(format!("Bearer+{TOKEN}")),
        AccessToken::new(format!("AT {TOKEN}")),
        AccessToken::new(plus.clone()),
        AccessToken::verbatim(TOKEN),
        AccessToken::verbatim(format!("Custom {TOKEN}")),
    ] {
        let server = serving(echo(400, refusal)).await;

        let printed = printed(client_of(&server.uri()).credentials(token)).await;

        printed.assert_clean("a token");
    }
}

#[tokio::test]
async fn a_verbatim_token_with_a_plus_is_redacted_whole() {
    let server = serving(echo(400, refusal)).await;
    let token = AccessToken::verbatim(format!("{TOKEN}+Zm9v"));

    let printed = printed(client_of(&server.uri()).credentials(token)).await;

    printed.assert_clean("a token");
}

#[tokio::test]
async fn a_cursor_is_redacted_in_its_url_spelling_too() {
    let server = serving(|request: &Request| {
        let said = format!("no handler for {}", request.url);
        ResponseTemplate::new(404).set_body_json(json!({ "code": 404, "msg": said }))
    })
    .await;

    printed(client_of(&server.uri())).await.assert_clean("the URL, echoed");
}

#[tokio::test]
async fn a_cursor_that_contains_another_secret_is_redacted_whole() {
    let server = serving(echo(400, refusal)).await;
    let client = client_of(&server.uri()).build().unwrap();
    for cursor in [
        format!("{USER}_cursorCanary"),
        format!("{TOKEN}_cursorCanary"),
        format!("cursorCanary/{USER}"),
    ] {
        let listing = client.list_album_content("17").page_cursor(cursor);
        let error = listing.send().await.unwrap_err();
        assert!(!error.to_string().contains("cursorCanary"), "{error}");
    }
}

#[tokio::test]
async fn a_cursor_is_redacted_in_the_spellings_of_other_servers() {
    let server = serving(|request: &Request| {
        let query = request.url.query().unwrap();
        let said = format!(
            "{} {}",
            query.replace("%20", "+"),
            query.to_lowercase().replace("cursorc", "cursorC")
        );
        ResponseTemplate::new(400).set_body_string(refusal(&said))
    })
    .await;

    printed(client_of(&server.uri())).await.assert_clean("other spellings");
}

#[tokio::test]
async fn a_refresh_token_is_redacted_in_its_json_spelling() {
    let server = serving(echo(400, refusal)).await;
    let session = Session::new(TOKEN, "refreshCanary\"x\\y\n").expires_at(SystemTime::UNIX_EPOCH);

    printed(client_of(&server.uri()).credentials(session)).await.assert_clean("a body, echoed");
}

#[tokio::test]
async fn the_error_of_a_refused_refresh_does_not_show_the_new_token() {
    let answer = json!({
        "code": 1,
        "msg": format!("not yet: {NEW_TOKEN}"),
        "data": { "accessToken": NEW_TOKEN },
    });
    let server = serving(page(&answer.to_string())).await;
    let session = Session::new(TOKEN, REFRESH_TOKEN).expires_at(SystemTime::UNIX_EPOCH);

    printed(client_of(&server.uri()).credentials(session)).await.assert_clean("a refusal");
}
