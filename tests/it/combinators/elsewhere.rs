//! Streams that move: to other tasks and threads, into types, and outside a runtime.

use std::pin::Pin;

use futures::{
    FutureExt as _, Stream, StreamExt as _, executor::block_on, stream::FusedStream as _,
};
use koodrive::{AlbumContent, AlbumContentStream, Error, ErrorKind};
use koodrive_testing::{AlbumServer, Fault};

use super::{Album, id};
use crate::listing::{album_at, in_tens, listed};

#[tokio::test(flavor = "current_thread")]
async fn a_stream_can_move_to_a_task() {
    continues_in_a_task().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_can_move_to_another_thread() {
    continues_in_a_task().await;
}

/// Moves to the task in the middle of a request.
async fn continues_in_a_task() {
    let album = Album::start().await;
    let mut files = album.stream();

    let first = listed(files.by_ref().take(10)).await;
    assert!(files.next().now_or_never().is_none());
    let rest = tokio::spawn(listed(files)).await.unwrap();

    assert_eq!(([first, rest].concat(), album.requests()), (album.ids.clone(), 3));
}

/// A type of a caller that stores listings.
struct Gallery {
    files: AlbumContentStream,
    featured: Pin<Box<dyn Stream<Item = Result<AlbumContent, Error>> + Send>>,
}

#[tokio::test]
async fn a_stream_can_be_stored_by_name_or_boxed() {
    let album = Album::start().await;
    let gallery = Gallery { files: album.stream(), featured: Box::pin(album.stream().take(3)) };

    let Gallery { mut files, featured } = tokio::spawn(async { gallery }).await.unwrap();
    let first = files.next().await.unwrap().unwrap();
    let rest = listed(files).await;

    assert_eq!([vec![id(first)], rest].concat(), album.ids);
    assert_eq!(listed(featured).await, album.ids[..3]);
    assert_eq!(album.requests(), 3 + 1);
}

#[tokio::test]
async fn both_halves_of_a_split_can_move_to_separate_tasks() {
    let server = AlbumServer::builder().files(25).fault(2, Fault::status(401)).start().await;
    let (files, outcome) = in_tens(&server).stream().split();

    let files = tokio::spawn(files.count()).await.unwrap();
    let error = tokio::spawn(async { outcome.result() }).await.unwrap().unwrap_err();

    assert_eq!((files, error.status()), (20, Some(401)));
}

#[test]
fn the_first_poll_outside_a_tokio_runtime_is_an_error_that_says_so() {
    let album = album_at("http://127.0.0.1");
    let (mut files, mut pages) = (album.clone().stream(), album.clone().pages());
    let (contents, outcome) = album.clone().stream().split();

    let of_files = block_on(files.next()).unwrap().unwrap_err();
    let of_pages = block_on(pages.next()).unwrap().unwrap_err();
    let of_one_page = block_on(album.send()).unwrap_err();
    assert_eq!(block_on(contents.count()), 0);

    for error in [of_files, of_pages, of_one_page, outcome.result().unwrap_err()] {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
        assert!(error.to_string().contains("Tokio"), "{error}");
    }
    assert!(block_on(files.next()).is_none() && files.is_terminated());
    assert!(block_on(pages.next()).is_none() && pages.is_terminated());
}
