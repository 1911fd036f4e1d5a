//! Work on several files at once, and polls that are abandoned.

use std::{collections::BTreeSet, sync::Mutex};

use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _, future};
use koodrive::AlbumContent;
use koodrive_testing::{AlbumServer, Fault};

use super::{Album, id, sorted};
use crate::listing::{in_tens, listed};

/// Pretends to work: yields to other tasks more than once.
async fn work<T>(file: T) -> T {
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    file
}

#[tokio::test]
async fn try_for_each_concurrent_sees_each_file_once() {
    let album = Album::start().await;
    let seen = Mutex::new(Vec::new());

    album
        .stream()
        .try_for_each_concurrent(4, async |file| {
            let file = work(file).await;
            seen.lock().unwrap().push(id(file));
            Ok(())
        })
        .await
        .unwrap();

    assert_eq!(sorted(seen.into_inner().unwrap()), album.sorted_ids());
    assert_eq!(album.requests(), 3);
}

#[tokio::test]
async fn try_for_each_concurrent_returns_the_error_of_the_listing() {
    let server = AlbumServer::builder().files(25).fault(2, Fault::status(401)).start().await;
    let seen = Mutex::new(Vec::new());

    let result = in_tens(&server)
        .stream()
        .try_for_each_concurrent(4, async |file| {
            seen.lock().unwrap().push(id(file));
            Ok(())
        })
        .await;

    assert_eq!(result.unwrap_err().status(), Some(401));
    assert_eq!(seen.into_inner().unwrap().len(), 20);
    assert_eq!(server.received_requests().len(), 3);
}

#[tokio::test]
async fn buffered_work_sees_each_file_once() {
    let album = Album::start().await;

    let unordered: Vec<_> = album.stream().map(work).buffer_unordered(4).collect().await;
    let try_unordered = album.stream().map_ok(|file| work(Ok(file))).try_buffer_unordered(4);
    let try_unordered = listed(try_unordered).await;
    let ordered = listed(album.stream().map(work).buffered(4)).await;

    let unordered = unordered.into_iter().map(|file| id(file.unwrap())).collect();
    assert_eq!(sorted(unordered), album.sorted_ids());
    assert_eq!(sorted(try_unordered), album.sorted_ids());
    assert_eq!(ordered, album.ids);
    assert_eq!(album.requests(), 9);
}

#[tokio::test]
async fn a_next_dropped_by_tokio_select_loses_no_file() {
    let album = Album::start().await;
    let mut files = album.stream();
    let (mut out, mut lost) = (Vec::new(), 0);

    loop {
        tokio::select! {
            biased;
            file = files.try_next() => match file.unwrap() {
                Some(file) => out.push(id(file)),
                None => break,
            },
            () = tokio::task::yield_now() => lost += 1,
        }
    }

    // Each page was in flight when `next` was dropped, and was still requested only once.
    assert!(lost >= 3, "next was dropped {lost} times");
    assert_eq!((out, album.requests()), (album.ids.clone(), 3));
}

#[tokio::test]
async fn two_albums_in_a_futures_select_are_both_listed_whole() {
    let (one, other) = (Album::new("17", 25).await, Album::new("18", 12).await);
    let (mut first, mut second) = (one.stream(), other.stream());
    let (mut ones, mut others) = (Vec::new(), Vec::new());

    loop {
        futures::select! {
            file = first.select_next_some() => ones.push(id(file.unwrap())),
            file = second.select_next_some() => others.push(id(file.unwrap())),
            complete => break,
        }
    }

    assert_eq!((ones, others), (one.ids.clone(), other.ids.clone()));
    assert_eq!((one.requests(), other.requests()), (3, 2));
}

#[tokio::test]
async fn pending_polls_request_the_page_only_once() {
    let album = Album::start().await;
    let mut files = album.stream();

    let polls = [files.next().now_or_never().is_none(), files.next().now_or_never().is_none()];
    let files = listed(files).await;

    assert_eq!(polls, [true, true]);
    assert_eq!((files, album.requests()), (album.ids.clone(), 3));
}

#[tokio::test]
async fn split_files_work_with_infallible_combinators() {
    let album = Album::start().await;
    let contents = || album.stream().split().0;
    let expected = album.ids.iter().filter(|id| id.ends_with(is_small)).count();
    let seen = Mutex::new(BTreeSet::new());

    let filtered = contents().filter(|file| future::ready(file.id().ends_with(is_small))).count();
    let filtered = filtered.await;
    contents()
        .for_each_concurrent(4, async |file| {
            let file = work(file).await;
            assert!(seen.lock().unwrap().insert(id(file)), "a file came twice");
        })
        .await;
    let (bytes, count) = contents()
        .fold((0, 0), async |(bytes, count), file| (bytes + file.size().unwrap(), count + 1))
        .await;

    assert!((1..25).contains(&expected));
    assert_eq!((filtered, count), (expected, 25));
    assert_eq!(seen.into_inner().unwrap(), album.ids.iter().cloned().collect());
    let files: Vec<_> = album.stream().try_collect().await.unwrap();
    assert_eq!(bytes, files.iter().filter_map(AlbumContent::size).sum::<u64>());
}

fn is_small(letter: char) -> bool {
    letter.is_ascii_lowercase()
}
