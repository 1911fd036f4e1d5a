//! Whole albums: each file once, in every order, as pages and as a stream.

use std::collections::HashSet;

use futures::{StreamExt as _, TryStreamExt as _, future::join_all};
use koodrive::{
    AlbumContent,
    SortDirection::{self, Ascending, Descending},
    SortType::{self, CreationTime, ShootingTime, UpdateTime},
};
use koodrive_testing::AlbumServer;

use super::{ids, in_tens, listed};

async fn sorted(server: &AlbumServer, by: SortType, way: SortDirection) -> Vec<AlbumContent> {
    let files = in_tens(server).sort_type(by).sort_direction(way).stream();
    files.try_collect().await.unwrap()
}

#[tokio::test]
async fn every_order_lists_each_file_exactly_once() {
    let server = AlbumServer::builder().files(75).start().await;
    let mut albums = Vec::new();

    for by in [ShootingTime, CreationTime, UpdateTime] {
        let ascending = ids(&sorted(&server, by, Ascending).await);
        let mut descending = ids(&sorted(&server, by, Descending).await);
        descending.reverse();
        assert_eq!(ascending, descending, "{by:?}");
        albums.push(ascending);
    }

    let distinct: Vec<HashSet<_>> = albums.iter().map(HashSet::from_iter).collect();
    assert!(albums.iter().all(|album| album.len() == 75));
    assert!(distinct.iter().all(|album: &HashSet<&String>| album.len() == 75));
    assert!(distinct[0] == distinct[1] && distinct[1] == distinct[2]);
    assert!(albums[0] != albums[1] && albums[1] != albums[2] && albums[0] != albums[2]);
}

#[tokio::test]
async fn files_are_in_the_order_of_the_time_that_they_are_sorted_by() {
    type Time = fn(&AlbumContent) -> Option<koodrive::Timestamp<'_>>;
    let server = AlbumServer::builder().files(75).start().await;
    let times: [(SortType, Time); 3] = [
        (ShootingTime, AlbumContent::take_time),
        (CreationTime, AlbumContent::created_time),
        (UpdateTime, AlbumContent::edited_time),
    ];

    for (by, time) in times {
        let files = sorted(&server, by, Ascending).await;
        // A document was never taken with a camera, so it has no such time.
        let times: Vec<_> = files.iter().filter_map(time).map(|time| time.as_str()).collect();
        assert!(times.len() > 20 && times.is_sorted(), "{by:?}: {times:?}");
    }
}

#[tokio::test]
async fn the_stream_yields_the_files_of_the_pages() {
    let server = AlbumServer::builder().files(25).start().await;

    let files = listed(in_tens(&server).stream()).await;
    let pages: Vec<_> = in_tens(&server).pages().try_collect().await.unwrap();

    let sizes: Vec<_> = pages.iter().map(|page| page.contents().len()).collect();
    assert_eq!(sizes, [10, 10, 5]);
    assert_eq!(ids(pages.iter().flat_map(|page| page.contents())), files);
    let [stream, pages] = [&server.received_cursors()[..3], &server.received_cursors()[3..]];
    assert_eq!(stream, pages);
}

#[tokio::test]
async fn one_page_is_one_request_and_its_cursor_leads_to_the_next() {
    let server = AlbumServer::builder().files(25).start().await;
    let (mut files, mut next) = (Vec::new(), Some(String::new()));

    for _ in 0..3 {
        let page = in_tens(&server).page_cursor(next.unwrap()).send().await.unwrap();
        assert_eq!(page.total(), Some(25));
        files.extend(ids(page.contents()));
        next = page.next_page_cursor().map(str::to_owned);
    }

    assert_eq!(next, None);
    assert_eq!(server.received_requests().len(), 3);
    assert_eq!(files, listed(in_tens(&server).stream()).await);
    let [page_by_page, stream] = [&server.received_cursors()[..3], &server.received_cursors()[3..]];
    assert_eq!(page_by_page, stream);
}

#[tokio::test]
async fn a_listing_from_a_cursor_yields_exactly_the_rest() {
    let server = AlbumServer::builder().files(25).start().await;
    let first = in_tens(&server).send().await.unwrap();
    let cursor = first.next_page_cursor().unwrap();

    let rest = listed(in_tens(&server).page_cursor(cursor).stream()).await;

    assert_eq!(server.received_cursors()[1].as_deref(), Some(cursor));
    assert_eq!(server.received_requests().len(), 3);
    let whole = listed(in_tens(&server).stream()).await;
    assert_eq!([ids(first.contents()), rest].concat(), whole);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clones_of_a_client_list_in_other_tasks() {
    let server = AlbumServer::builder().files(25).start().await;
    let client = server.client();

    let tasks: Vec<_> = (0..4)
        .map(|_| (client.clone(), server.album_id().to_owned()))
        .map(|(client, album)| async move {
            listed(client.list_album_content(album).page_size(10).stream()).await
        })
        .map(tokio::spawn)
        .collect();
    drop(client);
    let albums: Vec<_> = join_all(tasks).await.into_iter().map(|files| files.unwrap()).collect();

    assert_eq!(server.received_requests().len(), 4 * 3);
    let whole = listed(in_tens(&server).stream()).await;
    assert_eq!(albums, vec![whole; 4]);
}

#[tokio::test]
async fn two_listings_of_one_client_do_not_mix() {
    let server = AlbumServer::builder().files(25).start().await;
    let client = server.client();
    let album = client.list_album_content(server.album_id()).page_size(10);

    let mut there = album.clone().sort_direction(Ascending).stream();
    let mut back = album.sort_direction(Descending).stream();
    let (mut forwards, mut backwards) = (Vec::new(), Vec::new());
    while let (Some(a), Some(b)) = futures::join!(there.next(), back.next()) {
        forwards.push(a.unwrap().id().to_owned());
        backwards.push(b.unwrap().id().to_owned());
    }

    backwards.reverse();
    assert_eq!((forwards.len(), server.received_requests().len()), (25, 6));
    assert_eq!(forwards, backwards);
}
