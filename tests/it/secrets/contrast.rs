//! The same search on texts that do show secrets, to prove that it would find them.

use std::iter;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use koodrive::AccessToken;
use koodrive_api::{Exchange, Hooks, Sending, types::RefreshTokenRequest};
use wiremock::ResponseTemplate;

use super::printed::{CURSOR, Printed, REFRESH_TOKEN, TOKEN, URL, USER};
use super::{client_of, records, shared_http};
use crate::support::tcp::{ScriptedServer, Then};
use crate::support::{page, refusing, serving};

/// Sends the token, and ignores the answer.
struct Bare;

impl Exchange for Bare {
    fn authorize(&self, _: &reqwest::Request) -> Option<HeaderValue> {
        Some(HeaderValue::from_static(TOKEN))
    }

    fn send(&self, request: reqwest::Request) -> Sending<'_> {
        Box::pin(async { shared_http().execute(request).await })
    }

    fn received(&self, _: &HeaderMap) {}

    fn received_body(&self, _: &Bytes) {}
}

/// The error of the low-level client for a call to `uri` that fails.
async fn printed_of_the_low_level(uri: &str) -> Printed {
    let hooks = Hooks::new(Arc::new(Bare), 1_000);
    let client = koodrive_api::Client::new_with_client(uri, shared_http(), hooks);
    let (album, cursor, date) = ("17", Some(CURSOR), "20251103T070140Z");
    let call = client.list_album_files(album, cursor, None, None, None, date, None, USER, None);
    let mut printed = Printed::new();
    printed.causes(&call.await.unwrap_err());
    printed
}

fn canaries(printed: &Printed) -> Vec<&str> {
    let mut canaries: Vec<_> = printed.found().into_iter().map(|(canary, _)| canary).collect();
    canaries.sort_unstable();
    canaries.dedup();
    canaries
}

#[tokio::test]
async fn low_level_errors_show_cursors_and_pre_signed_urls() {
    let cut = ScriptedServer::start("HTTP/1.1 200 OK\r\ncontent-le", Then::Close).await;
    let moved = serving(ResponseTemplate::new(307).insert_header("location", URL)).await;
    let no_page = serving(page(&format!("[\"{URL}\"]"))).await;
    let (_port, refusing) = refusing();
    for (uri, expected) in [
        (&refusing, vec!["cursorCanary"]),
        (&cut.uri(), vec!["cursorCanary"]),
        (&moved.uri(), vec!["photoCanary", "signatureCanary"]),
        (&no_page.uri(), vec!["photoCanary", "signatureCanary"]),
    ] {
        assert_eq!(canaries(&printed_of_the_low_level(uri).await), expected);
    }
}

#[test]
fn the_low_level_refresh_request_shows_the_refresh_token() {
    let mut printed = Printed::new();
    printed.debug(&RefreshTokenRequest { refresh_token: REFRESH_TOKEN.to_owned() });

    assert_eq!(canaries(&printed), ["refreshCanary"]);
}

#[test]
#[should_panic(expected = "a token in the clear shows a secret")]
fn a_printed_secret_fails_the_test() {
    let mut printed = Printed::new();
    printed.debug(&TOKEN);

    printed.assert_clean("a token in the clear");
}

/// Uses canaries of its own, so that tests running beside it do not find them.
#[tokio::test]
async fn logs_traces_and_panics_are_recorded() {
    let server = serving(page(r#"{"contentList":[],"code":0}"#)).await;
    let mut printed = Printed::new();
    let before = records::seen();
    let talkative = reqwest::Client::builder().no_proxy().connection_verbose(true);
    let client = client_of(&server.uri()).user_id("17").http_client(talkative.build().unwrap());
    let client = client.credentials(AccessToken::new("wiredCanary")).build().unwrap();

    client.list_album_content("albumCanary").send().await.unwrap();
    assert!(records::seen() - before > 5, "the libraries logged nothing");
    let ours = "list_album_content album_id=\"albumCanary\"";
    assert!(records::suspicious().iter().any(|record| record.starts_with(ours)));
    log::trace!("loggedCanary");
    let span = tracing::trace_span!("span", secret = "spannedCanary", late = tracing::field::Empty);
    span.record("late", "lateCanary").in_scope(|| tracing::trace!(what = "tracedCanary"));
    // Panics inside `core`, like a library, since the panics of tests are not recorded.
    let panicking = || iter::once(Err("panickedCanary")).for_each(Result::unwrap);
    std::panic::catch_unwind(panicking).unwrap_err();

    records::suspicious().into_iter().for_each(|record| printed.text(record));
    for canary in ["wired", "logged", "spanned", "late", "traced", "panicked"] {
        printed.must_not_show(format!("{canary}Canary"));
    }
    let found = [
        "lateCanary",
        "loggedCanary",
        "panickedCanary",
        "spannedCanary",
        "tracedCanary",
        "wiredCanary",
    ];
    assert_eq!(canaries(&printed), found);
}
