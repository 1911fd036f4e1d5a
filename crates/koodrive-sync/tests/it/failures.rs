//! Runs that are refused, fail in part, or are cut off.

use std::fs;

use koodrive::RetryPolicy;
use koodrive_sync::{AlbumSync, Event, SyncError};
use koodrive_testing::{AlbumServer, Fault};

use crate::support::{ALBUM, Copy, file, run};

fn files(count: u32) -> impl Iterator<Item = koodrive_testing::AlbumFile> {
    (0..count).map(|n| file(&format!("F{n}"), &format!("{n}.jpg"), n, format!("picture {n}")))
}

#[tokio::test]
async fn a_file_that_fails_costs_that_file_until_the_next_run() {
    let server =
        AlbumServer::builder().album(ALBUM, files(9)).download_fault(4, Fault::status(404));
    let copy = Copy::from(server).await;

    let outcome = copy.run().await;

    assert_eq!((outcome.report().fetched, outcome.report().failed), (8, 1));
    assert!(!outcome.report().is_complete());
    assert_eq!(copy.files().len(), 8);
    let again = copy.run().await;
    assert_eq!((again.report().fetched, again.report().kept), (1, 8));
    assert_eq!(copy.files().len(), 9);
}

#[tokio::test]
async fn a_busy_service_is_asked_again_more_slowly() {
    let busy = Fault::status(503).header("retry-after", "1");
    let server = AlbumServer::builder().album(ALBUM, files(9)).download_faults(2..6, busy);
    let copy = Copy::from(server).await;
    let client = copy.server.client_builder().retry(RetryPolicy::none()).build().unwrap();

    let outcome = run(AlbumSync::new(client, ALBUM, copy.folder.path())).await;

    assert_eq!((outcome.report().fetched, outcome.report().failed), (9, 0));
    assert!(outcome.events.contains(&Event::Waiting { seconds: 1 }), "{:?}", outcome.events);
    // Transfers side by side are recorded in any order.
    let downloads = copy.server.received_downloads();
    let mut times: Vec<_> = downloads.iter().map(|download| download.received_at()).collect();
    times.sort();
    let longest = times.windows(2).map(|two| two[1] - two[0]).max().unwrap();
    assert!(longest.as_millis() >= 900, "{longest:?}");
}

#[tokio::test]
async fn a_listing_that_fails_ends_the_run_after_what_it_had_listed() {
    let refusal = Fault::status(403);
    let server = AlbumServer::builder().album(ALBUM, files(250)).fault(1, refusal);
    let copy = Copy::from(server).await;

    let outcome = copy.run().await;

    let Err(SyncError::Listing { source, report }) = &outcome.result else {
        panic!("{:?}", outcome.result)
    };
    assert_eq!((source.status(), report.fetched, report.listed), (Some(403), 100, 100));
    assert_eq!(copy.files().len(), 100);
    let again = copy.run().await;
    assert_eq!((again.report().kept, again.report().fetched), (100, 150));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_told() {
    let page = r#"{"contentList":[{"fileName":"x"}]}"#;
    let fault = Fault::status(200).body(page);
    let copy = Copy::from(AlbumServer::builder().album(ALBUM, files(1)).fault(0, fault)).await;
    let outcome = copy.run().await;
    assert_eq!((outcome.report().unreadable, outcome.report().is_complete()), (1, false));
    let is_told = |event: &Event| matches!(event, Event::Unreadable { .. });
    assert!(outcome.events.iter().any(is_told), "{:?}", outcome.events);
}

#[tokio::test]
async fn a_wrong_setting_is_refused_before_anything_is_sent() {
    let copy = Copy::of(files(1)).await;
    for sync in [
        copy.sync().jobs(0),
        copy.sync().rate_limit(0),
        copy.sync().names("{size}"),
        copy.sync().names(""),
    ] {
        let refusal = run(sync).await.result.unwrap_err();
        assert!(matches!(refusal, SyncError::InvalidInput(_)), "{refusal}");
    }
    assert!(copy.server.received_requests().is_empty());
    assert_eq!(fs::read_dir(copy.folder.path()).unwrap().count(), 0);
}

#[test]
fn outside_a_tokio_runtime_a_run_is_an_error_and_no_panic() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let copy = runtime.block_on(Copy::of(files(1)));

    let outcome = futures::executor::block_on(copy.run());

    let refusal = outcome.result.unwrap_err().to_string();
    assert!(refusal.contains("not in a Tokio runtime"), "{refusal}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_the_copy_is_refused() {
    let copy = Copy::from(AlbumServer::builder().album(ALBUM, files(1)).album("other", [])).await;
    copy.run().await;
    let other = AlbumSync::new(copy.server.client(), "other", copy.folder.path());
    let refusal = run(other).await.result.unwrap_err();
    assert!(matches!(refusal, SyncError::OtherAlbum { .. }), "{refusal}");

    let file = AlbumSync::new(copy.server.client(), ALBUM, copy.folder.path().join("0.jpg"));
    let refusal = run(file).await.result.unwrap_err();
    assert!(matches!(refusal, SyncError::Io { .. }), "{refusal}");
}

#[tokio::test]
async fn a_second_run_at_the_same_time_is_kept_out() {
    let server = AlbumServer::builder().album(ALBUM, files(3));
    let copy = Copy::from(server.download_delay(std::time::Duration::from_millis(300))).await;
    let first = tokio::spawn(copy.sync().run(|_| ()));
    while copy.server.received_downloads().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }

    let refusal = copy.run().await.result.unwrap_err();

    let SyncError::InUse { holder } = &refusal else { panic!("{refusal}") };
    assert!(holder.contains(&std::process::id().to_string()), "{holder}");
    assert_eq!(first.await.unwrap().unwrap().fetched, 3);
    assert_eq!(copy.run().await.report().kept, 3);
}

