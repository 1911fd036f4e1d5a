//! App authentication: every request carries its own signature.

use std::collections::HashSet;

use koodrive::{AppCredentials, Client, ErrorKind};
use koodrive_testing::{AlbumServer, ReceivedRequest};

use super::clock::Off;
use super::{client, list};
use crate::support::client_of;

fn app(server: &AlbumServer) -> AppCredentials {
    AppCredentials::new(server.app_id(), server.app_secret())
}

fn signature(request: &ReceivedRequest) -> &str {
    request.header("authorization").unwrap().rsplit_once('=').unwrap().1
}

/// The server checks the signature before the cursor, so an error about the cursor means that the
/// signature was right.
async fn assert_verifies(client: &Client, server: &AlbumServer, cursor: &str) {
    let listing = client.list_album_content(server.album_id()).page_cursor(cursor);
    let error = listing.send().await.unwrap_err();
    assert_eq!((error.status(), error.code()), (Some(400), Some("13000102")), "{cursor:?}");
    assert_eq!(server.received_cursors().last().unwrap().as_deref(), Some(cursor));
}

#[tokio::test]
async fn every_page_has_its_own_signature_in_the_vendors_format() {
    let server = AlbumServer::builder().files(250).start().await;
    assert_eq!(list(&client(&server, app(&server)), &server).await.unwrap(), 250);

    let requests = server.received_requests();
    assert_eq!(requests.len(), 3);
    for request in &requests {
        let signature = signature(request);
        let is_hex = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        assert!(signature.len() == 64 && signature.bytes().all(is_hex), "{signature}");
        let expected = format!(
            "HMAC-SHA256 AppId={},SignedHeaders=host;x-date;x-user-id,Signature={signature}",
            server.app_id()
        );
        assert_eq!(request.header("authorization"), Some(expected.as_str()));
        assert!(!format!("{request:?}").contains(server.app_secret()));
    }
    let distinct: HashSet<_> = requests.iter().map(signature).collect();
    assert_eq!(distinct.len(), 3);
}

#[tokio::test]
async fn the_signature_verifies_for_every_kind_of_cursor() {
    let server = AlbumServer::builder().start().await;
    let client = client(&server, app(&server));
    for character in (0..=0x7f_u8).map(char::from).chain("é图🙂\u{202e}\u{feff}\u{a0}".chars())
    {
        assert_verifies(&client, &server, &format!("a{character}b{character}")).await;
    }
    let reserved = ":/?#[]@!$&'()*+,;=";
    for cursor in [
        reserved,
        "a b~c*d+e%f",
        "\"<>\\^`{|}",
        "+",
        " ",
        "~*",
        "%2F%2f%",
        "a=b&pageCursor=c&=",
        "?#[]@",
        "&&==",
        "+ +%20",
        "é=图&🙂",
    ] {
        assert_verifies(&client, &server, cursor).await;
    }
}

#[tokio::test]
async fn a_replay_with_another_date_is_signed_again() {
    let server = AlbumServer::builder().start().await;
    let builder = server.client_builder().time_source(Off(-1_200));
    let client = builder.credentials(app(&server)).build().unwrap();

    assert_eq!(list(&client, &server).await.unwrap(), 250);

    let requests = server.received_requests();
    let (refused, replayed) = (&requests[0], &requests[1]);
    assert_eq!((requests.len(), refused.query()), (4, replayed.query()));
    assert_ne!(refused.header("x-date"), replayed.header("x-date"));
    assert_ne!(signature(refused), signature(replayed));
}

#[test]
fn an_app_id_with_a_space_is_rejected() {
    let app = AppCredentials::new("another app", "c3d2e1f0");

    let error = client_of("https://koodrive.example.com").credentials(app).build().unwrap_err();

    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn an_unknown_app_or_a_wrong_signature_is_not_retried() {
    let server = AlbumServer::builder().start().await;
    for (number, (id, secret)) in
        [("another-app", server.app_secret()), (server.app_id(), "another secret")]
            .into_iter()
            .enumerate()
    {
        let client = client(&server, AppCredentials::new(id, secret));

        let error = list(&client, &server).await.unwrap_err();

        assert_eq!((error.kind(), error.code()), (ErrorKind::Unauthorized, Some("APIG.0303")));
        assert_eq!((error.is_retryable(), error.attempts()), (false, 1));
        assert_eq!(server.received_requests().len(), number + 1);
    }
}
