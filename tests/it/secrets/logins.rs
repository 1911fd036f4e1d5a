//! A login's account and password, the tokens that it returns, and a store that keeps them.

use std::error::Error as StdError;

use koodrive::{Login, SecretString, Session, SessionStore, SessionTokens};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::printed::{
    ACCOUNT, NEW_REFRESH_TOKEN, NEW_TOKEN, PASSWORD, Printed, REFRESH_TOKEN, TOKEN, USER,
};
use super::{breaks, client_of, echo, envelopes, printed_of_a_page};
use crate::support::tcp::ScriptedServer;
use crate::support::{Frozen, page, refusing, serving};

/// Everything printable of a login.
async fn printed_of_a_login(uri: &str) -> Printed {
    let mut printed = Printed::new();
    match Session::login(uri, "carrier", ACCOUNT, PASSWORD.into()).await {
        Ok(login) => printed_login(&mut printed, &login),
        Err(error) => printed.error(&error),
    }
    printed
}

fn printed_login(printed: &mut Printed, login: &Login) {
    printed.debug(login);
    printed.debug(&login.session);
    printed.debug(&login.tokens);
}

fn answer() -> Value {
    let session = json!({
        "accessToken": NEW_TOKEN,
        "refreshToken": NEW_REFRESH_TOKEN,
        "expiresIn": 1_800,
        "issuedAt": "1762153300000",
    });
    json!({ "code": 0, "data": { "userInfo": { "userId": USER }, "sessionInfo": session } })
}

#[tokio::test]
async fn a_login_prints_neither_user_nor_token() {
    let server = serving(page(&answer().to_string())).await;

    printed_of_a_login(&server.uri()).await.assert_clean("a login");
}

#[tokio::test]
async fn echoed_accounts_and_passwords_are_redacted() {
    for (status, shape) in envelopes() {
        let server = serving(echo(status, shape)).await;

        let printed = printed_of_a_login(&server.uri()).await;

        printed.assert_clean(&format!("status {status}, {}", shape("…")));
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_password_is_redacted_in_the_spellings_of_other_json_writers() {
    let spelt: String = PASSWORD
        .chars()
        .map(|letter| match letter {
            '"' | '\\' => format!("\\{letter}"),
            '=' | '&' | '<' | '\'' => format!("\\u{:04x}", u32::from(letter)),
            letter if !letter.is_ascii() => format!("\\u{:04x}", u32::from(letter)),
            letter => letter.to_string(),
        })
        .collect();
    let html = PASSWORD.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let html = html.replace('\'', "&#39;");
    for said in [spelt, html] {
        let body = json!({ "code": 7, "msg": format!("no password is {said}") }).to_string();
        let server = serving(page(&body)).await;

        printed_of_a_login(&server.uri()).await.assert_clean(&body);
    }
}

#[tokio::test]
async fn a_secret_that_is_too_short_to_be_recognised_costs_the_services_words() {
    for (account, password, secret) in [(ACCOUNT, "9fQ7~", "9fQ7~"), ("7Zx9+", PASSWORD, "7Zx9+")] {
        for status in [200, 400, 429, 503] {
            let body = |said: &str| json!({ "code": said, "msg": said }).to_string();
            let server = serving(echo(status, body)).await;

            let login = Session::login(&server.uri(), "carrier", account, password.into()).await;

            let mut printed = Printed::new();
            printed.must_not_show(secret);
            printed.error(&login.unwrap_err());
            printed.assert_clean(&format!("status {status}"));
        }
    }
}

#[tokio::test]
async fn the_error_of_a_malformed_login_does_not_show_the_answer() {
    let (good, session) = (answer().to_string(), "/data/sessionInfo");
    let but = |path: &str, value: Value| {
        let mut answer = answer();
        *answer.pointer_mut(path).unwrap() = value;
        answer.to_string()
    };
    for body in [
        good[..good.len() - 2].to_owned(),
        format!("{good}{NEW_TOKEN}"),
        format!("<html>{NEW_TOKEN} {PASSWORD}</html>"),
        json!([NEW_TOKEN]).to_string(),
        but("/data", json!(NEW_TOKEN)),
        but("/code", json!(NEW_TOKEN)),
        but(session, json!(NEW_TOKEN)),
        but("/data/userInfo/userId", json!([USER])),
        but("/data/sessionInfo/accessToken", json!(format!("{NEW_TOKEN}\n"))),
        but("/data/sessionInfo/accessToken", json!(null)),
        but("/data/sessionInfo/refreshToken", json!([NEW_REFRESH_TOKEN])),
        but("/data/sessionInfo/expiresIn", json!(NEW_TOKEN)),
    ] {
        let server = serving(page(&body)).await;

        printed_of_a_login(&server.uri()).await.assert_clean(&body);
    }
}

#[tokio::test]
async fn broken_logins_print_no_secret() {
    for (what, bytes, then) in breaks() {
        let server = ScriptedServer::start(bytes, then).await;

        printed_of_a_login(&server.uri()).await.assert_clean(what);

        assert_eq!(server.requests().len(), 1, "{what}");
    }
    let (_port, refusing) = refusing();
    printed_of_a_login(&refusing).await.assert_clean("a refusal");
}

#[tokio::test]
async fn errors_of_rejected_arguments_do_not_show_them() {
    for (endpoint, agent, account, password) in [
        (&*format!("http://{ACCOUNT}.example.com"), "carrier", ACCOUNT, PASSWORD),
        (&*format!("https://{ACCOUNT}:{TOKEN}@example.com"), "carrier", ACCOUNT, PASSWORD),
        ("https://example.com", &*format!("{TOKEN}\n"), ACCOUNT, PASSWORD),
        ("https://example.com", "carrier", " ", PASSWORD),
        ("https://example.com", "carrier", ACCOUNT, ""),
    ] {
        let password = SecretString::from(password);
        let mut printed = Printed::new();
        printed.debug(&password);
        let login = Session::login(endpoint, agent, account, password).await;
        printed.error(&login.unwrap_err());
        printed.assert_clean("an argument");
    }
}

#[tokio::test]
async fn echoed_tokens_of_a_logout_are_redacted() {
    for (status, shape) in envelopes() {
        let server = serving(echo(status, shape)).await;
        let mut printed = Printed::new();

        let outcome = Session::new(TOKEN, REFRESH_TOKEN).logout(&server.uri(), USER).await;

        printed.error(&outcome.unwrap_err());
        printed.assert_clean(&format!("status {status}, {}", shape("…")));
    }
}

/// Panics, with a text that shows the tokens.
struct Careless;

impl SessionStore for Careless {
    type Lock = ();

    fn try_lock(&self) -> Result<Option<()>, Box<dyn StdError + Send + Sync>> {
        Ok(Some(()))
    }

    fn load(&self, (): &mut ()) -> Result<SessionTokens, Box<dyn StdError + Send + Sync>> {
        panic!("cannot read {TOKEN}")
    }

    fn save(
        &self,
        (): &mut (),
        tokens: &SessionTokens,
    ) -> Result<(), Box<dyn StdError + Send + Sync>> {
        panic!("cannot store {}", tokens.access_token())
    }
}

#[tokio::test]
async fn the_error_of_a_panicking_store_shows_no_token() {
    let server = serving(ResponseTemplate::new(401)).await;
    let client = client_of(&server.uri()).credentials(Session::stored(Careless));

    let printed = printed_of_a_page(client.time_source(Frozen::now())).await;

    printed.assert_clean("a panic");
}
