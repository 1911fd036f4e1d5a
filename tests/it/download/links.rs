//! Links that expire, and where new ones come from.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use koodrive::{AlbumContent, ErrorKind};
use koodrive_testing::{AlbumServer, AlbumServerBuilder, Fault};

use super::{ALBUM, SIZE, Target, content, eager, listed, picture, ranges, serving};
use crate::support::{Stopped, today};

/// A clock that a test sets forward, in seconds.
#[derive(Clone, Default)]
struct Forward(Arc<AtomicU64>);

impl Forward {
    /// Longer than links live, and not as long as a date is accepted.
    fn by_ten_minutes(&self) {
        self.0.fetch_add(600, Ordering::SeqCst);
    }

    fn now(&self) -> SystemTime {
        today() + Duration::from_secs(self.0.load(Ordering::SeqCst))
    }

    fn on(&self, server: AlbumServerBuilder) -> AlbumServerBuilder {
        let clock = self.clone();
        server.link_life(Duration::from_secs(60)).clock(move || clock.now())
    }
}

/// The same file, without the page that it was listed on.
fn stored(file: &AlbumContent) -> AlbumContent {
    serde_json::from_str(&serde_json::to_string(file).unwrap()).unwrap()
}

fn lists(server: &AlbumServer) -> usize {
    server.received_cursors().len()
}

#[tokio::test]
async fn a_link_that_the_storage_refuses_is_renewed_once() {
    let clock = Forward::default();
    let server = clock.on(serving(picture(SIZE))).start().await;
    // What it learns of the service's time is old by the time of the download.
    let client = server.client_builder().time_source(Stopped(today())).build().unwrap();
    let target = Target::new();
    let file = listed(&client).await;
    clock.by_ten_minutes();

    client.download(&file).to_path(&target.path).await.unwrap();

    target.assert_holds(&content(SIZE));
    assert_eq!((ranges(&server), lists(&server)), (vec![None, None], 2));
}

#[tokio::test]
async fn a_link_that_has_expired_by_the_services_clock_is_not_tried() {
    let clock = Forward::default();
    let server = clock.on(serving(picture(SIZE))).start().await;
    let (client, target) = (eager(&server), Target::new());
    let file = listed(&client).await;
    clock.by_ten_minutes();

    client.download(&file).to_path(&target.path).await.unwrap();

    target.assert_holds(&content(SIZE));
    assert_eq!((ranges(&server), lists(&server)), (vec![None], 2));
}

#[tokio::test]
async fn a_part_is_kept_while_its_link_is_renewed() {
    let server = serving(picture(SIZE))
        .download_fault(0, Fault::own_reply().cut_after(300_000))
        .download_fault(1, Fault::status(403).body("<Error><Code>AccessDenied</Code></Error>"))
        .start()
        .await;
    let (client, target) = (eager(&server), Target::new());

    client.download(&listed(&client).await).to_path(&target.path).await.unwrap();

    target.assert_holds(&content(SIZE));
    let ranges = ranges(&server);
    assert!(ranges[1].is_some() && ranges[1] == ranges[2], "{ranges:?}");
    assert_eq!((ranges.len(), lists(&server)), (3, 2));
}

#[tokio::test]
async fn a_second_refusal_in_a_row_costs_the_file() {
    let refusal = Fault::status(403);
    let server = serving(picture(SIZE)).download_faults(0..9, refusal).start().await;
    let (client, target) = (eager(&server), Target::new());

    let file = listed(&client).await;
    let error = client.download(&file).to_path(&target.path).await.unwrap_err();

    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(403)), "{error}");
    assert!(!error.is_retryable());
    assert_eq!((ranges(&server).len(), lists(&server)), (2, 2));
    assert!(target.names().is_empty());
}

