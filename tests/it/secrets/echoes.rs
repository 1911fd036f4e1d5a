//! Services that repeat what they were told in other words.

use std::time::SystemTime;

use koodrive::Session;
use serde_json::json;
use wiremock::{Request, ResponseTemplate};

use super::printed::{NEW_TOKEN, REFRESH_TOKEN, TOKEN, USER};
use super::{client_of, echo, printed};
use crate::support::{page, serving};

/// The service's complaint that repeats all it was told.
fn complaint(said: &str) -> String {
    json!({ "code": 1, "msg": said }).to_string()
}

#[tokio::test]
async fn a_cursor_that_holds_another_secret_is_blotted_out_whole() {
    let server = serving(echo(400, complaint)).await;
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
async fn a_cursor_is_known_in_the_spellings_of_other_servers() {
    let server = serving(|request: &Request| {
        let query = request.url.query().unwrap();
        let said = format!(
            "{} {}",
            query.replace("%20", "+"),
            query.to_lowercase().replace("cursorc", "cursorC")
        );
        ResponseTemplate::new(400).set_body_string(complaint(&said))
    })
    .await;

    printed(client_of(&server.uri())).await.assert_clean("other spellings");
}

#[tokio::test]
async fn a_refresh_token_is_known_as_json_spells_it() {
    let server = serving(echo(400, complaint)).await;
    let session = Session::new(TOKEN, "refreshCanary\"x\\y\n").expires_at(SystemTime::UNIX_EPOCH);

    printed(client_of(&server.uri()).credentials(session)).await.assert_clean("a body, echoed");
}

#[tokio::test]
async fn a_refused_refresh_that_names_the_new_token_does_not_show_it() {
    let answer = json!({
        "code": 1,
        "msg": format!("not yet: {NEW_TOKEN}"),
        "data": { "accessToken": NEW_TOKEN },
    });
    let server = serving(page(&answer.to_string())).await;
    let session = Session::new(TOKEN, REFRESH_TOKEN).expires_at(SystemTime::UNIX_EPOCH);

    printed(client_of(&server.uri()).credentials(session)).await.assert_clean("a refusal");
}
