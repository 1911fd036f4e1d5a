//! What a mirror removes, and when it does not.

use koodrive_sync::{Event, MaxDelete, Refusal};
use koodrive_testing::{AlbumServer, Fault};

use crate::support::{ALBUM, Copy, file, run};

fn files(count: u32) -> impl Iterator<Item = koodrive_testing::AlbumFile> {
    (0..count).map(|n| file(&format!("F{n}"), &format!("{n}.jpg"), n, format!("picture {n}")))
}

fn trashed(copy: &Copy) -> Vec<String> {
    let trash = copy.folder.path().join(".koodrive/trash");
    let Ok(mut days) = std::fs::read_dir(trash) else { return Vec::new() };
    let day = days.next().unwrap().unwrap().path();
    let names = std::fs::read_dir(day).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn what_the_album_no_longer_has_goes_to_the_trash() {
    let copy = Copy::of(files(20)).await;
    run(copy.sync().sidecars(true)).await.result.unwrap();
    copy.server.remove_file(ALBUM, "F3");
    copy.server.remove_file(ALBUM, "F4");

    assert_eq!(run(copy.sync()).await.report().removed, 0, "only a mirror removes");
    let outcome = run(copy.sync().mirror(true).dry_run(true)).await;
    assert_eq!((outcome.report().removed, trashed(&copy).len()), (2, 0));
    let outcome = run(copy.sync().mirror(true)).await;

    assert_eq!((outcome.report().removed, outcome.report().is_complete()), (2, true));
    assert_eq!(trashed(&copy), ["3.jpg", "3.jpg.json", "4.jpg", "4.jpg.json"]);
    assert_eq!(copy.files().len(), 36);
    assert_eq!(run(copy.sync().mirror(true)).await.report().removed, 0);

    copy.server.put_file(ALBUM, file("F3", "3.jpg", 3, "picture 3"));
    assert_eq!(run(copy.sync()).await.report().fetched, 1);
    assert_eq!(copy.files()["3.jpg"], "picture 3");
}

#[tokio::test]
async fn somebody_s_file_at_the_place_of_a_sidecar_is_never_removed() {
    let copy = Copy::of(files(20)).await;
    run(copy.sync().sidecars(true)).await.result.unwrap();
    copy.write("3.jpg.json", "mine");
    copy.server.remove_file(ALBUM, "F3");

    run(copy.sync().mirror(true)).await.result.unwrap();

    assert_eq!(trashed(&copy), ["3.jpg"]);
    assert_eq!(copy.files()["3.jpg.json"], "mine");
}

#[tokio::test]
async fn what_somebody_changed_or_added_is_never_removed() {
    let copy = Copy::of(files(20)).await;
    copy.run().await;
    copy.server.remove_file(ALBUM, "F3");
    copy.write("3.jpg", "retouched");
    copy.write("mine.jpg", "mine");

    let outcome = run(copy.sync().mirror(true)).await;

    assert_eq!((outcome.report().removed, outcome.report().left), (0, 1));
    assert_eq!((&*copy.files()["3.jpg"], &*copy.files()["mine.jpg"]), ("retouched", "mine"));
}

#[tokio::test]
async fn more_than_the_limit_is_not_removed() {
    let copy = Copy::of(files(20)).await;
    copy.run().await;
    for n in 0..3 {
        copy.server.remove_file(ALBUM, &format!("F{n}"));
    }
    let outcome = run(copy.sync().mirror(true)).await;
    let refusal = Some(Refusal::TooMany { files: 3, limit: 2 });
    assert_eq!((outcome.report().refusal, outcome.report().is_complete()), (refusal, false));
    assert_eq!(copy.files().len(), 20);

    let outcome = run(copy.sync().mirror(true).max_delete(MaxDelete::Files(3))).await;
    assert_eq!((outcome.report().refusal, copy.files().len()), (None, 17));
}

#[tokio::test]
async fn nothing_is_removed_after_a_listing_that_may_be_short() {
    let page = |body: &str| Fault::status(200).body(body);
    // Requests of the second run are 1 and later.
    let shorts = [
        ("an error", Fault::status(403)),
        ("no files, but a total", page(r#"{"contentList":[],"total":20}"#)),
        ("a total of more", page(r#"{"contentList":[{"id":"F0"}],"total":20}"#)),
        ("a total of less", page(r#"{"contentList":[{"id":"F0"},{"id":"F1"}],"total":1}"#)),
        ("no total and no file", page(r#"{"contentList":[]}"#)),
        ("a skipped file", page(r#"{"contentList":[{"id":"F0"},{"fileName":"x"}]}"#)),
        ("a file twice", page(r#"{"contentList":[{"id":"F0"},{"id":"F0"}]}"#)),
        ("no page", page(r#"{"code":0}"#)),
    ];
    // The first listing may be short, or the second one, which is to confirm it.
    for ((way, fault), first) in shorts.iter().flat_map(|short| [(short, 1), (short, 2)]) {
        let server = AlbumServer::builder().album(ALBUM, files(20)).faults(first..9, fault.clone());
        let copy = Copy::from(server).await;
        copy.run().await;
        copy.server.remove_file(ALBUM, "F3");
        let sync = copy.sync().mirror(true).max_delete(MaxDelete::Percent(100));
        let outcome = run(sync).await;
        assert!(trashed(&copy).is_empty(), "{way}: {:?}", outcome.result);
        assert_eq!(copy.files().len(), 20, "{way}");
        assert!(outcome.result.is_err() || outcome.report().refusal.is_some(), "{way}");
    }
    let copy = Copy::of(files(20)).await;
    copy.run().await;
    copy.server.remove_file(ALBUM, "F3");
    let outcome = run(copy.sync().mirror(true).filter(|file| file.id() != "F5")).await;
    assert_eq!(outcome.report().refusal, Some(Refusal::Incomplete { files: 2 }));
    assert_eq!(copy.files().len(), 20);
}

#[tokio::test]
async fn an_album_that_was_emptied_empties_no_copy() {
    let copy = Copy::of(files(5)).await;
    copy.run().await;
    for n in 0..5 {
        copy.server.remove_file(ALBUM, &format!("F{n}"));
    }
    let outcome = run(copy.sync().mirror(true)).await;
    assert!(outcome.report().refusal.is_some());
    assert_eq!(copy.files().len(), 5);
}

#[tokio::test]
async fn an_album_that_was_replaced_or_denied_replaces_no_copy() {
    let server = AlbumServer::builder().album(ALBUM, files(250)).fault(4, Fault::status(403));
    let copy = Copy::from(server).await;
    copy.run().await;
    assert!(run(copy.sync().mirror(true)).await.result.is_err(), "the second page was denied");
    assert_eq!(copy.files().len(), 250);

    for n in 0..250 {
        copy.server.remove_file(ALBUM, &format!("F{n}"));
        copy.server.put_file(ALBUM, file(&format!("N{n}"), &format!("new {n}.jpg"), n, "new"));
    }
    let outcome = run(copy.sync().mirror(true)).await;
    let refusal = Some(Refusal::TooMany { files: 250, limit: 50 });
    assert_eq!((outcome.report().refusal, copy.files().len()), (refusal, 500));
}

#[tokio::test]
async fn a_file_that_a_listing_misses_because_the_album_changed_meanwhile_stays() {
    let copy = Copy::of(files(450)).await;
    copy.run().await;
    // Pages are counted from the front: what is behind moves forward by one, past the end of a page.
    let (server, mut is_changed) = (&copy.server, false);
    let sync = copy.sync().mirror(true).max_delete(MaxDelete::Percent(100));
    let report = sync.run(|event| {
        if matches!(event, Event::Listed { .. }) && !is_changed {
            is_changed = true;
            server.remove_file(ALBUM, "F0");
            server.put_file(ALBUM, file("F450", "450.jpg", 450, "picture 450"));
        }
    });
    let report = report.await.unwrap();

    assert_eq!((report.listed, report.kept), (450, 449), "one was missed, and one is new");
    assert_eq!((report.removed, trashed(&copy).len(), copy.files().len()), (0, 0, 451));

    assert_eq!(run(copy.sync().mirror(true)).await.report().removed, 1);
    assert_eq!(trashed(&copy), ["0.jpg"]);
}

#[tokio::test]
async fn one_file_of_a_small_copy_may_go() {
    let copy = Copy::of(files(3)).await;
    copy.run().await;
    copy.server.remove_file(ALBUM, "F1");
    assert_eq!(run(copy.sync().mirror(true)).await.report().removed, 1);
    copy.server.remove_file(ALBUM, "F2");
    let none = copy.sync().mirror(true).max_delete(MaxDelete::Percent(0));
    assert_eq!(run(none).await.report().refusal, Some(Refusal::TooMany { files: 1, limit: 0 }));
}

/// One that may not be changed, say, or one on another mount than its trash.
#[tokio::test]
async fn a_file_that_cannot_be_removed_costs_that_file() {
    let copy = Copy::of(files(20)).await;
    copy.run().await;
    for n in [3, 4] {
        copy.server.remove_file(ALBUM, &format!("F{n}"));
    }
    copy.write(".koodrive/trash", "no folder");

    let outcome = run(copy.sync().mirror(true)).await;
    assert_eq!((outcome.report().removed, outcome.report().failed), (0, 2), "and it is told");
    assert_eq!(copy.files().len(), 20);

    std::fs::remove_file(copy.folder.path().join(".koodrive/trash")).unwrap();
    assert_eq!(run(copy.sync().mirror(true)).await.report().removed, 2, "the next run tries again");
}
