//! Albums of the test's own, over a real socket, as a user of the crate lists them.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use koodrive::{ErrorKind, SortDirection, SortType};

use super::tests::noon;
use super::*;
use crate::Fault;

const FAMILY: &str = "family";

/// Five files of which no two orders are the same; `b` and `c` were edited at the same time.
fn family() -> Vec<AlbumFile> {
    let at = |id: &str, taken, created, edited| {
        let time = |month| format!("2025-{month:02}-01T00:00:00.000Z");
        AlbumFile::new(id)
            .take_time(time(taken))
            .created_time(time(created))
            .edited_time(time(edited))
    };
    let files = [("c", 1, 3, 5), ("a", 2, 1, 7), ("e", 3, 5, 6), ("b", 4, 2, 5), ("d", 5, 4, 1)];
    files.into_iter().map(|(id, taken, created, edited)| at(id, taken, created, edited)).collect()
}

async fn ids(list: koodrive::ListAlbumContent) -> String {
    let ids = list.stream().map_ok(|file| file.id().to_owned());
    ids.try_collect::<Vec<_>>().await.unwrap().concat()
}

#[tokio::test]
async fn files_are_sorted_by_each_time_and_then_by_id_and_paged_by_cursors() {
    let server = AlbumServer::builder().album(FAMILY, family()).start().await;
    let list = server.client().list_album_content(FAMILY).page_size(2);
    for (sort, expected) in [
        (SortType::ShootingTime, "caebd"),
        (SortType::CreationTime, "abcde"),
        (SortType::UpdateTime, "dbcea"),
    ] {
        let list = list.clone().sort_type(sort);
        let reversed: String = expected.chars().rev().collect();
        assert_eq!(ids(list.clone().sort_direction(SortDirection::Ascending)).await, expected);
        assert_eq!(ids(list.sort_direction(SortDirection::Descending)).await, reversed);
    }
    let cursors = server.received_cursors();
    assert_eq!(cursors.len(), 6 * 3);
    assert!(cursors.iter().flatten().all(|cursor| cursor.parse::<u64>().is_err()));
}

#[tokio::test]
async fn one_server_has_several_albums_and_an_own_one_takes_the_computed_ones_place() {
    let albums = AlbumServer::builder().files(3).album(FAMILY, family()).album("empty", []);
    let server = albums.start().await;
    let count = |id: &str| server.client().list_album_content(id).stream().count();
    assert_eq!((count(server.album_id()).await, count(FAMILY).await), (3, 5));
    assert_eq!(count("empty").await, 0);

    let unknown = server.client().list_album_content("unknown").send().await.unwrap_err();
    assert_eq!((unknown.kind(), unknown.code()), (ErrorKind::Api, Some("13000309")));

    let asked: Vec<_> = server.received_requests().iter().map(ReceivedRequest::album_id).collect();
    assert_eq!(asked, [server.album_id(), FAMILY, "empty", "unknown"].map(|id| Some(id.into())));

    let server = AlbumServer::builder().album_id(FAMILY).album(FAMILY, family()).start().await;
    assert_eq!(server.client().list_album_content(FAMILY).stream().count().await, 5);
}

#[tokio::test]
async fn a_file_is_described_as_the_test_said() {
    let file = AlbumFile::new("F1").file_name("sea.png").size(64_492).field("favorite", true);
    let odd = AlbumFile::new("F2").field("id", None::<String>);
    let server = AlbumServer::builder().album(FAMILY, [file, odd]).start().await;
    let files = server.client().list_album_content(FAMILY).stream();
    let files: Vec<_> = files.collect().await;

    assert_eq!(files[0].as_ref().unwrap_err().kind(), ErrorKind::Decode);
    let file = files[1].as_ref().unwrap();
    assert_eq!((file.file_name(), file.file_suffix()), (Some("sea.png"), Some("png")));
    assert_eq!((file.size(), file.favorite()), (Some(64_492), Some(true)));
    assert_eq!(file.owner_id(), Some(server.user_id()));
    assert!(file.content_url().unwrap().expires_at().is_some());
}

