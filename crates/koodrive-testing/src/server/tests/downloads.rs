//! Downloads by pre-signed link.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use koodrive::AlbumContent;
use reqwest::{Client, RequestBuilder, Response};

use super::{header, server_time};
use crate::{AlbumFile, AlbumServer, AlbumServerBuilder, Fault, ReceivedDownload};

const FAMILY: &str = "family";

/// A server with one file of 1,000 bytes that begins with "the sea".
fn builder() -> AlbumServerBuilder {
    let content = [&b"the sea"[..], &[7; 993]].concat();
    AlbumServer::builder().album(FAMILY, [AlbumFile::new("F1").content(content)])
}

async fn files(server: &AlbumServer, album_id: &str) -> Vec<AlbumContent> {
    server.client().list_album_content(album_id).send().await.unwrap().into_contents()
}

/// The link to the only file of the family's album.
async fn link(server: &AlbumServer) -> String {
    files(server, FAMILY).await[0].content_url().unwrap().as_str().to_owned()
}

fn get(link: &str) -> RequestBuilder {
    let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    http.get(link)
}

async fn range(link: &str, range: &str) -> Response {
    get(link).header("range", range).send().await.unwrap()
}

async fn status_and_text(request: RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_link_alone_gives_access_for_an_hour() {
    let late = Arc::new(AtomicU64::new(0));
    let clock = {
        let late = Arc::clone(&late);
        move || server_time() + Duration::from_secs(late.load(Ordering::Relaxed))
    };
    let file = AlbumFile::new("F1").file_name("Été & 🌊 = x.jpg").content("the sea");
    let server = AlbumServer::builder().album(FAMILY, [file]).clock(clock).start().await;
    let url = &link(&server).await;
    assert!(url.starts_with(server.storage_uri()) && server.storage_uri() != server.uri());

    assert_eq!(status_and_text(get(url)).await, (200, "the sea".to_owned()));
    late.store(3600, Ordering::Relaxed);
    assert_eq!(status_and_text(get(url)).await, (200, "the sea".to_owned()));
    for (request, status, code) in [
        (get(url).bearer_auth(server.access_token()), 400, "InvalidArgument"),
        (get(url).header("host", "elsewhere"), 403, "SignatureDoesNotMatch"),
        (get(&url.replace("%2520", "+")), 403, "SignatureDoesNotMatch"),
        (get(&url.replace("086?", "0860?")), 403, "SignatureDoesNotMatch"),
        (get(url.split('?').next().unwrap()), 403, "SignatureDoesNotMatch"),
        (Client::new().post(url), 405, "MethodNotAllowed"),
        (Client::new().put(url), 403, "SignatureDoesNotMatch"),
        (Client::new().delete(url), 403, "SignatureDoesNotMatch"),
    ] {
        let (found, body) = status_and_text(request).await;
        assert_eq!(found, status, "{body}");
        assert!(body.starts_with("<?xml") && body.contains(code), "{body}");
    }
    let head = Client::new().head(url).send().await.unwrap();
    assert_eq!(head.status(), 403, "the method is part of what is signed");
    late.store(3601, Ordering::Relaxed);
    let (status, body) = status_and_text(get(url)).await;
    assert_eq!((status, body.contains("<Code>AccessDenied</Code>")), (403, true), "{body}");

    late.store(0, Ordering::Relaxed);
    server.remove_file(FAMILY, "F1");
    let (status, body) = status_and_text(get(url)).await;
    assert_eq!((status, body.contains("<Code>NoSuchKey</Code>")), (404, true), "{body}");
}

#[tokio::test]
async fn the_life_of_links_can_be_set() {
    let server = builder().link_life(Duration::from_secs(90)).start().await;
    assert!(link(&server).await.contains("&X-Amz-Expires=90&"));
}

#[tokio::test]
async fn a_download_has_the_headers_of_an_object_store() {
    let file = AlbumFile::new("F1").file_name("Été = x.png").media_type("image/png");
    let file = file.edited_time("2025-09-16T01:31:20.654Z").content("the sea");
    let server = AlbumServer::builder().album(FAMILY, [file]).clock(server_time).start().await;
    let link = link(&server).await;
    let answer = get(&link).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    for (name, value) in [
        ("content-length", "7"),
        ("content-type", "image/png"),
        ("accept-ranges", "bytes"),
        ("content-disposition", "attachment; filename*=UTF-8''%C3%89t%C3%A9%20%3D%20x.png"),
        ("last-modified", "Tue, 16 Sep 2025 01:31:20 GMT"),
        ("date", "Mon, 03 Nov 2025 07:01:40 GMT"),
        ("etag", "\"556713372501bc1d2a113beaf1fe4fe9-1\""),
    ] {
        assert_eq!(header(&answer, name), value);
    }
    assert_eq!(answer.text().await.unwrap(), "the sea");
}

#[tokio::test]
async fn a_single_range_is_a_part_and_an_invalid_one_is_ignored() {
    let server = builder().start().await;
    let link = &link(&server).await;
    let part = range(link, "bytes=4-6").await;
    assert_eq!((part.status().as_u16(), header(&part, "content-range")), (206, "bytes 4-6/1000"));
    assert_eq!(header(&part, "content-length"), "3");
    assert_eq!(part.text().await.unwrap(), "sea");

    let whole = range(link, "bytes=4-6,8-9").await;
    assert_eq!((whole.status().as_u16(), whole.headers().get("content-range")), (200, None));
    assert_eq!(whole.bytes().await.unwrap().len(), 1000);

    let nothing = range(link, "bytes=1000-").await;
    assert_eq!(
        (nothing.status().as_u16(), header(&nothing, "content-range")),
        (416, "bytes */1000")
    );
    assert!(nothing.text().await.unwrap().contains("InvalidRange"));
}

#[tokio::test]
async fn preconditions_are_checked_and_if_range_is_ignored() {
    let server = builder().start().await;
    let link = &link(&server).await;
    let etag = header(&get(link).send().await.unwrap(), "etag").to_owned();
    for (name, value, status) in [
        ("if-match", &*etag, 206),
        ("if-match", "*", 206),
        ("if-match", &format!("\"0-1\", {etag}"), 206),
        ("if-match", etag.trim_matches('"'), 412),
        ("if-match", "\"0-1\"", 412),
        ("if-unmodified-since", "Wed, 01 Jan 2025 00:00:00 GMT", 206),
        ("if-unmodified-since", "Tue, 31 Dec 2024 23:59:59 GMT", 412),
        ("if-none-match", &*etag, 304),
        ("if-none-match", "*", 304),
        ("if-none-match", &format!("\"0-1\", {etag}"), 304),
        ("if-none-match", "\"0-1\"", 206),
        ("if-range", "\"0-1\"", 206),
    ] {
        let request = get(link).header("range", "bytes=0-0").header(name, value);
        let (found, body) = status_and_text(request).await;
        assert_eq!(found, status, "{name}: {value}: {body}");
        assert_eq!(body.contains("PreconditionFailed"), status == 412, "{body}");
        assert_eq!(body.is_empty(), status == 304, "{body}");
    }
}

#[tokio::test]
async fn another_version_of_a_file_has_another_etag() {
    let server = builder().start().await;
    let etag = async || {
        let link = link(&server).await;
        header(&get(&link).send().await.unwrap(), "etag").to_owned()
    };
    let first = etag().await;
    assert_eq!(etag().await, first);
    for file in [
        AlbumFile::new("F1").content("another sea"),
        AlbumFile::new("F1").size(100),
        AlbumFile::new("F1").size(101),
    ] {
        let before = etag().await;
        server.put_file(FAMILY, file);
        assert_ne!(etag().await, before);
    }
    let long = AlbumFile::new("F1").size(200 << 30);
    server.put_file(FAMILY, long);
    assert!(etag().await.ends_with("-25600\""));
}

#[tokio::test]
async fn the_generated_album_has_files_of_the_sizes_that_it_lists() {
    let server = AlbumServer::builder().files(40).start().await;
    let album = files(&server, server.album_id()).await;
    let mut opened = 0;
    for file in &album {
        let size = file.size().unwrap();
        let last = range(file.content_url().unwrap().as_str(), "bytes=-9").await;
        assert!(header(&last, "content-range").ends_with(&format!("/{size}")));
        assert_eq!(last.headers().get("content-type").unwrap(), file.mime_type().unwrap());

        let bytes = last.bytes().await.unwrap();
        assert_eq!(bytes.len(), 9);
        match file.mime_type() {
            Some("image/jpeg") => assert_eq!(bytes.get(7..), Some(&b"\xff\xd9"[..])),
            Some("image/png") => assert_eq!(bytes, &b"\0IEND\xaeB`\x82"[..]),
            _ => continue,
        }
        opened += 1;
    }
    assert!(opened > 10);
    let named: Vec<_> =
        server.received_downloads().iter().map(|it| it.file_id().map(str::to_owned)).collect();
    let listed: Vec<_> = album.iter().map(|file| Some(file.id().to_owned())).collect();
    assert_eq!(named, listed);
}

#[tokio::test]
async fn a_thumbnail_is_a_small_picture() {
    let video = AlbumFile::new("F1").media_type("video/mp4").size(10 << 30);
    let server = AlbumServer::builder().album(FAMILY, [video]).start().await;
    let thumbnail = files(&server, FAMILY).await[0].thumbnail_url().unwrap().as_str().to_owned();
    let answer = get(&thumbnail).send().await.unwrap();
    assert_eq!(header(&answer, "content-type"), "image/jpeg");
    let length: usize = header(&answer, "content-length").parse().unwrap();
    let bytes = answer.bytes().await.unwrap();
    assert!(bytes.starts_with(b"\xff\xd8") && bytes.len() == length && length < 10_000, "{length}");
    assert!(server.received_downloads()[0].is_thumbnail());
}

#[tokio::test]
async fn the_end_of_a_huge_file_needs_nothing_before_it() {
    let video = AlbumFile::new("F1").media_type("video/mp4").size(200 << 30);
    let server = AlbumServer::builder().album(FAMILY, [video]).start().await;
    let link = &link(&server).await;
    let part = range(link, "bytes=-100000").await;
    assert_eq!(part.bytes().await.unwrap().len(), 100_000);
    assert_eq!(server.received_downloads()[0].bytes_sent(), 100_000);
}

#[tokio::test]
async fn a_listed_size_may_be_wrong_or_missing() {
    let lie = AlbumFile::new("F1").content("the sea").field("size", 5);
    let silent = AlbumFile::new("F2").size(30_000).field("size", None::<u64>);
    let server = AlbumServer::builder().album(FAMILY, [lie, silent]).start().await;
    let files = files(&server, FAMILY).await;
    assert_eq!([files[1].size(), files[0].size()], [Some(5), None]);
    for (file, length) in [(&files[1], 7), (&files[0], 30_000)] {
        let answer = get(file.content_url().unwrap().as_str()).send().await.unwrap();
        assert_eq!(answer.bytes().await.unwrap().len(), length);
    }
}

#[tokio::test]
async fn the_log_shows_everything_that_arrived() {
    let server = builder().start().await;
    let link = link(&server).await;
    let odd = get(&link).header("x-user-id", "17").header("cookie", "a=b").header("referer", "x");
    odd.send().await.unwrap();
    let [download] = &server.received_downloads()[..] else { panic!("not one download") };
    assert_eq!((download.method(), download.file_id()), ("GET", Some("F1")));
    assert!(link.ends_with(&format!("{}?{}", download.path(), download.query())));
    for (name, value) in [("x-user-id", "17"), ("cookie", "a=b"), ("referer", "x")] {
        assert_eq!(download.header(name), Some(value));
    }
    assert!(!format!("{download:?}").contains(link.rsplit('=').next().unwrap()));
    assert_eq!(server.received_requests().len(), 1);
}

#[tokio::test]
async fn a_fault_replaces_the_reply_to_one_download() {
    let busy = Fault::status(429).header("retry-after", "7").body("later");
    let server =
        builder().download_fault(1, busy).download_faults([2], Fault::status(302)).start().await;
    let link = &link(&server).await;
    assert_eq!(get(link).send().await.unwrap().status(), 200);
    let fault = get(link).send().await.unwrap();
    assert_eq!((fault.status().as_u16(), header(&fault, "retry-after")), (429, "7"));
    assert_eq!(fault.text().await.unwrap(), "later");
    let message =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| server.assert_faults_used()));
    let message = *message.unwrap_err().downcast::<String>().unwrap();
    assert!(message.ends_with("download request 2"), "{message}");
    assert_eq!(get(link).send().await.unwrap().status(), 302);
    server.assert_faults_used();
}

