//! Prefetching: the next page is fetched while the files of the current one are consumed.

use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use koodrive::{AlbumContentStream, ErrorKind};
use koodrive_testing::{AlbumServer, Fault};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::Builder,
    time::sleep,
};

use super::{album_at, ids, in_tens, listed, paged::page, raw};
use crate::support::{HOUR, received};

async fn take(files: &mut AlbumContentStream, count: usize) -> Vec<String> {
    ids(&files.take(count).try_collect::<Vec<_>>().await.unwrap())
}

/// Waits for this many requests, then a moment longer, in which no other may arrive.
async fn assert_requests(server: &AlbumServer, expected: usize, what: &str) {
    received(server, expected).await;
    sleep(Duration::from_millis(30)).await;
    assert_eq!(server.received_requests().len(), expected, "{what}");
}

#[tokio::test]
async fn the_next_page_is_requested_once_read_ahead_files_remain() {
    for (count, read_ahead, requests) in [
        (10, Some(0), 1),
        (11, Some(0), 2),
        (9, Some(1), 1),
        (10, Some(1), 2),
        (5, Some(5), 1),
        (6, Some(5), 2),
        (1, Some(10), 2),
        (1, Some(usize::MAX), 2),
        (1, None, 1), // by default, a tenth of the page
        (2, None, 2),
        (10, None, 2), // never more than one page ahead
        (11, None, 3), // later pages at their first file
        (35, None, 4),
    ] {
        let server = AlbumServer::builder().files(35).start().await;
        let album = in_tens(&server);
        let album = read_ahead.into_iter().fold(album, |album, files| album.read_ahead(files));
        let mut files = album.stream();

        take(&mut files, count).await;

        let what = format!("after {count} files, {read_ahead:?} ahead");
        assert_requests(&server, requests, &what).await;
    }
}

#[tokio::test]
async fn the_first_ten_files_of_an_album_cost_one_request() {
    let server = AlbumServer::builder().files(250).start().await;
    let mut files = server.client().list_album_content(server.album_id()).stream();

    assert_eq!(take(&mut files, 10).await.len(), 10);
    assert_requests(&server, 1, "after ten files").await;

    take(&mut files, 1).await;
    assert_requests(&server, 2, "after eleven files").await;
}

#[tokio::test]
async fn the_next_page_is_read_while_the_stream_is_not_polled() {
    let (listener, uri) = raw::listen().await;
    let mut files = album_at(&uri).read_ahead(100).stream();
    let mut connection = second_request(&mut files, &listener).await;
    // More than the buffers of a connection hold, so it is written only if the client reads it.
    let mut large = page(&["c"], None);
    large["more"] = "x".repeat(14 << 20).into();

    connection.write_all(raw::reply(&large).as_bytes()).await.unwrap();

    assert_eq!(listed(files).await, ["c"]);
}

#[tokio::test]
async fn a_prefetched_error_is_yielded_in_its_place_and_loses_no_file() {
    let server = AlbumServer::builder().files(25).fault(1, Fault::status(503)).start().await;
    let all = listed(in_tens(&AlbumServer::builder().files(25).start().await).stream()).await;
    let mut files = in_tens(&server).stream();

    let mut taken = take(&mut files, 5).await;
    assert_requests(&server, 2, "with the prefetch").await;
    let (progress, checkpoint) = (files.progress(), files.checkpoint());
    taken.extend(take(&mut files, 5).await);
    let error = files.next().await.unwrap().unwrap_err();
    taken.extend(listed(files).await);

    assert_eq!((progress.items, progress.pages, checkpoint.items()), (5, 1, 5));
    assert_eq!((error.kind(), error.checkpoint().unwrap().items()), (ErrorKind::Status, 10));
    assert_eq!(taken, all);
    let rest = in_tens(&server).resume(checkpoint).stream();
    assert_eq!(listed(rest).await, all[5..]);
}

#[tokio::test]
async fn a_prefetched_final_error_ends_the_stream_only_in_its_place() {
    let server = AlbumServer::builder().files(25).fault(1, Fault::status(403)).start().await;
    let mut files = in_tens(&server).stream();
    take(&mut files, 9).await;
    assert_requests(&server, 2, "with the prefetch").await;

    let hint = futures::Stream::size_hint(&files);
    let is_terminated = futures::stream::FusedStream::is_terminated(&files);

    assert_eq!((hint, is_terminated), ((1, None), false));
    assert!(files.next().await.unwrap().is_ok());
    assert_eq!(files.next().await.unwrap().unwrap_err().status(), Some(403));
    assert!(files.next().await.is_none());
}

/// Takes the two files of the first page, and waits for the request for the next one. Returns its
/// connection.
async fn second_request(files: &mut AlbumContentStream, listener: &TcpListener) -> TcpStream {
    let first_page = raw::reply(&page(&["a", "b"], Some("next")));
    let (first, mut connection) = tokio::join!(files.next(), async {
        let (mut connection, _) = raw::accept(listener).await;
        connection.write_all(first_page.as_bytes()).await.unwrap();
        connection
    });
    first.unwrap().unwrap();
    files.next().await.unwrap().unwrap();
    let request = raw::request_on(&mut connection).await;
    assert!(request.contains("pageCursor=next"), "{request}");
    connection
}

#[tokio::test]
async fn dropping_the_stream_cancels_the_prefetch() {
    let (listener, uri) = raw::listen().await;
    let mut files = album_at(&uri).read_ahead(100).stream();
    let mut connection = second_request(&mut files, &listener).await;

    drop(files);

    assert_eq!(connection.read(&mut [0]).await.unwrap(), 0, "the connection is still open");
}

#[test]
fn a_prefetch_lost_with_its_runtime_is_repeated_on_the_next_one() {
    let runtime = || Builder::new_current_thread().enable_all().build().unwrap();
    let (serving, first) = (Builder::new_multi_thread().enable_all().build().unwrap(), runtime());
    let slow = Fault::status(503).delay(HOUR);
    let server = serving.block_on(AlbumServer::builder().files(25).fault(1, slow).start());
    let mut files = in_tens(&server).stream();
    let taken = first.block_on(take(&mut files, 5));
    first.block_on(received(&server, 2));

    drop(first);
    let rest = runtime().block_on(listed(files));

    assert_eq!((taken.len(), rest.len()), (5, 20));
}
