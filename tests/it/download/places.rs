//! Targets that exist, cannot be written, or are used by another download.

use std::error::Error as _;
use std::{fs, io};

use koodrive::{Error, ErrorKind};

use super::{SIZE, Target, content, listed, picture, serving};
use crate::support::until;

/// The kind of the cause, of an error about the local file.
fn io_kind(error: &Error) -> io::ErrorKind {
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    error.source().unwrap().downcast_ref::<io::Error>().unwrap().kind()
}

#[tokio::test]
async fn an_existing_file_is_an_error_before_anything_is_fetched() {
    let server = serving(picture(SIZE)).start().await;
    let (client, target) = (server.client(), Target::new());
    let file = listed(&client).await;
    fs::write(&target.path, "a stranger's").unwrap();

    let error = client.download(&file).to_path(&target.path).await.unwrap_err();

    assert_eq!(io_kind(&error), io::ErrorKind::AlreadyExists);
    assert!(server.received_downloads().is_empty());
    target.assert_holds(b"a stranger's");

    client.download(&file).overwrite(true).to_path(&target.path).await.unwrap();
    target.assert_holds(&content(SIZE));
}

#[tokio::test]
async fn a_target_that_cannot_be_a_file_is_an_error_before_anything_is_fetched() {
    let server = serving(picture(SIZE)).start().await;
    let (client, target) = (server.client(), Target::new());
    let file = listed(&client).await;
    let folder = target.folder.path();
    fs::write(&target.path, "").unwrap();
    for (path, kind) in [
        (folder.to_owned(), io::ErrorKind::IsADirectory),
        (folder.join("missing/a"), io::ErrorKind::NotFound),
        (target.path.join("a"), io::ErrorKind::NotADirectory),
    ] {
        let download = client.download(&file).overwrite(true);
        let error = download.to_path(&path).await.unwrap_err();
        assert_eq!(io_kind(&error), kind, "{error}");
    }
    let error = client.download(&file).to_path("..").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(server.received_downloads().is_empty());
    target.assert_holds(b"");
}

#[cfg(unix)]
#[tokio::test]
async fn nothing_is_written_through_a_link_in_the_place_of_the_part_or_its_record() {
    let server = serving(picture(SIZE)).start().await;
    let client = server.client();
    let file = listed(&client).await;
    for place in [Target::part, Target::record] {
        let (target, elsewhere) = (Target::new(), tempfile::NamedTempFile::new().unwrap());
        fs::write(elsewhere.path(), "a stranger's").unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), place(&target)).unwrap();

        let error = client.download(&file).to_path(&target.path).await.unwrap_err();

        assert_eq!(io_kind(&error), io::ErrorKind::Other);
        assert_eq!(fs::read_to_string(elsewhere.path()).unwrap(), "a stranger's");
        assert!(!target.path.exists());
    }
    assert!(server.received_downloads().is_empty());
}

#[tokio::test]
async fn a_file_that_appears_meanwhile_is_not_replaced() {
    let server = serving(picture(SIZE)).download_rate(4_000_000).start().await;
    let (client, target) = (server.client(), Target::new());
    let file = listed(&client).await;

    let (outcome, ()) = tokio::join!(client.download(&file).to_path(&target.path), async {
        until(|| !server.received_downloads().is_empty()).await;
        fs::write(&target.path, "a stranger's").unwrap();
    });

    assert_eq!(io_kind(&outcome.unwrap_err()), io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read_to_string(&target.path).unwrap(), "a stranger's");
}

#[tokio::test]
async fn of_two_downloads_to_one_target_the_second_is_an_error() {
    let server = serving(picture(SIZE)).download_rate(500_000).start().await;
    let (client, target) = (server.client(), Target::new());
    let file = listed(&client).await;
    let first = client.download(&file).to_path(&target.path);
    let second = client.download(&file).to_path(&target.path);

    let (first, second) = tokio::join!(first, async {
        until(|| !server.received_downloads().is_empty()).await;
        second.await
    });

    assert_eq!(first.unwrap().bytes, SIZE as u64);
    assert_eq!(io_kind(&second.unwrap_err()), io::ErrorKind::ResourceBusy);
    assert_eq!(server.received_downloads().len(), 1);
    target.assert_holds(&content(SIZE));
}
