//! What goes over the wire: every request of a listing, with all its headers.

mod album_ids;

use std::collections::HashSet;

use futures::TryStreamExt;
use insta::assert_snapshot;
use koodrive::{AccessToken, ErrorKind, ListAlbumContent, SortDirection, SortType};
use koodrive_testing::{AlbumServer, ReceivedRequest};

use crate::support::{TOKEN, today};

/// Documented for the call, or required by HTTP.
const HEADERS: [&str; 8] = [
    "authorization",
    "x-date",
    "x-user-id",
    "x-traceid",
    "language",
    "accept",
    "accept-encoding",
    "host",
];

async fn album_of_250_files() -> AlbumServer {
    AlbumServer::builder().files(250).clock(today).access_token(TOKEN).start().await
}

/// Lists to the end, and returns the requests as text.
async fn shown_requests(server: &AlbumServer, listing: ListAlbumContent) -> Vec<String> {
    let files: Vec<_> = listing.stream().try_collect().await.unwrap();
    assert_eq!(files.len(), 250);
    server.received_requests().iter().map(|request| shown(request, server)).collect()
}

/// A request as text, without secrets and without what differs from run to run.
fn shown(request: &ReceivedRequest, server: &AlbumServer) -> String {
    let query: Vec<_> = request
        .query()
        .split('&')
        .map(|pair| if pair.starts_with("pageCursor=") { "pageCursor=[cursor]" } else { pair })
        .collect();
    let mut lines = vec![format!("{} {}?{}", request.method(), request.path(), query.join("&"))];
    for (name, value) in request.headers() {
        let value = match name.as_str() {
            "authorization" => value.replace(TOKEN, "[token]"),
            "host" => value.replace(&port(server), "[port]"),
            "x-traceid" if is_trace_id(value) => "[58 characters]".to_owned(),
            _ => value.clone(),
        };
        lines.push(format!("{name}: {value}"));
    }
    lines.join("\n")
}

fn is_trace_id(text: &str) -> bool {
    text.len() == 58 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn port(server: &AlbumServer) -> String {
    server.uri().rsplit_once(':').unwrap().1.to_owned()
}

#[tokio::test]
async fn a_listing_of_250_files_sends_exactly_these_three_requests() {
    let server = album_of_250_files().await;
    let listing = server.client().list_album_content(server.album_id());

    let requests = shown_requests(&server, listing).await;

    assert_snapshot!("three_pages", requests.join("\n\n"));
}

#[tokio::test]
async fn language_order_and_page_size_are_repeated_with_every_page() {
    let server = album_of_250_files().await;
    let client = server.client_builder().language("zh-CN").build().unwrap();
    let listing = client
        .list_album_content(server.album_id())
        .page_size(90)
        .sort_type(SortType::ShootingTime)
        .sort_direction(SortDirection::Ascending);

    let requests = shown_requests(&server, listing).await;

    assert_snapshot!("three_pages_with_every_setting", requests.join("\n\n"));
}

#[tokio::test]
async fn a_token_with_a_scheme_is_sent_unchanged() {
    let server = album_of_250_files().await;
    let token = AccessToken::new(format!("AT {TOKEN}"));
    let client = server.client_builder().credentials(token).build().unwrap();

    let requests = shown_requests(&server, client.list_album_content(server.album_id())).await;

    assert_snapshot!("three_pages_with_a_token_that_has_a_scheme", requests.join("\n\n"));
}

#[tokio::test]
async fn only_documented_headers_are_sent_and_each_only_once() {
    let server = album_of_250_files().await;
    let client = server.client_builder().language("en_us").build().unwrap();

    shown_requests(&server, client.list_album_content(server.album_id())).await;

    for request in server.received_requests() {
        let names: Vec<_> = request.headers().iter().map(|(name, _)| name.as_str()).collect();
        let distinct: HashSet<_> = names.iter().copied().collect();
        assert_eq!(names.len(), distinct.len(), "{names:?}");
        assert_eq!(distinct, HashSet::from(HEADERS));
    }
}

#[tokio::test]
async fn without_a_language_no_such_header_is_sent() {
    let server = album_of_250_files().await;

    shown_requests(&server, server.client().list_album_content(server.album_id())).await;

    for request in server.received_requests() {
        for absent in ["language", "api-version", "referer", "user-agent", "cookie"] {
            assert_eq!(request.header(absent), None, "{absent}");
        }
    }
}

#[tokio::test]
async fn every_request_has_its_own_trace_id_in_the_documented_form() {
    let server = album_of_250_files().await;

    shown_requests(&server, server.client().list_album_content(server.album_id())).await;

    let received = server.received_requests();
    let trace_ids: HashSet<_> =
        received.iter().map(|request| request.header("x-traceid").unwrap()).collect();
    assert_eq!(trace_ids.len(), 3);
    for id in trace_ids {
        assert!(is_trace_id(id), "{id}");
    }
}

#[tokio::test]
async fn a_trace_id_can_be_set_for_one_listing() {
    let server = AlbumServer::builder().start().await;
    let id = "a1_".repeat(20)[..58].to_owned();
    let client = server.client();

    let listing = client.list_album_content(server.album_id()).trace_id(&id);
    listing.stream().try_collect::<Vec<_>>().await.unwrap();
    let wrong = client.list_album_content(server.album_id()).trace_id(&id[..57]).send().await;

    assert_eq!(wrong.unwrap_err().kind(), ErrorKind::InvalidInput);
    let requests = server.received_requests();
    let sent: Vec<_> = requests.iter().map(|request| request.header("x-traceid")).collect();
    assert_eq!(sent, [Some(id.as_str()); 3]);
}

#[tokio::test]
async fn the_date_is_a_minute_early_until_the_server_has_sent_its_own() {
    let server = album_of_250_files().await;

    shown_requests(&server, server.client().list_album_content(server.album_id())).await;

    let requests = server.received_requests();
    let dates: Vec<_> = requests.iter().map(|request| request.header("x-date")).collect();
    let (guess, learnt) = (Some("20251103T070040Z"), Some("20251103T070140Z"));
    assert_eq!(dates, [guess, learnt, learnt]);
}

#[tokio::test]
async fn a_path_in_the_endpoint_precedes_the_documented_path() {
    let server = album_of_250_files().await;
    let endpoint = format!("{}/stem/", server.uri());
    let client = server.client_builder().endpoint(&endpoint).build().unwrap();

    client.list_album_content("17").send().await.unwrap_err();

    let received = server.received_requests();
    assert_eq!(received[0].path(), "/stem/koodrive/ose/v1/album/17/list");
}
