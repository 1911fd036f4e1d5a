//! Bad arguments and settings: rejected before anything is sent, by errors that do not show them.

use futures::{StreamExt, TryStreamExt};
use koodrive::{AccessToken, Client, ClientBuilder, Error, ErrorKind, ListAlbumContent};
use koodrive_testing::AlbumServer;

use crate::support::{TOKEN, USER, client_of};

const ELSEWHERE: &str = "https://koodrive.example.com";

/// Part of album ids and tokens, to find where an error shows them.
const MARK: &str = "sh0wn";

fn assert_refused(error: &Error, what: &str) {
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{what}: {error}");
    assert_eq!((error.attempts(), error.status(), error.trace_id()), (0, None, None), "{what}");
    assert!(!error.is_retryable(), "{what}");
    let text = format!("{error}{error:?}{error:#?}");
    assert!(!text.contains(MARK) && text.len() < 2_000, "{what}: {text}");
}

/// Runs a listing in each way; none may send anything.
async fn assert_listing_refused(listing: ListAlbumContent, what: &str) {
    assert_refused(&listing.clone().send().await.unwrap_err(), what);

    let mut pages = listing.clone().pages();
    assert_refused(&pages.next().await.unwrap().unwrap_err(), what);
    assert!(pages.next().await.is_none(), "{what}: more pages follow");

    let mut files = listing.clone().stream();
    assert_refused(&files.next().await.unwrap().unwrap_err(), what);
    assert!(files.next().await.is_none(), "{what}: more files follow");

    let (files, outcome) = listing.stream().split();
    assert_eq!(files.count().await, 0, "{what}");
    assert_refused(&outcome.result().unwrap_err(), what);
}

#[tokio::test]
async fn an_invalid_album_id_sends_nothing() {
    let server = AlbumServer::builder().start().await;
    let client = server.client();
    let long = MARK.repeat(200_000);
    for id in ["..", "sh0wn/1", "sh0wn?pageSize=1#c", &long] {
        assert_listing_refused(client.list_album_content(id), &format!("{id:.40?}")).await;
    }

    assert_eq!(server.received_requests(), []);
}

#[tokio::test]
async fn a_page_size_outside_1_to_100_sends_nothing() {
    let server = AlbumServer::builder().start().await;
    for size in [0, 101] {
        let listing = server.client().list_album_content(server.album_id()).page_size(size);
        assert_listing_refused(listing, &size.to_string()).await;
    }

    assert_eq!(server.received_requests(), []);
}

#[tokio::test]
async fn a_bad_argument_is_an_error_only_once_the_listing_is_polled() {
    let server = AlbumServer::builder().start().await;

    let pages = server.client().list_album_content("..").page_size(0).pages();

    assert_refused(&pages.try_collect::<Vec<_>>().await.unwrap_err(), "pages");
    assert_eq!(server.received_requests(), []);
}

/// Checks that the settings are rejected before there is a client.
fn assert_no_client(builder: ClientBuilder, what: &str) {
    let error = builder.build().map(|_| format!("{what} was accepted")).unwrap_err();
    assert_refused(&error, what);
}

#[test]
fn a_user_id_or_language_that_is_not_one_visible_word_is_rejected() {
    let long = MARK.repeat(200);
    for word in ["", "sh0 sh0wn", "sh0wn\r\nauthorization: x", &long] {
        assert_no_client(client_of(ELSEWHERE).user_id(word), &format!("user id {word:.40?}"));
        assert_no_client(client_of(ELSEWHERE).language(word), &format!("language {word:.40?}"));
    }
}

#[test]
fn a_missing_user_id_is_rejected() {
    assert_no_client(Client::builder().credentials(AccessToken::new(TOKEN)), "no user id");
}

#[test]
fn a_token_that_is_not_a_header_value_is_rejected() {
    for token in ["", "sh0wn\r\nx-y: z"] {
        for token in [AccessToken::new(token), AccessToken::verbatim(token)] {
            assert_no_client(client_of(ELSEWHERE).credentials(token), "the token");
        }
    }
}

#[test]
fn an_endpoint_that_is_not_a_plain_https_address_is_rejected() {
    for endpoint in [
        "sh0wn",
        "http://sh0wn.example.com",
        "https://user:sh0wn@example.com",
        "https://example.com/?key=sh0wn",
    ] {
        let builder = Client::builder().user_id(USER).credentials(AccessToken::new(TOKEN));
        assert_no_client(builder.endpoint(endpoint), endpoint);
    }
}

#[test]
fn plain_http_is_accepted_for_this_machine_and_elsewhere_only_when_allowed() {
    assert!(client_of("http://localhost").build().is_ok());
    let elsewhere = client_of("http://koodrive.example.com");
    assert!(elsewhere.clone().build().is_err());
    assert!(elsewhere.allow_plain_http(true).build().is_ok());
}
