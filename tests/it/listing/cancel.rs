//! Dropping what is under way.

use std::time::Duration;

use futures::StreamExt as _;
use koodrive::ListAlbumContent;
use koodrive_testing::{AlbumServer, Fault};
use tokio::{
    io::AsyncReadExt as _,
    time::{sleep, timeout},
};

use super::{album_at, in_tens, listed, raw};

#[tokio::test]
async fn dropping_the_stream_cancels_the_request_in_flight() {
    dropping_closes_the_connection(async |album| drop(album.stream().next().await)).await;
}

#[tokio::test]
async fn dropping_the_pages_cancels_the_request_in_flight() {
    dropping_closes_the_connection(async |album| drop(album.pages().next().await)).await;
}

#[tokio::test]
async fn dropping_the_call_for_one_page_cancels_it() {
    dropping_closes_the_connection(async |album| drop(album.send().await)).await;
}

async fn dropping_closes_the_connection(list: impl AsyncFnOnce(ListAlbumContent)) {
    let (listener, uri) = raw::listen().await;
    let mut listing = Box::pin(list(album_at(&uri)));

    let (mut connection, _) = tokio::select! {
        () = &mut listing => panic!("nobody answered"),
        connection = raw::accept(&listener) => connection,
    };
    let before = timeout(Duration::from_millis(20), connection.read(&mut [0])).await;
    drop(listing);
    let after = timeout(Duration::from_secs(5), connection.read(&mut [0])).await;

    assert!(before.is_err(), "the connection was not open");
    assert_eq!(after.expect("the connection is still open").unwrap(), 0);
}

#[tokio::test]
async fn a_reply_that_comes_after_the_drop_reaches_nobody() {
    let late = Fault::status(200)
        .body(r#"{"code":0,"contentList":[{"id":"late"}]}"#)
        .delay(Duration::from_millis(300));
    let server = AlbumServer::builder().files(25).fault(0, late).start().await;
    let album = in_tens(&server);

    let mut dropped = album.clone().stream();
    tokio::select! {
        _ = dropped.next() => panic!("the reply was not late"),
        () = received_one(&server) => drop(dropped),
    }
    let files = listed(album.clone().stream()).await;
    sleep(Duration::from_millis(300)).await;
    let files_later = listed(album.stream()).await;

    assert_eq!((files.len(), &files), (25, &files_later));
    assert!(!files.contains(&"late".to_owned()));
    assert_eq!(server.received_requests().len(), 1 + 3 + 3);
}

async fn received_one(server: &AlbumServer) {
    while server.received_requests().is_empty() {
        sleep(Duration::from_millis(1)).await;
    }
}
