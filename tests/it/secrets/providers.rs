//! The tokens of a token provider, whether it succeeds, fails or panics.

use std::error::Error as StdError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use koodrive::{AccessToken, Credentials, TokenProvider};
use serde_json::json;

use super::printed::{NEW_TOKEN, TOKEN};
use super::{client_of, echo, printed};
use crate::support::serving;

type Provided = Result<AccessToken, Box<dyn StdError + Send + Sync>>;

/// Returns a token that the service refuses, then the results of `next`.
struct Source<F> {
    calls: AtomicUsize,
    next: F,
}

impl<F: Fn() -> Provided + Send + Sync + 'static> TokenProvider for Source<F> {
    async fn token(&self) -> Provided {
        match self.calls.fetch_add(1, Ordering::SeqCst) {
            0 => Ok(AccessToken::new(TOKEN)),
            _ => (self.next)(),
        }
    }
}

async fn assert_hidden(what: &str, next: impl Fn() -> Provided + Send + Sync + 'static) {
    let refusal = echo(401, |said| json!({ "code": 401, "msg": said }).to_string());
    let server = serving(refusal).await;
    let source = Source { calls: AtomicUsize::new(0), next };
    let client = client_of(&server.uri()).credentials(Credentials::provider(source));

    printed(client).await.assert_clean(what);

    assert!(!server.received_requests().await.unwrap().is_empty(), "{what}");
}

#[tokio::test]
async fn echoed_tokens_of_a_provider_are_redacted() {
    assert_hidden("a good token", || Ok(AccessToken::new(NEW_TOKEN))).await;
    assert_hidden("a verbatim token", || Ok(AccessToken::verbatim(NEW_TOKEN))).await;
}

#[tokio::test]
async fn the_error_of_a_failing_provider_does_not_show_the_previous_token() {
    assert_hidden("a failure", || Err("the vault is sealed".into())).await;
    assert_hidden("a panic", || panic!("the vault fell on {NEW_TOKEN}")).await;
}

#[tokio::test]
async fn the_error_of_an_unusable_token_does_not_show_it() {
    let malformed = [format!("{NEW_TOKEN}\r\nx-y: {TOKEN}"), format!("{NEW_TOKEN}é")];
    for token in malformed {
        assert_hidden("a malformed token", move || Ok(AccessToken::verbatim(&token))).await;
    }
    let expired = || Ok(AccessToken::new(NEW_TOKEN).expires_at(SystemTime::UNIX_EPOCH));
    assert_hidden("an expired token", expired).await;
}
