//! Listings that end before the album does: `max_items` and `edited_since`.

use std::time::{Duration, SystemTime};

use futures::{StreamExt as _, TryStreamExt as _};
use koodrive::{AlbumContent, ErrorKind, ListAlbumContent, SortDirection, SortType};
use koodrive_testing::AlbumServer;
use serde_json::{Value, json};

use super::paged::PagedMock;
use super::{ids, in_tens, listed};

fn edited(file: &AlbumContent) -> SystemTime {
    file.edited_time().and_then(|time| time.to_system_time()).unwrap()
}

fn page_sizes(server: &AlbumServer) -> Vec<String> {
    let sizes = |query: &str| query.split("pageSize=").nth(1).map(str::to_owned);
    let requests = server.received_requests();
    let sizes = requests.iter().filter_map(|request| sizes(request.query()));
    sizes.map(|rest| rest.split('&').next().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn max_items_requests_the_fewest_and_smallest_pages() {
    for (most, sizes) in
        [(0, vec![]), (30, vec!["30"]), (150, vec!["75", "75"]), (1_000, vec!["100", "100", "100"])]
    {
        let server = AlbumServer::builder().files(250).start().await;
        let all = listed(server.client().list_album_content(server.album_id()).stream()).await;
        let before = server.received_requests().len();
        let album = server.client().list_album_content(server.album_id()).max_items(most);

        let some = listed(album.clone().stream()).await;

        assert_eq!(some, all[..all.len().min(most as usize)], "{most}");
        assert_eq!(page_sizes(&server)[before..], sizes, "{most}");
        let pages: Vec<_> = album.pages().try_collect().await.unwrap();
        let files: usize = pages.iter().map(|page| page.contents().len()).sum();
        assert_eq!(files, some.len(), "{most}");
    }
}

#[tokio::test]
async fn a_resumed_listing_counts_max_items_from_its_checkpoint() {
    let server = AlbumServer::builder().files(250).start().await;
    let album = || server.client().list_album_content(server.album_id());
    let all = listed(album().stream()).await;
    let mut files = album().max_items(30).stream();
    assert_eq!(listed(files.by_ref()).await, all[..30]);

    let more = album().resume(files.checkpoint()).max_items(45).stream();
    assert_eq!(listed(more).await, all[30..75]);
    let rest = album().resume(files.checkpoint()).stream();
    assert_eq!(listed(rest).await, all[30..]);
}

#[tokio::test]
async fn pages_cut_by_max_items_resume_with_exactly_the_rest() {
    let server = AlbumServer::builder().files(500).start().await;
    let album = || server.client().list_album_content(server.album_id()).page_size(100);
    let all = listed(album().stream()).await;
    let mut pages = album().max_items(250).pages();
    let files: usize =
        pages.by_ref().map(|page| page.unwrap().contents().len()).fold(0, async |a, b| a + b).await;
    assert_eq!(files, 250);

    // The pages had 84 files each, which does not count: the setting is the same.
    let rest = album().resume(pages.checkpoint()).stream();

    assert_eq!(listed(rest).await, all[250..]);
}

#[tokio::test]
async fn files_beyond_max_items_are_dropped() {
    let page = |_: &str| json!({ "contentList": [{ "id": "1" }, { "id": {} }, { "id": "3" }, { "id": [] }, { "id": "5" }] });
    let server = PagedMock::start(page).await;
    for (most, expected) in [(1, "1"), (2, "1 Decode 3"), (3, "1 Decode 3 Decode 5")] {
        let outcomes = super::outcomes(server.album().max_items(most).stream()).await;
        assert_eq!(outcomes.join(" "), expected);
    }
}

#[tokio::test]
async fn edited_since_lists_recent_files_and_stops_after_an_older_page() {
    let server = AlbumServer::builder().files(250).start().await;
    let by_edit = || server.client().list_album_content(server.album_id()).page_size(10);
    let sorted =
        by_edit().sort_type(SortType::UpdateTime).sort_direction(SortDirection::Descending);
    let all: Vec<AlbumContent> = sorted.stream().try_collect().await.unwrap();
    for count in [1, 9, 10, 11, 35, 250] {
        let since = edited(&all[count - 1]);
        let expected: Vec<_> = all.iter().filter(|file| edited(file) >= since).cloned().collect();
        let before = server.received_requests().len();

        let listing = by_edit().edited_since(since).read_ahead(0);
        let recent: Vec<AlbumContent> = listing.stream().try_collect().await.unwrap();

        assert_eq!(ids(&recent), ids(&expected), "{count}");
        let requests = server.received_requests().len() - before;
        // The last request brings the first page without a recent file.
        assert!(requests <= expected.len().div_ceil(10) + 1, "{count} files, {requests} requests");
    }
}

#[tokio::test]
async fn edited_since_costs_one_request_if_nothing_is_newer() {
    let server = AlbumServer::builder().files(250).start().await;
    let tomorrow = SystemTime::now() + Duration::from_secs(24 * 60 * 60);
    let listing = server.client().list_album_content(server.album_id()).edited_since(tomorrow);

    let (files, outcome) = listing.stream().split();

    assert_eq!(files.count().await, 0);
    assert!(!outcome.result().unwrap().complete());
    assert_eq!(server.received_requests().len(), 1);
}

#[tokio::test]
async fn edited_since_lists_every_recent_or_undated_file_of_a_page() {
    let file = |id: &str, edited: Value| json!({ "id": id, "editedTime": edited });
    let page = json!({ "contentList": [
        file("1", json!("2025-09-16T01:31:20.654Z")),
        file("2", json!(null)),
        file("3", json!("yesterday")),
        file("4", json!("2025-09-15T01:31:20.654Z")),
        file("5", json!("2025-09-17T01:31:20.654Z")),
    ] });
    let server = PagedMock::start(move |_| page.clone()).await;
    let midnight = SystemTime::UNIX_EPOCH + Duration::from_secs(1_757_980_800); // of the 16th

    let recent = listed(server.album().edited_since(midnight).stream()).await;

    assert_eq!(recent, ["1", "2", "3", "5"]);
}

#[tokio::test]
async fn edited_since_rejects_any_other_order() {
    let server = AlbumServer::builder().start().await;
    let since = |album: ListAlbumContent| album.edited_since(SystemTime::UNIX_EPOCH);
    for listing in [
        since(in_tens(&server).sort_type(SortType::CreationTime)),
        since(in_tens(&server).sort_direction(SortDirection::Ascending)),
    ] {
        assert_eq!(listing.send().await.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert!(server.received_requests().is_empty());
}