#[tokio::test]
async fn a_fault_changes_headers_and_range_of_the_storages_own_reply() {
    let own = Fault::own_reply;
    let server = builder()
        .download_fault(0, own().ignore_range())
        .download_fault(1, own().range_from(3))
        .download_fault(2, own().header("content-range", "bytes 4-6/1001"))
        .download_fault(3, own().header("etag", "\"0-1\"").header("content-encoding", "compress"))
        .download_fault(4, own().without_header("content-length"))
        .start()
        .await;
    let link = &link(&server).await;
    let ask = || range(link, "bytes=4-6");

    let whole = ask().await;
    assert_eq!((whole.status().as_u16(), header(&whole, "content-length")), (200, "1000"));
    let other_start = ask().await;
    assert_eq!(header(&other_start, "content-range"), "bytes 3-999/1000");
    assert!(other_start.text().await.unwrap().starts_with(" sea"));
    let other_total = ask().await;
    assert_eq!(header(&other_total, "content-range"), "bytes 4-6/1001");
    let other_etag = ask().await;
    assert_eq!(
        (header(&other_etag, "etag"), header(&other_etag, "content-encoding")),
        ("\"0-1\"", "compress")
    );
    let chunked = ask().await;
    assert_eq!(chunked.headers().get("content-length"), None);
    assert_eq!(chunked.text().await.unwrap(), "sea");
}