#[tokio::test]
async fn a_file_that_knows_no_page_says_so_when_its_link_has_expired() {
    let clock = Forward::default();
    let server = clock.on(serving(picture(SIZE))).start().await;
    let (client, target) = (eager(&server), Target::new());
    let file = stored(&listed(&client).await);

    client.download(&file).to_path(&target.path).await.unwrap();
    target.assert_holds(&content(SIZE));
    clock.by_ten_minutes();
    let other = target.folder.path().join("other");
    let error = client.download(&file).to_path(other).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Stale, "{error}");
    assert!(error.to_string().contains("page"), "{error}");
    let error = client.download(&file.without_urls()).to_path(target.part()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Stale, "{error}");
    assert_eq!(lists(&server), 1);
}

#[tokio::test]
async fn a_copy_without_links_is_listed_again_to_be_downloaded() {
    let server = serving(picture(SIZE)).start().await;
    let (client, target) = (eager(&server), Target::new());
    let file = listed(&client).await.without_urls();

    client.download(&file).to_path(&target.path).await.unwrap();

    target.assert_holds(&content(SIZE));
    assert_eq!(lists(&server), 2);
}

#[tokio::test]
async fn the_page_is_listed_again_as_it_was() {
    let refusal = Fault::status(403);
    let server = AlbumServer::builder().files(25).download_fault(0, refusal).start().await;
    let (client, target) = (eager(&server), Target::new());
    let list = client.list_album_content(server.album_id()).page_size(10);
    let list = list.sort_type(koodrive::SortType::UpdateTime);
    let first = list.clone().send().await.unwrap();
    let cursor = first.next_page_cursor().unwrap();
    let second = list.page_cursor(cursor).send().await.unwrap();

    client.download(&second.contents()[3]).to_path(&target.path).await.unwrap();

    let lists: Vec<_> = server.received_requests();
    let [_, original, again] = &lists[..] else { panic!("{} lists", lists.len()) };
    assert_eq!(original.query(), again.query());
}

#[tokio::test]
async fn a_file_that_was_changed_or_removed_is_not_downloaded_by_a_new_link() {
    type Change = fn(&AlbumServer);
    let changes: [(&str, Change); 3] = [
        ("changed", |it| it.put_file(ALBUM, picture(SIZE).edited_time("2025-11-01T00:00:00.000Z"))),
        ("longer", |it| it.put_file(ALBUM, picture(SIZE + 1))),
        ("removed", |it| it.remove_file(ALBUM, "F1")),
    ];
    for (what, change) in changes {
        let server = serving(picture(SIZE)).download_fault(0, Fault::status(403)).start().await;
        let (client, target) = (eager(&server), Target::new());
        let file = listed(&client).await;
        change(&server);

        let error = client.download(&file).to_path(&target.path).await.unwrap_err();

        assert_eq!(error.kind(), ErrorKind::Stale, "{what}: {error}");
        assert!(target.names().is_empty(), "{what}");
    }
}

#[tokio::test]
async fn a_file_that_takes_longer_than_its_links_live_arrives() {
    let slow = Fault::own_reply().rate(400_000).cut_after(200_000);
    let server = serving(picture(SIZE))
        .link_life(Duration::from_secs(1))
        .download_faults(0..9, slow)
        .start()
        .await;
    let (client, target) = (eager(&server), Target::new());

    client.download(&listed(&client).await).to_path(&target.path).await.unwrap();

    target.assert_holds(&content(SIZE));
    assert!(lists(&server) >= 2, "no link was renewed");
}

#[tokio::test]
async fn a_listing_that_fails_while_a_link_is_renewed_is_the_error() {
    let server = serving(picture(SIZE))
        .download_fault(0, Fault::status(403))
        .faults(1..99, Fault::status(503).header("retry-after", "3600"))
        .start()
        .await;
    let (client, target) = (eager(&server), Target::new());

    let file = listed(&client).await;
    let error = client.download(&file).to_path(&target.path).await.unwrap_err();

    assert_eq!((error.status(), error.is_retryable()), (Some(503), true), "{error}");
    assert_eq!(lists(&server), 2);
}
