//! Files that arrive without a fault: what is sent, and what comes out.

use std::fs;

use koodrive::{ErrorKind, FileType, Timestamp};
use koodrive_testing::{AlbumFile, AlbumServer, Fault};
use sha2::{Digest as _, Sha256};

use super::{SIZE, Target, content, eager, listed, picture, ranges, serving};
use crate::support::client_without_retries;

#[tokio::test]
async fn a_file_arrives_whole_with_its_digest_and_its_time() {
    let time = "2024-02-29T12:30:00.000Z";
    let server = serving(picture(SIZE).take_time(time)).start().await;
    let (client, target) = (server.client(), Target::new());

    let download = client.download(&listed(&client).await).to_path(target.path.clone());
    let downloaded = tokio::spawn(download).await.unwrap().unwrap();

    target.assert_holds(&content(SIZE));
    assert_eq!(downloaded.path, target.path);
    assert_eq!((downloaded.bytes, downloaded.resumed_from), (SIZE as u64, 0));
    assert_eq!(downloaded.sha256[..], Sha256::digest(content(SIZE))[..]);
    assert!(downloaded.is_size_known);
    assert!(downloaded.etag.is_some_and(|etag| etag.starts_with('"')));
    let modified = fs::metadata(&target.path).unwrap().modified().unwrap();
    assert_eq!(Some(modified), Timestamp::from(time).to_system_time());
}

#[tokio::test]
async fn the_storage_receives_one_plain_request_for_the_exact_link() {
    let server = serving(picture(SIZE).file_name("Été & 🌊 = x.jpg")).start().await;
    let (client, target) = (server.client(), Target::new());
    let file = listed(&client).await;

    client.download(&file).to_path(&target.path).await.unwrap();

    let [request] = &server.received_downloads()[..] else { panic!("not one request") };
    let link = file.content_url().unwrap().as_str();
    assert!(link.ends_with(&format!("{}?{}", request.path(), request.query())));
    let names = ["authorization", "cookie", "referer", "user-agent", "x-user-id", "x-date"];
    let names = names.iter().chain(&["x-traceid", "language", "range", "if-match"]);
    assert_eq!(names.filter(|name| request.header(name).is_some()).count(), 0, "{request:?}");
    assert_eq!(request.header("accept-encoding"), Some("identity"));
}

#[tokio::test]
async fn a_thumbnail_is_downloaded_like_a_file_whose_size_nobody_lists() {
    let server = AlbumServer::builder()
        .album(super::ALBUM, [AlbumFile::new("F1").media_type("image/jpeg").size(50_000)])
        .download_fault(0, Fault::status(200).body("<html>"))
        .start()
        .await;
    let (client, target) = (client_without_retries(&server), Target::new());
    let thumbnail = client.download(&listed(&client).await).thumbnail(true);

    let error = thumbnail.clone().to_path(&target.path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "a document is no picture");
    let downloaded = thumbnail.to_path(&target.path).await.unwrap();

    let bytes = fs::read(&target.path).unwrap();
    assert!(bytes.starts_with(&[0xff, 0xd8]) && bytes.len() < 50_000);
    assert_eq!((downloaded.bytes, downloaded.is_size_known), (bytes.len() as u64, true));
    assert!(server.received_downloads().iter().all(|download| download.is_thumbnail()));
}

#[tokio::test]
async fn without_a_take_time_the_created_time_counts() {
    let time = "2023-05-06T07:08:09.000Z";
    let file = picture(9).created_time(time).field("takeTime", "");
    let server = serving(file).start().await;
    let (client, target) = (server.client(), Target::new());

    client.download(&listed(&client).await).to_path(&target.path).await.unwrap();

    let modified = fs::metadata(&target.path).unwrap().modified().unwrap();
    assert_eq!(Some(modified), Timestamp::from(time).to_system_time());
}

#[tokio::test]
async fn files_of_every_size_arrive_whole() {
    const BUFFER: usize = 128 * 1024;
    for size in [0, 1, BUFFER - 1, BUFFER, BUFFER + 1, 2 * BUFFER, 3 * BUFFER + 1] {
        let server = serving(picture(size)).start().await;
        let (client, target) = (server.client(), Target::new());

        let file = listed(&client).await;
        let downloaded = client.download(&file).to_path(&target.path).await.unwrap();

        target.assert_holds(&content(size));
        assert_eq!(downloaded.bytes, size as u64);
    }
}

#[tokio::test]
async fn a_size_that_nobody_tells_is_told_as_unknown() {
    let unsized_file = picture(SIZE).field("size", None::<u64>);
    let chunked = Fault::own_reply().without_header("content-length");
    for (file, fault, is_size_known) in [
        (unsized_file.clone(), Fault::own_reply(), true),
        (unsized_file, chunked.clone(), false),
        (picture(SIZE), chunked, true),
    ] {
        let server = serving(file).download_fault(0, fault).start().await;
        let (client, target) = (server.client(), Target::new());

        let file = listed(&client).await;
        let downloaded = client.download(&file).to_path(&target.path).await.unwrap();

        target.assert_holds(&content(SIZE));
        assert_eq!(downloaded.is_size_known, is_size_known);
    }
}

#[tokio::test]
async fn nothing_is_reserved_for_a_size_that_is_only_announced() {
    let file = AlbumFile::new("F1").file_type(FileType::Video).size(200 << 30);
    let cut = Fault::own_reply().cut_after(300_000);
    let server = serving(file).download_fault(0, cut).start().await;
    let (client, target) = (client_without_retries(&server), Target::new());

    let file = listed(&client).await;
    let error = client.download(&file).to_path(&target.path).await.unwrap_err();

    assert!(error.is_retryable(), "{error}");
    target.assert_holds_a_part();
    assert!(fs::metadata(target.part()).unwrap().len() <= 300_000);
}

#[tokio::test]
async fn pictures_of_a_generated_album_arrive() {
    let server = koodrive_testing::AlbumServer::builder().files(5).start().await;
    let (client, target) = (eager(&server), Target::new());
    let page = client.list_album_content(server.album_id()).send().await.unwrap();

    for file in page.contents() {
        let path = target.folder.path().join(file.id());
        let downloaded = client.download(file).to_path(path).await.unwrap();
        assert_eq!(Some(downloaded.bytes), file.size());
    }

    assert_eq!(ranges(&server), [None; 5]);
}
