//! Arguments and settings: refused before anything is sent, without being repeated.

use futures::{StreamExt, TryStreamExt};
use koodrive::{AccessToken, Client, ClientBuilder, Error, ErrorKind, ListAlbumContent};
use koodrive_testing::AlbumServer;

use crate::support::{TOKEN, USER, client_of};

const ELSEWHERE: &str = "https://koodrive.example.com";

/// An album id, cursor or token that shows where it is repeated.
const MARK: &str = "sh0wn";

fn assert_refused(error: &Error, what: &str) {
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{what}: {error}");
    assert_eq!((error.attempts(), error.status(), error.trace_id()), (0, None, None), "{what}");
    assert!(!error.is_retryable(), "{what}");
    let text = format!("{error}{error:?}{error:#?}");
    assert!(!text.contains(MARK) && text.len() < 2_000, "{what}: {text}");
}

/// Ends a listing in each of the three ways; none may send anything.
async fn assert_listing_refused(listing: ListAlbumContent, what: &str) {
    assert_refused(&listing.clone().send().await.unwrap_err(), what);

    let mut pages = listing.clone().pages();
    assert_refused(&pages.next().await.unwrap().unwrap_err(), what);
    assert!(pages.next().await.is_none(), "{what}: the pages go on");

    let mut files = listing.clone().stream();
    assert_refused(&files.next().await.unwrap().unwrap_err(), what);
    assert!(files.next().await.is_none(), "{what}: the files go on");

    let (files, outcome) = listing.stream().split();
    assert_eq!(files.count().await, 0, "{what}");
    assert_refused(&outcome.result().unwrap_err(), what);
}

#[tokio::test]
async fn an_album_id_that_means_something_in_a_url_sends_nothing() {
    let server = AlbumServer::builder().start().await;
    let client = server.client();
    let long = MARK.repeat(200_000);
    for id in [
        "",
        ".",
        "..",
        "../sh0wn",
        "..\\sh0wn",
        "sh0wn/1",
        "sh0wn\\1",
        "/sh0wn",
        "sh0wn/",
        "%2e%2e",
        "%2e",
        "%2E%2e%2fsh0wn",
        "sh0wn?pageSize=1#c",
        "sh0wn#",
        "sh0wn;v=1",
        "sh0wn:8080",
        "sh0wn@1",
        "sh0wn 1",
        "sh0wn\t1",
        "sh0wn\r\nx-y: z",
        "sh0wn\u{0}",
        "sh0wn\u{7f}",
        "sh0wn\u{202e}1",
        "sh0wn\u{feff}",
        "sh0wn１２",
        "照片sh0wn",
        &long,
    ] {
        assert_listing_refused(client.list_album_content(id), &format!("{id:.40?}")).await;
    }

    assert_eq!(server.received_requests(), []);
}

#[tokio::test]
async fn an_album_id_that_means_nothing_in_a_url_stands_in_the_path_as_it_is() {
    let server = AlbumServer::builder().album_id("another").start().await;
    let client = server.client();
    let ids = ["1795607640592646273", "...", "..a", "~", "-", "a.b~c_d-e", &"7".repeat(256)];
    for id in ids {
        client.list_album_content(id).send().await.unwrap_err();
    }

    let received = server.received_requests();
    let paths: Vec<_> = received.iter().map(|request| request.path().to_owned()).collect();
    assert_eq!(paths, ids.map(|id| format!("/koodrive/ose/v1/album/{id}/list")));
}

#[tokio::test]
async fn a_page_size_beyond_1_to_100_sends_nothing() {
    let server = AlbumServer::builder().start().await;
    for size in [0, 101, u32::MAX] {
        let listing = server.client().list_album_content(server.album_id()).page_size(size);
        assert_listing_refused(listing, &size.to_string()).await;
    }

    assert_eq!(server.received_requests(), []);
}

