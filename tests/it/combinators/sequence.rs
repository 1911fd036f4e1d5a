//! Sequential combinators: taking, filtering and collecting.

use futures::{StreamExt as _, TryStreamExt as _, future, stream::FusedStream as _};
use koodrive::{AlbumContent, Error};
use koodrive_testing::{AlbumServer, Fault};

use super::{Album, id};
use crate::listing::{ids, in_tens, listed};

#[tokio::test]
async fn try_next_yields_file_after_file() {
    let album = Album::start().await;
    let mut files = album.stream();
    let mut out = Vec::new();

    while let Some(file) = files.try_next().await.unwrap() {
        out.push(id(file));
    }

    assert_eq!((out, album.requests()), (album.ids.clone(), 3));
}

#[tokio::test]
async fn try_collect_yields_all_files_in_order() {
    let album = Album::start().await;

    let files: Vec<_> = album.stream().try_collect().await.unwrap();

    assert_eq!((ids(&files), album.requests()), (album.ids.clone(), 3));
}

#[tokio::test]
async fn try_collect_stops_at_an_error_and_sends_nothing_more() {
    let server = AlbumServer::builder().files(25).fault(1, Fault::status(401)).start().await;

    let files: Result<Vec<AlbumContent>, Error> = in_tens(&server).stream().try_collect().await;

    assert_eq!(files.unwrap_err().status(), Some(401));
    assert_eq!(server.received_requests().len(), 2);
}

#[tokio::test]
async fn take_sends_no_more_requests_than_it_needs() {
    let album = Album::start().await;

    for (taken, requests) in [(0, 0), (1, 1), (10, 1), (11, 2), (25, 3), (26, 3)] {
        let before = album.requests();
        let files = listed(album.stream().take(taken)).await;

        assert_eq!(files, album.ids[..taken.min(25)]);
        assert_eq!(album.requests() - before, requests, "{taken} taken");
    }
}

#[tokio::test]
async fn ten_files_of_a_long_album_cost_one_request() {
    let server = AlbumServer::builder().files(250).start().await;

    let album = server.client().list_album_content(server.album_id());
    let files = listed(album.stream().take(10)).await;

    assert_eq!((files.len(), server.received_requests().len()), (10, 1));
}

#[tokio::test]
async fn by_ref_leaves_the_rest_in_the_stream() {
    let album = Album::start().await;
    let mut files = album.stream();

    let first = listed(files.by_ref().take(12)).await;
    let rest = listed(files).await;

    assert_eq!((first.as_slice(), rest.as_slice()), album.ids.split_at(12));
    assert_eq!(album.requests(), 3);
}

#[tokio::test]
async fn try_filter_and_try_filter_map_and_map_ok_keep_the_order() {
    let album = Album::start().await;
    let expected: Vec<_> = album.ids.iter().step_by(2).cloned().collect();
    let even = |id: &str| album.ids.iter().position(|known| known == id).unwrap() % 2 == 0;

    let filtered = album.stream().try_filter(|file| future::ready(even(file.id())));
    let filtered = listed(filtered).await;
    let mapped = album.stream().map_ok(id).try_filter_map(async |id| Ok(even(&id).then_some(id)));
    let mapped: Vec<_> = mapped.try_collect().await.unwrap();

    assert_eq!((&filtered, &mapped), (&expected, &expected));
    assert_eq!(album.requests(), 6);
}

#[tokio::test]
async fn chunks_may_span_pages() {
    let album = Album::start().await;

    let chunks: Vec<_> = album.stream().chunks(4).collect().await;
    let try_chunks: Vec<Vec<_>> = album.stream().try_chunks(4).try_collect().await.unwrap();

    let sizes: Vec<_> = chunks.iter().map(Vec::len).collect();
    assert_eq!(sizes, [4, 4, 4, 4, 4, 4, 1]);
    let chunks: Vec<_> = chunks.into_iter().flatten().map(|file| id(file.unwrap())).collect();
    assert_eq!((&chunks, &ids(try_chunks.iter().flatten())), (&album.ids, &album.ids));
    assert_eq!(album.requests(), 6);
}

#[tokio::test]
async fn try_chunks_return_the_files_before_an_error() {
    let server = AlbumServer::builder().files(25).fault(1, Fault::status(401)).start().await;

    let error =
        in_tens(&server).stream().try_chunks(100).try_collect::<Vec<_>>().await.unwrap_err();

    let futures::stream::TryChunksError(files, cause) = error;
    assert_eq!((files.len(), cause.status()), (10, Some(401)));
}

#[tokio::test]
async fn ready_chunks_never_exceed_a_page() {
    let album = Album::start().await;

    let chunks: Vec<_> = album.stream().ready_chunks(100).collect().await;

    // The next page is never ready at once, so a chunk is at most a page.
    let sizes: Vec<_> = chunks.iter().map(Vec::len).collect();
    assert_eq!(sizes, [10, 10, 5]);
    let files: Vec<_> = chunks.into_iter().flatten().map(|file| id(file.unwrap())).collect();
    assert_eq!(files, album.ids);
}

#[tokio::test]
async fn a_fused_stream_stays_ended() {
    let album = Album::start().await;
    let mut files = album.stream().fuse();

    let listed = listed(&mut files).await;
    let after = [files.next().await, files.next().await];

    assert!(after.iter().all(Option::is_none) && files.is_terminated());
    assert_eq!((listed, album.requests()), (album.ids.clone(), 3));
}

#[tokio::test]
async fn peeking_consumes_nothing() {
    let album = Album::start().await;
    let mut files = Box::pin(album.stream().peekable());

    let peeked = files.as_mut().peek().await.unwrap().as_ref().unwrap().id().to_owned();
    let again = files.as_mut().peek().await.unwrap().as_ref().unwrap().id().to_owned();
    let listed = listed(files).await;

    assert_eq!((&peeked, &again), (&album.ids[0], &album.ids[0]));
    assert_eq!((listed, album.requests()), (album.ids.clone(), 3));
}