#[tokio::test]
async fn an_album_changes_while_it_is_listed() {
    let server = AlbumServer::builder().album(FAMILY, family()).start().await;
    let list = server.client().list_album_content(FAMILY).page_size(2).read_ahead(0);
    let mut files = list.sort_type(SortType::CreationTime).stream();
    assert_eq!(files.try_next().await.unwrap().unwrap().id(), "e");

    server.remove_file(FAMILY, "a");
    server.put_file(FAMILY, AlbumFile::new("f").created_time("2025-12-01T00:00:00.000Z"));

    // `f` came before the cursor, so that `d` stands behind it now.
    let rest: Vec<_> = files.map_ok(|file| file.id().to_owned()).try_collect().await.unwrap();
    assert_eq!(rest, ["d", "d", "c", "b"]);
}

#[tokio::test]
#[should_panic(expected = "is no album of your own")]
async fn a_computed_album_does_not_change() {
    let server = AlbumServer::builder().start().await;
    server.put_file(server.album_id(), AlbumFile::new("F1"));
}

#[tokio::test]
async fn content_is_handed_out_by_its_link_alone_and_for_an_hour() {
    let late = Arc::new(AtomicU64::new(0));
    let clock = {
        let late = Arc::clone(&late);
        move || noon() + Duration::from_secs(late.load(Ordering::Relaxed))
    };
    let file = AlbumFile::new("F1").file_name("Été & 🌊 = x.jpg").content("the sea");
    let server = AlbumServer::builder().album(FAMILY, [file]).clock(clock).start().await;
    let page = server.client().list_album_content(FAMILY).send().await.unwrap();
    let url = page.contents()[0].content_url().unwrap().as_str();
    assert_eq!(page.contents()[0].size(), Some(7));

    let http = reqwest::Client::new();
    let get = |url: &str| http.get(url);
    let answer = async |request: reqwest::RequestBuilder| {
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(answer(get(url)).await, (200, "the sea".to_owned()));
    late.store(3600, Ordering::Relaxed);
    assert_eq!(answer(get(url)).await, (200, "the sea".to_owned()));
    for (request, status, code) in [
        (get(url).bearer_auth(server.access_token()), 400, "InvalidArgument"),
        (get(&url.replace("%2520", "+")), 403, "SignatureDoesNotMatch"),
        (get(&url.replace("/media/", "/media/0")), 404, "NoSuchKey"),
    ] {
        let (found, body) = answer(request).await;
        assert_eq!(found, status, "{body}");
        assert!(body.contains(code), "{body}");
    }
    late.store(3601, Ordering::Relaxed);
    let (status, body) = answer(get(url)).await;
    assert_eq!((status, body.contains("AccessDenied")), (403, true), "{body}");
    assert_eq!(server.received_cursors().len(), 1);
}

#[tokio::test]
async fn an_outage_is_a_range_of_requests_and_a_fault_that_never_came_is_told() {
    let faults = AlbumServer::builder().faults(0..3, Fault::status(503).header("retry-after", "0"));
    let server = faults.start().await;
    let once = server.client_builder().retry(koodrive::RetryPolicy::none()).build().unwrap();
    once.list_album_content(server.album_id()).send().await.unwrap_err();
    let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        server.assert_faults_used();
    }));
    let told = *told.unwrap_err().downcast::<String>().unwrap();
    assert!(told.contains("list request 1, list request 2") && !told.contains('0'), "{told}");

    server.client().list_album_content(server.album_id()).send().await.unwrap();
    server.assert_faults_used();
    assert_eq!(server.received_requests().len(), 4);
}

#[tokio::test]
async fn a_received_request_tells_what_it_asks_for_and_when_it_came() {
    let server = AlbumServer::builder().files(7).start().await;
    let list = server.client().list_album_content(server.album_id()).page_size(5);
    list.stream().count().await;

    let requests = server.received_requests();
    assert_eq!(requests[1].parameter("pageSize").as_deref(), Some("5"));
    assert_eq!((requests[0].cursor(), requests[1].parameter("sortType")), (None, None));
    assert_eq!(requests[1].cursor(), server.received_cursors()[1]);
    assert!(requests[0].received_at() <= requests[1].received_at());
}

/// Other executors have no Tokio runtime, and `block_on` has nothing at all.
#[test]
fn a_server_needs_no_runtime() {
    let server = futures::executor::block_on(AlbumServer::builder().start());
    let mut socket = TcpStream::connect(server.uri().trim_start_matches("http://")).unwrap();
    socket.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("APIG.0101"), "{answer}");
    assert_eq!(server.received_requests().len(), 1);
}
