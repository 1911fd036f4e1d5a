//! Downloads that stop in mid-file, and how they continue.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use koodrive::ErrorKind;
use koodrive_testing::{AlbumServerBuilder, Fault};

use super::{ALBUM, SIZE, Target, content, eager, listed, picture, ranges, serving};
use crate::support::{client_without_retries, until};

/// More than the writer holds in memory.
const CUT: u64 = 600_000;

/// A server that cuts its first reply.
fn cutting() -> AlbumServerBuilder {
    serving(picture(SIZE)).download_fault(0, Fault::own_reply().cut_after(CUT))
}

#[tokio::test]
async fn a_lost_connection_is_continued_where_it_was_lost() {
    let cut = Fault::own_reply().cut_after(150_000);
    let server = serving(picture(SIZE))
        .download_fault(0, cut.clone())
        .download_fault(1, Fault::lost_connection())
        .download_fault(2, cut)
        .start()
        .await;
    let (client, target) = (eager(&server), Target::new());

    let downloaded = client.download(&listed(&client).await).to_path(&target.path).await.unwrap();

    target.assert_holds(&content(SIZE));
    assert_eq!(downloaded.resumed_from, 0);
    let ranges = ranges(&server);
    assert!(ranges[0].is_none() && ranges[1] == ranges[2] && ranges[2] < ranges[3], "{ranges:?}");
    let requests = server.received_downloads();
    assert!(requests.iter().skip(1).all(|it| it.header("if-match").is_some()));
    assert!(requests.iter().all(|it| it.header("accept-encoding") == Some("identity")));
}

#[tokio::test]
async fn a_later_run_continues_the_part() {
    let server = cutting().start().await;
    let (client, target) = (client_without_retries(&server), Target::new());
    let file = listed(&client).await;

    let error = client.download(&file).to_path(&target.path).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 1), "{error}");
    target.assert_holds_a_part();
    let part = fs::metadata(target.part()).unwrap().len();
    let downloaded = client.download(&file).to_path(&target.path).await.unwrap();

    target.assert_holds(&content(SIZE));
    assert_eq!((downloaded.resumed_from, downloaded.bytes), (part, SIZE as u64));
    assert_eq!(ranges(&server), [None, Some(part)]);
    let digest = <sha2::Sha256 as sha2::Digest>::digest(content(SIZE));
    assert_eq!(downloaded.sha256[..], digest[..]);
}

/// Something that happens to a part between two runs.
type Mishap = fn(&Target);

#[tokio::test]
async fn what_is_not_proven_of_a_part_is_fetched_again() {
    let mishaps: [(&str, Mishap, bool); 8] = [
        ("an early byte changes", |it| flip(it.part(), 0), true),
        ("a late byte changes", |it| flip(it.part(), 300_000), false),
        ("the record is lost", |it| fs::remove_file(it.record()).unwrap(), true),
        ("the record is empty", |it| fs::write(it.record(), "").unwrap(), true),
        ("the first line is cut", |it| shorten(it.record(), 10), true),
        ("the record is cut", |it| shorten_by(it.record(), 5), false),
        ("the part is lost", |it| fs::remove_file(it.part()).unwrap(), true),
        ("the part is filled up with zeros", |it| zeros(it.part(), 300_000), false),
    ];
    for (what, mishap, is_from_zero) in mishaps {
        let server = cutting().start().await;
        let (client, target) = (client_without_retries(&server), Target::new());
        let file = listed(&client).await;
        client.download(&file).to_path(&target.path).await.unwrap_err();
        mishap(&target);

        let downloaded = client.download(&file).to_path(&target.path).await.unwrap();

        target.assert_holds(&content(SIZE));
        assert_eq!(downloaded.resumed_from == 0, is_from_zero, "{what}");
        assert_eq!(ranges(&server).len(), 2, "{what}");
    }
}

