//! What is sent, and when.

use std::{collections::HashSet, time::Duration};

use futures::{FutureExt as _, StreamExt as _};
use koodrive::{SortDirection, SortType};
use koodrive_testing::{AlbumServer, ReceivedRequest};
use tokio::time::timeout;

use super::{
    album_at, in_tens, listed,
    paged::{PagedMock, page},
    raw,
};

/// Cursors that a client may encode wrongly. The last two look alike.
const CURSORS: [&str; 22] = [
    "0",
    "-",
    "~",
    "*",
    "+",
    "%",
    "%2B",
    "%252b",
    " ",
    " a  b ",
    "a=b&pageSize=1",
    "#?/\\:@!$'()[];,.\"<>|^`{}",
    "..",
    "null",
    "+/=A+b7/Kd=mZ2c",
    "\u{0}\t\r\n\u{7f}",
    "\u{feff}\u{2028}",
    "图像🌊",
    "true",
    "18446744073709551616",
    "\u{e9}",
    "e\u{301}",
];

#[tokio::test]
async fn nothing_is_sent_before_the_first_poll() {
    let (listener, uri) = raw::listen().await;
    let album = album_at(&uri);

    drop((album.clone().stream(), album.clone().pages(), album.clone().send()));
    let mut files = album.clone().stream();
    let (_pages, _page) = (album.clone().pages(), album.send());
    let before = timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(files.next().now_or_never().is_none());

    assert!(before.is_err(), "connected before the first poll");
    listener.accept().await.unwrap();
}

#[tokio::test]
async fn pages_repeat_size_and_sort_and_differ_only_in_the_cursor() {
    let server = AlbumServer::builder().files(25).start().await;
    let sorted =
        in_tens(&server).sort_type(SortType::UpdateTime).sort_direction(SortDirection::Ascending);

    listed(sorted.stream()).await;

    let requests = server.received_requests();
    let constant: HashSet<_> = requests.iter().map(constant_parts).collect();
    assert_eq!((requests.len(), constant.len()), (3, 1), "{constant:#?}");
    let parameters: HashSet<_> = parameters(&requests[0]).into_iter().collect();
    assert_eq!(parameters, HashSet::from(["pageSize=10", "sortType=3", "sortDirection=1"]));
    let trace_ids: HashSet<_> = requests.iter().map(|r| r.header("x-traceid").unwrap()).collect();
    assert_eq!(trace_ids.len(), 3);
    let cursors: HashSet<_> = server.received_cursors().into_iter().collect();
    assert_eq!(cursors.len(), 3);
}

#[tokio::test]
async fn an_order_that_is_not_set_is_never_sent() {
    let server = AlbumServer::builder().files(25).start().await;

    listed(in_tens(&server).stream()).await;

    let requests = server.received_requests();
    assert_eq!(requests.len(), 3);
    for request in &requests {
        assert_eq!(parameters(request), ["pageSize=10"]);
    }
}

/// The parts of a request that must be the same on every page.
fn constant_parts(request: &ReceivedRequest) -> (String, Vec<&str>, Vec<(String, String)>) {
    let varies = |name: &str| ["x-date", "x-traceid"].contains(&name);
    let headers = request.headers().iter().filter(|(name, _)| !varies(name)).cloned();
    (format!("{} {}", request.method(), request.path()), parameters(request), headers.collect())
}

/// The parameters except the cursor.
fn parameters(request: &ReceivedRequest) -> Vec<&str> {
    request.query().split('&').filter(|pair| !pair.starts_with("pageCursor=")).collect()
}

#[tokio::test]
async fn a_cursor_goes_back_byte_for_byte() {
    let server = PagedMock::start(|cursor| {
        let place = CURSORS.iter().position(|known| *known == cursor);
        let next = place.map_or(usize::from(!cursor.is_empty()) * CURSORS.len(), |at| at + 1);
        page(&[&format!("F{next}")], CURSORS.get(next).copied())
    })
    .await;

    let files = listed(server.album().stream()).await;

    let received = server.received_cursors().await;
    assert_eq!(received[0], "-");
    assert_eq!(received[1..], CURSORS);
    let expected: Vec<_> = (0..=CURSORS.len()).map(|at| format!("F{at}")).collect();
    assert_eq!(files, expected);
}

#[tokio::test]
async fn spaces_and_pluses_in_a_cursor_are_percent_encoded() {
    let server =
        PagedMock::start(|cursor| page(&["F"], cursor.is_empty().then_some("a b+c"))).await;

    listed(server.album().stream()).await;

    let queries = server.received_queries().await;
    assert!(queries[1].split('&').any(|pair| pair == "pageCursor=a%20b%2Bc"), "{queries:?}");
}

#[tokio::test]
async fn n_files_cost_one_request_per_hundred_rounded_up() {
    for (files, requests) in [(0, 1), (1, 1), (100, 1), (101, 2), (250, 3), (300, 3), (1_000, 10)] {
        let server = AlbumServer::builder().files(files).start().await;

        let ids = listed(server.client().list_album_content(server.album_id()).stream()).await;

        assert_eq!(server.received_requests().len(), requests, "{files} files");
        assert_eq!(ids.len() as u64, files);
    }
}

#[tokio::test]
async fn without_read_ahead_a_page_is_requested_only_once_the_previous_one_is_used_up() {
    let server = AlbumServer::builder().files(25).start().await;
    let mut files = in_tens(&server).read_ahead(0).stream();

    for _ in 0..10 {
        files.next().await.unwrap().unwrap();
    }
    tokio::time::sleep(Duration::from_millis(30)).await;
    let of_ten = server.received_requests().len();
    files.next().await.unwrap().unwrap();

    assert_eq!((of_ten, server.received_requests().len()), (1, 2));
}
