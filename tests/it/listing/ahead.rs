//! The next page, while the files of this one are worked on.

use std::time::Duration;

use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use koodrive::{AlbumContentStream, ErrorKind};
use koodrive_testing::{AlbumServer, Fault};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    runtime::Builder,
    time::{sleep, timeout},
};

use super::{album_at, ids, in_tens, listed, raw};

/// Takes so many files of an album in pages of 10, and lets some time pass.
async fn take(files: &mut AlbumContentStream, count: usize) -> Vec<String> {
    let taken = ids(&files.take(count).try_collect::<Vec<_>>().await.unwrap());
    sleep(Duration::from_millis(50)).await;
    taken
}

/// How many requests there were when so many files were out.
async fn requests_after(count: usize, read_ahead: Option<usize>) -> usize {
    let server = AlbumServer::builder().files(35).start().await;
    let album = in_tens(&server);
    let album = read_ahead.into_iter().fold(album, |album, files| album.read_ahead(files));
    take(&mut album.stream(), count).await;
    server.received_requests().len()
}

#[tokio::test]
async fn the_next_page_is_asked_for_when_so_many_files_are_left() {
    for (count, read_ahead, requests) in [
        (10, Some(0), 1),
        (11, Some(0), 2),
        (9, Some(1), 1),
        (10, Some(1), 2),
        (5, Some(5), 1),
        (6, Some(5), 2),
        (1, Some(10), 2),
        (1, Some(usize::MAX), 2),
        (1, None, 1), // a tenth of the page
        (2, None, 2),
        (10, None, 2), // one page ahead, and no more
        (11, None, 3), // later pages at once
        (35, None, 4),
    ] {
        let received = requests_after(count, read_ahead).await;
        assert_eq!(received, requests, "after {count} files, {read_ahead:?} ahead");
    }
}

#[tokio::test]
async fn the_first_ten_files_of_an_album_cost_one_request() {
    let server = AlbumServer::builder().files(250).start().await;
    let mut files = server.client().list_album_content(server.album_id()).stream();

    assert_eq!(take(&mut files, 10).await.len(), 10);
    assert_eq!(server.received_requests().len(), 1);

    take(&mut files, 1).await;
    assert_eq!(server.received_requests().len(), 2);
}

#[tokio::test]
async fn a_page_ahead_comes_while_nobody_polls() {
    let server = AlbumServer::builder().files(25).start().await;
    let mut files = in_tens(&server).stream();
    take(&mut files, 2).await;

    let rest_of_page = take(&mut files, 8).await;
    let next = files.next().now_or_never();

    assert_eq!(rest_of_page.len(), 8);
    assert!(next.is_some_and(|file| file.is_some()), "the next page had not come");
}

#[tokio::test]
async fn an_error_ahead_comes_in_its_place_and_can_be_polled_past() {
    let server = AlbumServer::builder().files(25).fault(1, Fault::status(503)).start().await;
    let all = listed(in_tens(&AlbumServer::builder().files(25).start().await).stream()).await;
    let mut files = in_tens(&server).stream();

    let mut taken = take(&mut files, 5).await;
    assert_eq!(server.received_requests().len(), 2, "the error is there already");
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
async fn a_final_error_ahead_ends_the_stream_only_in_its_place() {
    let server = AlbumServer::builder().files(25).fault(1, Fault::status(403)).start().await;
    let mut files = in_tens(&server).stream();
    take(&mut files, 9).await;

    let hint = futures::Stream::size_hint(&files);
    let is_terminated = futures::stream::FusedStream::is_terminated(&files);

    assert_eq!((hint, is_terminated), ((1, None), false));
    assert!(files.next().await.unwrap().is_ok());
    assert_eq!(files.next().await.unwrap().unwrap_err().status(), Some(403));
    assert!(files.next().await.is_none());
}

#[tokio::test]
async fn dropping_the_stream_cancels_the_page_ahead() {
    let (listener, uri) = raw::listen().await;
    let mut files = album_at(&uri).read_ahead(100).stream();
    let page = r#"{"contentList":[{"id":"1"},{"id":"2"}],"nextPageCursor":"next"}"#;
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{page}", page.len());
    let (first, mut connection) = tokio::join!(files.next(), async {
        let (mut connection, _) = raw::accept(&listener).await;
        connection.write_all(answer.as_bytes()).await.unwrap();
        connection
    });
    first.unwrap().unwrap();
    files.next().await.unwrap().unwrap();
    let request = raw::request_on(&mut connection).await;
    assert!(request.contains("pageCursor=next"), "{request}");

    drop(files);

    let closed = timeout(Duration::from_secs(5), connection.read(&mut [0])).await;
    assert_eq!(closed.expect("the connection is still open").unwrap(), 0);
}

#[test]
fn a_page_ahead_whose_runtime_is_gone_is_fetched_on_the_next() {
    let runtime = || Builder::new_current_thread().enable_all().build().unwrap();
    let (serving, first) = (Builder::new_multi_thread().enable_all().build().unwrap(), runtime());
    let slow = Fault::status(503).delay(Duration::from_secs(60));
    let server = serving.block_on(AlbumServer::builder().files(25).fault(1, slow).start());
    let mut files = in_tens(&server).stream();
    let taken = first.block_on(take(&mut files, 5));

    drop(first);
    let rest = runtime().block_on(listed(files));

    assert_eq!((taken.len(), rest.len()), (5, 20));
}