fn flip(path: PathBuf, at: usize) {
    let mut bytes = fs::read(&path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn shorten(path: PathBuf, len: u64) {
    fs::File::options().write(true).open(path).unwrap().set_len(len).unwrap();
}

fn shorten_by(path: PathBuf, bytes: u64) {
    let len = fs::metadata(&path).unwrap().len();
    shorten(path, len - bytes);
}

/// As after a power cut: the part is as long as it was, and its end was never written.
fn zeros(path: PathBuf, from: usize) {
    let mut bytes = fs::read(&path).unwrap();
    bytes[from..].fill(0);
    fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn a_file_that_has_changed_is_fetched_from_its_start() {
    let server = cutting().start().await;
    let (client, target) = (client_without_retries(&server), Target::new());
    let file = listed(&client).await;
    client.download(&file).to_path(&target.path).await.unwrap_err();
    let mut changed = content(SIZE);
    changed[SIZE / 2] ^= 1;
    server.put_file(ALBUM, picture(SIZE).content(changed.clone()));

    let downloaded = client.download(&file).to_path(&target.path).await.unwrap();

    target.assert_holds(&changed);
    assert_eq!(downloaded.resumed_from, 0);
    let ranges = ranges(&server);
    assert!(ranges[0].is_none() && ranges[1].is_some() && ranges[2..] == [None], "{ranges:?}");
}

#[tokio::test]
async fn a_dropped_download_leaves_a_part_that_the_next_one_continues() {
    // The storage sends no more than this, and the connection stays open.
    const SENT: u64 = 600_000;
    const MOST_LOST: u64 = 256 * 1024;
    let stalls = Fault::own_reply().rate(1_000_000).cut_after(u64::MAX);
    let server = serving(picture(SIZE)).download_fault(0, stalls).start().await;
    let (client, target) = (eager(&server), Target::new());
    let file = listed(&client).await;

    let part = || fs::metadata(target.part()).map_or(0, |part| part.len());
    tokio::select! {
        _ = client.download(&file).to_path(&target.path) => panic!("too fast"),
        () = until(|| server.received_downloads().iter().any(|it| it.bytes_sent() >= SENT) && part() + MOST_LOST >= SENT) => {}
    }
    let downloaded = client.download(&file).to_path(&target.path).await.unwrap();

    target.assert_holds(&content(SIZE));
    assert!(downloaded.resumed_from + MOST_LOST >= SENT, "{downloaded:?}");
}

#[tokio::test]
async fn a_storage_that_is_overloaded_is_asked_again_after_the_time_that_it_names() {
    let server = serving(picture(SIZE))
        .download_fault(0, Fault::status(429).header("retry-after", "0"))
        .download_fault(1, Fault::status(503).header("retry-after", "0"))
        .download_fault(2, Fault::status(500))
        .start()
        .await;
    let (client, target) = (eager(&server), Target::new());

    client.download(&listed(&client).await).to_path(&target.path).await.unwrap();

    target.assert_holds(&content(SIZE));
    assert_eq!(ranges(&server), [None; 4]);
}

#[tokio::test]
async fn a_wait_beyond_the_limit_is_an_error_at_once() {
    let overload = Fault::status(429).header("retry-after", "3600");
    let server = serving(picture(SIZE)).download_fault(0, overload).start().await;
    let (client, target) = (eager(&server), Target::new());

    let file = listed(&client).await;
    let error = client.download(&file).to_path(&target.path).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Throttled, "{error}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert_eq!(server.received_downloads().len(), 1);
    assert!(target.names().is_empty());
}

#[tokio::test]
async fn attempts_count_only_while_nothing_arrives() {
    // Each of these gets a little further, and there are more of them than attempts.
    let cut = Fault::own_reply().cut_after(300_000);
    let server = serving(picture(6_000_000)).download_faults(0..19, cut).start().await;
    let (client, target) = (eager(&server), Target::new());
    let file = listed(&client).await;
    client.download(&file).to_path(&target.path).await.unwrap();
    target.assert_holds(&content(6_000_000));

    let stuck = Fault::own_reply().cut_after(0);
    let server = serving(picture(SIZE)).download_faults(0..99, stuck).start().await;
    let (client, target) = (eager(&server), Target::new());
    let file = listed(&client).await;
    let error = client.download(&file).to_path(&target.path).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 11), "{error}");
    assert_eq!(server.received_downloads().len(), 11);
}