#[tokio::test]
async fn a_connection_is_lost_before_or_in_the_middle_of_a_body() {
    let video = AlbumFile::new("F1").size(10 << 30);
    let server = AlbumServer::builder()
        .album(FAMILY, [video])
        .download_fault(0, Fault::lost_connection())
        .download_fault(1, Fault::own_reply().cut_after(0))
        .download_fault(2, Fault::own_reply().cut_after(300_001))
        .download_fault(3, Fault::own_reply().without_header("content-length").cut_after(5))
        .start()
        .await;
    let link = &link(&server).await;
    assert!(get(link).send().await.is_err());
    for expected in [0, 300_001, 5] {
        let mut answer = get(link).send().await.unwrap();
        let mut received = 0;
        let ended = loop {
            match answer.chunk().await {
                Ok(Some(chunk)) => received += chunk.len(),
                Ok(None) => break true,
                Err(_) => break false,
            }
        };
        assert_eq!((received, ended), (expected, false));
    }
    let sent: Vec<u64> =
        server.received_downloads().iter().map(ReceivedDownload::bytes_sent).collect();
    assert_eq!(sent, [0, 0, 300_001, 5]);
}

#[tokio::test]
async fn downloads_can_be_slow() {
    let server = builder()
        .download_fault(1, Fault::own_reply().rate(5_000))
        .download_delay(Duration::from_millis(60))
        .download_rate(10_000)
        .start()
        .await;
    let link = &link(&server).await;
    for least in [160, 200] {
        let start = Instant::now();
        assert_eq!(get(link).send().await.unwrap().bytes().await.unwrap().len(), 1000);
        assert!(start.elapsed() >= Duration::from_millis(least), "{:?}", start.elapsed());
    }
}

/// The links die while the file is sent, and the file arrives.
#[tokio::test]
async fn a_link_is_judged_when_its_request_arrives() {
    static SECONDS: AtomicU64 = AtomicU64::new(0);
    let clock = || server_time() + Duration::from_secs(SECONDS.load(Ordering::SeqCst));
    let server = builder().clock(clock).download_rate(10_000).start().await;
    let link = &link(&server).await;
    let answer = get(link).send().await.unwrap();
    SECONDS.store(3601, Ordering::SeqCst);
    assert_eq!(answer.bytes().await.unwrap().len(), 1000);
    assert_eq!(get(link).send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn links_can_lead_elsewhere() {
    let server = builder().storage_uri("https://obs-album.example.com/").start().await;
    assert!(link(&server).await.starts_with("https://obs-album.example.com/"));
    assert_eq!(server.storage_uri(), "https://obs-album.example.com");
}
