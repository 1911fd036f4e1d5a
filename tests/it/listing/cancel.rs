//! Dropping a listing while a request is in flight.

use std::time::Duration;

use futures::StreamExt as _;
use koodrive::ListAlbumContent;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::{album_at, listed, paged::page, raw};

#[tokio::test]
async fn dropping_the_stream_cancels_the_request_in_flight() {
    dropping_closes_the_connection(async |album| drop(album.stream().next().await)).await;
}

#[tokio::test]
async fn dropping_the_pages_cancels_the_request_in_flight() {
    dropping_closes_the_connection(async |album| drop(album.pages().next().await)).await;
}

#[tokio::test]
async fn dropping_the_request_for_one_page_cancels_it() {
    dropping_closes_the_connection(async |album| drop(album.send().await)).await;
}

async fn dropping_closes_the_connection(list: impl AsyncFnOnce(ListAlbumContent)) {
    let (listener, uri) = raw::listen().await;
    let mut connection = drop_in_flight(list(album_at(&uri)), &listener).await;

    assert_eq!(connection.read(&mut [0]).await.unwrap(), 0, "the connection is still open");
}

/// Drops the listing once its request has arrived. Returns the connection of the request.
async fn drop_in_flight(listing: impl Future<Output = ()>, listener: &TcpListener) -> TcpStream {
    let mut listing = Box::pin(listing);
    let (mut connection, _) = tokio::select! {
        () = &mut listing => panic!("the listing ended without an answer"),
        connection = raw::accept(listener) => connection,
    };
    let closed = timeout(Duration::from_millis(20), connection.read(&mut [0])).await;
    assert!(closed.is_err(), "the connection was closed before the drop");
    connection
}

#[tokio::test]
async fn a_reply_that_arrives_after_the_drop_reaches_no_later_listing() {
    let (listener, uri) = raw::listen().await;
    let album = album_at(&uri);
    let mut files = album.clone().stream();
    let mut connection = drop_in_flight(async { drop(files.next().await) }, &listener).await;
    drop(files);

    // The write may fail, since the client has closed the connection.
    connection.write_all(raw::reply(&page(&["late"], None)).as_bytes()).await.ok();
    let two_files = page(&["a", "b"], None);
    let files = tokio::select! {
        files = listed(album.stream()) => files,
        () = raw::serve(&listener, &two_files) => unreachable!("it serves forever"),
    };

    assert_eq!(files, ["a", "b"]);
}
