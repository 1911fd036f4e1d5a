//! Unordered listings, which read an album from both ends at once.

use std::collections::HashSet;

use futures::{StreamExt as _, TryStreamExt as _};
use koodrive::{ErrorKind, ListAlbumContent, SortDirection, SortType};
use koodrive_testing::{AlbumServer, Fault};

use super::{in_tens, listed, outcomes};
use crate::support::{HOUR, received};

fn set(ids: &[String]) -> HashSet<&String> {
    ids.iter().collect()
}

#[tokio::test]
async fn both_ends_together_list_each_file_once() {
    for files in [0, 1, 9, 10, 11, 95, 250] {
        let server = AlbumServer::builder().files(files).start().await;
        let all = listed(in_tens(&server).stream()).await;
        let before = server.received_requests().len();

        let mut listing = in_tens(&server).unordered().stream();
        let some = listed(listing.by_ref()).await;

        assert_eq!((some.len(), set(&some)), (all.len(), set(&all)), "{files}");
        let requests = server.received_requests().len() - before;
        assert!(requests <= all.len() / 10 + 4, "{files} files, {requests} requests");
        assert_eq!(listing.progress().items, files);
    }
}

#[tokio::test]
async fn both_ends_are_requested_before_either_has_answered() {
    let slow = || Fault::status(503).delay(HOUR);
    let server = AlbumServer::builder().files(250).fault(0, slow()).fault(1, slow()).start().await;
    let mut files = in_tens(&server).unordered().stream();

    tokio::select! {
        _ = files.next() => panic!("an end has answered"),
        () = received(&server, 2) => {}
    }
}

#[tokio::test]
async fn two_errors_in_a_row_lose_no_file() {
    let overload = || Fault::status(503);
    let server =
        AlbumServer::builder().files(250).fault(0, overload()).fault(1, overload()).start().await;

    let out = outcomes(in_tens(&server).unordered().stream()).await;

    let errors = out.iter().filter(|item| *item == "Status").count();
    assert_eq!((errors, out.len()), (2, 2 + 250));
}

#[tokio::test]
async fn an_error_of_one_end_loses_no_file() {
    for failing in 0..8 {
        let overload = Fault::status(503);
        let server = AlbumServer::builder().files(95).fault(failing, overload).start().await;
        let mut files = in_tens(&server).unordered().stream();
        let (mut got, mut errors) = (Vec::new(), 0);
        while let Some(file) = files.next().await {
            match file {
                Ok(file) => got.push(file.id().to_owned()),
                Err(_) => errors += 1,
            }
        }
        assert_eq!((errors, got.len(), set(&got).len()), (1, 95, 95), "{failing}");
    }
}

#[tokio::test]
async fn a_final_error_of_one_end_ends_the_listing() {
    let server = AlbumServer::builder().files(95).fault(3, Fault::status(403)).start().await;
    let files: Vec<_> = in_tens(&server).unordered().stream().collect().await;
    assert_eq!(files.last().unwrap().as_ref().unwrap_err().status(), Some(403));
}

#[tokio::test]
async fn an_unordered_listing_rejects_checkpoint_order_bound_and_cursor() {
    let server = AlbumServer::builder().files(95).start().await;
    let mut files = in_tens(&server).unordered().stream();
    files.by_ref().take(25).try_collect::<Vec<_>>().await.unwrap();
    let checkpoint = files.checkpoint().to_string().parse().unwrap();
    assert_eq!(files.checkpoint(), checkpoint);
    drop(files);
    let before = server.received_requests().len();

    let unordered = || in_tens(&server).unordered();
    for listing in [
        in_tens(&server).resume(checkpoint.clone()),
        unordered().resume(checkpoint),
        unordered().sort_type(SortType::ShootingTime),
        unordered().sort_direction(SortDirection::Ascending),
        unordered().max_items(3),
        unordered().page_cursor("cursor"),
    ] {
        assert_refused(listing).await;
    }
    assert_eq!(server.received_requests().len(), before);
}

async fn assert_refused(listing: ListAlbumContent) {
    let error = listing.stream().try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