#[tokio::test]
async fn a_run_that_is_dropped_at_any_moment_is_continued() {
    for most in 0..40 {
        let copy = Copy::of(files(9)).await;
        let (seen, mut count) = (tokio::sync::Notify::new(), 0);
        let run = copy.sync().run(|_| {
            count += 1;
            if count > most {
                seen.notify_one();
            }
        });
        tokio::select! {
            biased;
            () = seen.notified() => {}
            report = run => drop(report.unwrap()),
        }

        let partial = copy.files();
        let is_whole = |(path, content): (&String, &String)| {
            *content == format!("picture {}", path.trim_end_matches(".jpg"))
        };
        assert!(partial.iter().all(is_whole), "{partial:?}");
        // The last write of the run that was dropped may still be under way, with the lock.
        let report = loop {
            match copy.run().await.result {
                Ok(report) => break report,
                Err(SyncError::InUse { .. }) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        };
        assert!(report.is_complete(), "{most}: {report:?}");
        assert_eq!(report.fetched + report.kept + report.adopted, 9);
        assert_eq!(copy.files().len(), 9);
    }
}

#[tokio::test]
async fn bytes_of_a_response_that_is_longer_than_the_file_are_never_continued() {
    let content = "the sea ".repeat(50_000);
    let picture = || [file("F1", "sea.bin", 1, &*content)];
    let first = Copy::of(picture()).await;
    first.run().await;
    let manifest = first.manifest();
    let of_file = manifest.lines().last().unwrap();
    let of_file: serde_json::Value = serde_json::from_str(of_file).unwrap();
    let etag = of_file["file"]["etag"].as_str().unwrap();

    // Sent in chunks, it announces no length.
    let other = Fault::status(200).header("etag", etag).body("a hill  ".repeat(100_000));
    let other = other.without_header("content-length");
    let server = AlbumServer::builder().album(ALBUM, picture()).download_faults(0..2, other);
    let copy = Copy::from(server).await;
    assert_eq!(copy.run().await.report().failed, 1);

    assert_eq!(copy.run().await.report().fetched, 1);
    assert!(copy.read("sea.bin") == content);
}

#[tokio::test]
async fn a_file_that_the_last_write_of_a_dropped_run_brings_is_no_failure() {
    let copy = Copy::of(files(3)).await;
    let taken = jiff::Timestamp::from_second(1_748_764_801).unwrap();

    let sync = copy.sync().jobs(1);
    let report = sync.run(|event| {
        if matches!(event, Event::Started { path, .. } if path == "1.jpg") {
            copy.write("1.jpg", "picture 1");
            let late = fs::File::options().write(true).open(copy.folder.path().join("1.jpg"));
            late.unwrap().set_modified(taken.into()).unwrap();
        }
    });

    let report = report.await.unwrap();
    assert_eq!((report.fetched, report.adopted, report.failed), (2, 1, 0));
}
