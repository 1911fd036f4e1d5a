//! Programs without async: the same operations, waited for on the caller's thread.

use std::{thread::sleep, time::Duration};

use koodrive::{Client, Error, ErrorKind, blocking};
use koodrive_testing::{AlbumFile, AlbumServer, Fault};

fn server(files: u64) -> AlbumServer {
    blocking::wait(AlbumServer::builder().files(files).start())
}

fn ids(client: &Client, album: &str) -> Vec<String> {
    let files = blocking::iter(client.list_album_content(album).stream());
    files.map(|file| file.unwrap().id().to_owned()).collect()
}

#[test]
fn an_album_is_listed_and_its_files_are_downloaded_without_async() {
    let files =
        ["the sea", "a hill"].map(|text| AlbumFile::new(text.replace(' ', "-")).content(text));
    let server = blocking::wait(AlbumServer::builder().album("holidays", files).start());
    let client = server.client();
    let folder = tempfile::tempdir().unwrap();
    for file in blocking::iter(client.list_album_content("holidays").stream()) {
        let file = file.unwrap();
        let path = folder.path().join(file.id());
        let downloaded = blocking::wait(client.download(&file).to_path(&path)).unwrap();
        assert_eq!(Some(downloaded.bytes), file.size());
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(text.replace(' ', "-"), file.id());

        let chunks = blocking::iter(client.download(&file).stream());
        let bytes: Vec<u8> = chunks.flat_map(Result::unwrap).collect();
        assert_eq!(bytes, text.as_bytes());
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn the_next_page_arrives_between_two_calls() {
    let server = server(250);
    let mut files = blocking::iter(server.client().list_album_content(server.album_id()).stream());
    let one_page: Vec<_> = files.by_ref().take(100).map(Result::unwrap).collect();
    while server.received_cursors().len() < 2 {
        sleep(Duration::from_millis(1)); // nobody polls, and the request is sent
    }
    assert_eq!((one_page.len(), files.get_ref().progress().items), (100, 100));
    assert_eq!(files.count(), 150);
}

#[test]
fn an_error_is_retried_and_resumed_from_as_in_a_stream() {
    let faults = [Fault::status(503).header("retry-after", "0"), Fault::status(403)];
    let builder = AlbumServer::builder().files(250);
    let builder = faults.into_iter().zip(1..).fold(builder, |b, (fault, n)| b.fault(n, fault));
    let server = blocking::wait(builder.start());
    let album = server.client().list_album_content(server.album_id());
    let mut files = blocking::iter(album.clone().stream());
    let error: Error = files.by_ref().find_map(Result::err).unwrap();
    assert_eq!(error.kind(), ErrorKind::Status);
    assert!(files.next().is_none(), "the error is final");

    let rest = album.resume(error.checkpoint().unwrap().clone());
    assert_eq!(blocking::iter(rest.stream()).count(), 150);
}

#[test]
fn a_client_is_shared_by_threads() {
    let server = server(250);
    let client = server.client();
    let whole = ids(&client, server.album_id());
    let thread = || {
        std::thread::spawn({
            let (client, album) = (client.clone(), server.album_id().to_owned());
            move || ids(&client, &album)
        })
    };
    let lists = [thread(), thread(), thread()].map(|thread| thread.join().unwrap());
    assert!(lists.iter().all(|list| *list == whole), "{}", whole.len());
}

#[tokio::test]
async fn inside_an_async_program_it_blocks_and_does_not_panic() {
    let server = AlbumServer::builder().files(150).start().await;
    assert_eq!(ids(&server.client(), server.album_id()).len(), 150);
    blocking::wait(server.client().settle());
}

/// Tokio lets a task poll only so often before it has to yield, which a task that blocks never does.
#[tokio::test]
async fn inside_an_async_program_a_long_album_comes_to_its_end() {
    let server = AlbumServer::builder().files(200).start().await;
    let files = server.client().list_album_content(server.album_id()).page_size(1).stream();
    assert_eq!(blocking::iter(files).filter_map(Result::ok).count(), 200);
}

#[test]
fn an_iterator_dropped_in_mid_page_leaves_the_client_usable() {
    let server = server(250);
    let client = server.client();
    for taken in [0, 1, 99, 101] {
        let files = blocking::iter(client.list_album_content(server.album_id()).stream());
        assert_eq!(files.take(taken).count(), taken);
    }
    assert_eq!(ids(&client, server.album_id()).len(), 250);
}
