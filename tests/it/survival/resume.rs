//! Checkpoints: after an error or a stop, a listing resumes with exactly the rest.

use futures::{StreamExt as _, TryStreamExt as _};
use koodrive::{Checkpoint, ErrorKind, ListAlbumContent, SortDirection, SortType};
use koodrive_testing::{AlbumServer, Fault};
use serde_json::json;

use crate::listing::{album_at, ids, in_tens, listed};
use crate::support::{page, serving};

/// The checkpoint, stored as text and read back.
fn kept(checkpoint: &Checkpoint) -> Checkpoint {
    let text = checkpoint.to_string().parse().unwrap();
    let json = serde_json::to_string(checkpoint).unwrap();
    assert_eq!(serde_json::from_str::<Checkpoint>(&json).unwrap(), text);
    text
}

#[tokio::test]
async fn a_listing_stopped_anywhere_resumes_with_exactly_the_rest() {
    let server = AlbumServer::builder().files(35).start().await;
    let all = listed(in_tens(&server).stream()).await;
    for stop in 0..=35 {
        let mut files = in_tens(&server).stream();
        let first = ids(&files.by_ref().take(stop).try_collect::<Vec<_>>().await.unwrap());
        let checkpoint = kept(&files.checkpoint());
        drop(files);

        let mut rest = in_tens(&server).resume(checkpoint).stream();
        let last = listed(rest.by_ref()).await;

        assert_eq!([first, last].concat(), all, "stopped after {stop}");
        let progress = rest.progress();
        assert_eq!((progress.items, progress.pages), (35, 4), "stopped after {stop}");
    }
}

#[tokio::test]
async fn the_first_files_of_a_resumed_listing_cost_one_request() {
    let server = AlbumServer::builder().files(350).start().await;
    let album = || server.client().list_album_content(server.album_id());
    let mut files = album().read_ahead(0).stream();
    files.by_ref().take(200).try_collect::<Vec<_>>().await.unwrap();
    let before = server.received_requests().len();

    let mut rest = album().resume(files.checkpoint()).stream();
    rest.by_ref().take(10).try_collect::<Vec<_>>().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;

    assert_eq!(server.received_requests().len() - before, 1);
}

#[tokio::test]
async fn resumed_pages_begin_with_the_rest_of_the_current_page() {
    let server = AlbumServer::builder().files(35).start().await;
    let mut files = in_tens(&server).stream();
    files.by_ref().take(13).try_collect::<Vec<_>>().await.unwrap();

    let mut pages = in_tens(&server).resume(files.checkpoint()).pages();
    let lengths: Vec<usize> =
        pages.by_ref().map_ok(|page| page.contents().len()).try_collect().await.unwrap();

    assert_eq!(lengths, [7, 10, 5]);
    assert_eq!(pages.progress().items, 35);
    let sent = in_tens(&server).resume(files.checkpoint()).send().await.unwrap();
    assert_eq!(sent.contents().len(), 7);
}

#[tokio::test]
async fn every_error_carries_the_checkpoint_to_resume_from() {
    let all = listed(in_tens(&AlbumServer::builder().files(35).start().await).stream()).await;
    for failing in 0..4 {
        for fault in [Fault::status(503), Fault::status(404), Fault::status(200).body("<html>")] {
            let server = AlbumServer::builder().files(35).fault(failing, fault).start().await;
            let mut files = in_tens(&server).stream();
            let mut got = Vec::new();
            let error = loop {
                match files.try_next().await {
                    Ok(file) => got.push(file.unwrap().id().to_owned()),
                    Err(error) => break error,
                }
            };
            assert_eq!(got.len(), failing * 10);

            let checkpoint = kept(error.checkpoint().unwrap());
            assert_eq!(checkpoint, files.checkpoint());
            got.extend(listed(in_tens(&server).resume(checkpoint).stream()).await);
            assert_eq!(got, all, "{error}");
        }
    }
}

#[tokio::test]
async fn errors_of_pages_carry_a_checkpoint_too() {
    let server = AlbumServer::builder().fault(0, Fault::status(404)).start().await;
    let error = in_tens(&server).send().await.unwrap_err();
    let pages_error = || async {
        let server = AlbumServer::builder().fault(1, Fault::status(404)).start().await;
        let pages = in_tens(&server).pages().try_collect::<Vec<_>>().await;
        pages.unwrap_err().checkpoint().map(Checkpoint::items)
    };
    assert_eq!(error.checkpoint().map(Checkpoint::items), Some(0));
    assert_eq!(pages_error().await, Some(10));
}

#[tokio::test]
async fn a_resumed_listing_skips_the_broken_file() {
    let body = json!({ "contentList": [{ "id": "1" }, { "id": {} }, { "id": "3" }] });
    let server = serving(page(&body.to_string())).await;
    let mut files = album_at(&server.uri()).stream();
    assert_eq!(files.next().await.unwrap().unwrap().id(), "1");
    let error = files.next().await.unwrap().unwrap_err();

    let rest = album_at(&server.uri()).resume(error.checkpoint().unwrap().clone());

    assert_eq!(listed(rest.stream()).await, ["3"]);
}

#[tokio::test]
async fn a_page_that_has_shrunk_yields_nothing_twice() {
    let body = json!({ "contentList": [{ "id": "1" }, { "id": "2" }] });
    let before = serving(page(&body.to_string())).await;
    let mut files = album_at(&before.uri()).stream();
    files.next().await.unwrap().unwrap();
    files.next().await.unwrap().unwrap();
    let checkpoint = files.checkpoint();
    let after = serving(page(r#"{"contentList":[{"id":"1"}]}"#)).await;

    let rest = album_at(&after.uri()).resume(checkpoint).stream();

    assert!(listed(rest).await.is_empty());
}

#[tokio::test]
async fn a_checkpoint_of_another_listing_is_rejected_before_anything_is_sent() {
    let server = AlbumServer::builder().files(35).start().await;
    let mut files = in_tens(&server).sort_type(SortType::CreationTime).stream();
    files.next().await.unwrap().unwrap();
    let checkpoint = files.checkpoint();
    let before = server.received_requests().len();
    let client = server.client();
    let album = || client.list_album_content(server.album_id());
    let cursor = "another";

    for listing in [
        client.list_album_content("17"),
        album().page_size(20),
        album().sort_type(SortType::ShootingTime),
        album().sort_direction(SortDirection::Ascending),
        album().page_cursor(cursor),
    ] {
        assert_refused(listing.resume(checkpoint.clone())).await;
    }
    assert_eq!(server.received_requests().len(), before);

    let same = album().page_size(10).sort_type(SortType::CreationTime);
    assert_eq!(listed(same.resume(checkpoint.clone()).stream()).await.len(), 34);
    assert_eq!(listed(album().resume(checkpoint).stream()).await.len(), 34);
}

async fn assert_refused(listing: ListAlbumContent) {
    let mut files = listing.clone().stream();
    let refused = files.next().await.unwrap().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    assert!(files.next().await.is_none());
    assert_eq!(listing.send().await.unwrap_err().kind(), ErrorKind::InvalidInput);
}
