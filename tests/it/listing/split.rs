//! `split`: the files without errors, and the outcome beside them.

use futures::StreamExt as _;
use koodrive::ErrorKind;
use koodrive_testing::{AlbumServer, Fault};
use serde_json::{Value, json};

use super::{
    ids, in_tens, listed,
    paged::{PagedMock, page},
};

#[tokio::test]
async fn the_outcome_of_a_whole_listing_is_a_complete_summary() {
    let server = AlbumServer::builder().files(25).start().await;
    let (files, outcome) = in_tens(&server).stream().split();

    let files: Vec<_> = files.collect().await;
    let summary = outcome.result().unwrap();

    assert_eq!((summary.items, summary.pages, summary.total), (25, 3, Some(25)));
    assert!(summary.complete());
    assert_eq!(server.received_requests().len(), 3);
    assert_eq!(ids(&files), listed(in_tens(&server).stream()).await);
}

#[tokio::test]
async fn the_outcome_of_an_empty_album_is_complete() {
    let server = AlbumServer::builder().files(0).start().await;
    let (files, outcome) = in_tens(&server).stream().split();

    let files = files.count().await;
    let summary = outcome.result().unwrap();

    assert_eq!((files, summary.items, summary.pages), (0, 0, 1));
    assert!(summary.complete());
}

#[tokio::test]
async fn the_outcome_is_the_error_that_ended_the_files() {
    for (status, kind) in [(401, ErrorKind::Unauthorized), (503, ErrorKind::Status)] {
        let server = AlbumServer::builder().files(25).fault(1, Fault::status(status)).start().await;
        let (mut files, outcome) = in_tens(&server).stream().split();

        let listed = files.by_ref().count().await;
        let after = files.next().await;
        let error = outcome.result().unwrap_err();

        assert_eq!((listed, error.kind(), error.status()), (10, kind, Some(status)));
        assert!(after.is_none());
        assert_eq!(server.received_requests().len(), 2, "a request followed the error");
    }
}

#[tokio::test]
async fn the_outcome_is_the_error_of_a_bad_argument() {
    let server = AlbumServer::builder().files(25).start().await;
    let (files, outcome) = in_tens(&server).page_size(0).stream().split();

    let files = files.count().await;
    let error = outcome.result().unwrap_err();

    assert_eq!((files, error.kind()), (0, ErrorKind::InvalidInput));
    assert!(server.received_requests().is_empty());
}

#[tokio::test]
async fn the_summary_is_incomplete_if_the_consumer_stops_early() {
    for (taken, pages) in [(0, 0), (10, 1), (12, 2), (24, 3)] {
        let server = AlbumServer::builder().files(25).start().await;
        let (files, outcome) = in_tens(&server).stream().split();

        let files = files.take(taken).count().await;
        let summary = outcome.result().unwrap();

        assert_eq!((files as u64, taken as u64), (summary.items, summary.items));
        assert_eq!((summary.pages, summary.complete()), (pages, false));
    }
}

#[tokio::test]
async fn a_listing_is_incomplete_only_if_the_total_exceeds_its_files() {
    let cases: [(Value, bool); 5] = [
        (json!(1), true),
        (json!(2), true),
        (json!(null), true),
        (json!(-1), true),
        (json!(3), false),
    ];
    for (total, complete) in cases {
        let claim = total.clone();
        let server = PagedMock::start(move |_| {
            let mut page = page(&["a", "b"], None);
            page["total"] = claim.clone();
            page
        })
        .await;
        let (files, outcome) = server.album().stream().split();

        let files = files.count().await;
        let summary = outcome.result().unwrap();

        assert_eq!((files, summary.complete()), (2, complete), "{total}");
    }
}

#[tokio::test]
async fn a_split_continues_where_the_stream_was() {
    let server = AlbumServer::builder().files(25).start().await;
    let mut stream = in_tens(&server).stream();

    let first = listed(stream.by_ref().take(12)).await;
    let (files, outcome) = stream.split();
    let rest: Vec<_> = files.collect().await;
    let summary = outcome.result().unwrap();

    assert_eq!((first.len(), rest.len(), server.received_requests().len()), (12, 13, 3));
    assert_eq!((summary.items, summary.pages, summary.complete()), (25, 3, true));
    assert_eq!([first, ids(&rest)].concat(), listed(in_tens(&server).stream()).await);
}