#[tokio::test]
async fn a_bad_argument_is_no_matter_until_the_listing_is_polled() {
    let server = AlbumServer::builder().start().await;

    let pages = server.client().list_album_content("..").page_size(0).pages();

    assert_refused(&pages.try_collect::<Vec<_>>().await.unwrap_err(), "pages");
    assert_eq!(server.received_requests(), []);
}

/// No setting of a client can reach a server: there is no client yet.
fn assert_no_client(builder: ClientBuilder, what: &str) {
    let error = builder.build().map(|_| format!("{what} made a client")).unwrap_err();
    assert_refused(&error, what);
}

#[test]
fn a_user_id_or_a_language_that_is_not_one_visible_word_makes_no_client() {
    let long = MARK.repeat(200);
    for word in [
        "",
        " ",
        "sh0wn ",
        " sh0wn",
        "sh0 sh0wn",
        "sh0wn\r\nauthorization: x",
        "sh0wn\n",
        "sh0wn\t",
        "sh0wn\0",
        "sh0wn\u{7f}",
        "sh0wné",
        "照片sh0wn",
        &long,
    ] {
        assert_no_client(client_of(ELSEWHERE).user_id(word), &format!("user id {word:.40?}"));
        assert_no_client(client_of(ELSEWHERE).language(word), &format!("language {word:.40?}"));
    }
}

#[test]
fn no_user_id_makes_no_client() {
    assert_no_client(Client::builder().credentials(AccessToken::new(TOKEN)), "no user id");
}

#[test]
fn a_token_that_fits_no_header_makes_no_client() {
    for token in [
        "",
        " ",
        "\n",
        "sh0wn\n",
        "sh0wn\r\nx-y: z",
        "sh0wn ",
        "sh0wn\0",
        "sh0wné",
        "Bearer sh0wn\n",
    ] {
        for token in [AccessToken::new(token), AccessToken::verbatim(token)] {
            assert_no_client(client_of(ELSEWHERE).credentials(token), "the token");
        }
    }
}

#[test]
fn a_token_that_is_only_a_scheme_makes_no_client() {
    for scheme in ["Bearer ", "Bearer+", "AT "] {
        let token = AccessToken::new(scheme);
        assert_no_client(client_of(ELSEWHERE).credentials(token), scheme);
    }
}

#[test]
fn a_bare_token_with_a_space_before_it_makes_no_client() {
    assert_no_client(client_of(ELSEWHERE).credentials(AccessToken::new(" sh0wn")), "a token");
}

#[test]
fn an_endpoint_that_is_no_plain_https_address_makes_no_client() {
    for endpoint in [
        "",
        "sh0wn",
        "sh0wn.example.com",
        "//sh0wn.example.com",
        "https://",
        "https://sh0wn example.com",
        "http://sh0wn.example.com",
        "http://localhost.sh0wn.example.com",
        "http://127.0.0.1.sh0wn.example.com",
        "http://10.0.0.1",
        "http://169.254.169.254/sh0wn",
        "ftp://sh0wn.example.com",
        "file:///sh0wn",
        "javascript:sh0wn",
        "https://user:sh0wn@example.com",
        "https://sh0wn@example.com",
        "https://example.com/?key=sh0wn",
        "https://example.com/#sh0wn",
    ] {
        let builder = Client::builder().user_id(USER).credentials(AccessToken::new(TOKEN));
        assert_no_client(builder.endpoint(endpoint), endpoint);
    }
}

#[test]
fn plain_http_is_taken_for_this_machine_and_elsewhere_only_when_allowed() {
    for endpoint in ["http://localhost:1", "http://127.0.0.1", "http://[::1]:8080/stem/"] {
        assert!(client_of(endpoint).build().is_ok(), "{endpoint}");
    }
    let elsewhere = client_of("http://koodrive.example.com");
    assert!(elsewhere.clone().build().is_err());
    assert!(elsewhere.allow_plain_http(true).build().is_ok());
}
