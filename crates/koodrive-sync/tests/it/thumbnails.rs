//! The service's small pictures, and what a gallery reads of a copy.

use std::fs;

use koodrive::FileType;
use koodrive_sync::{AlbumCopy, CopiedFile, Event, verify};
use koodrive_testing::{AlbumFile, AlbumServer, Fault};

use crate::support::{ALBUM, Copy, Outcome, run};

const EDITED: &str = "2025-07-01T00:00:00Z";

fn picture(id: &str, edited: &str) -> AlbumFile {
    let file = AlbumFile::new(id).file_name(format!("{id}.jpg")).media_type("image/jpeg");
    file.size(3_000).take_time("2025-06-01T08:00:00.000Z").edited_time(edited)
}

fn pictures(count: u32) -> impl Iterator<Item = AlbumFile> {
    (0..count).map(|n| picture(&format!("F{n}"), EDITED))
}

async fn with_thumbnails(copy: &Copy) -> Outcome {
    run(copy.sync().thumbnails(true)).await
}

fn files(copy: &Copy) -> Vec<CopiedFile> {
    AlbumCopy::open(copy.folder.path()).unwrap().files().map(Result::unwrap).collect()
}

fn thumbnail(copy: &Copy, id: &str) -> String {
    let file = files(copy).into_iter().find(|file| file.id == id).unwrap();
    file.thumbnail.unwrap()
}

#[tokio::test]
async fn each_thumbnail_is_fetched_once() {
    let copy = Copy::of(pictures(5)).await;
    assert_eq!(copy.run().await.report().thumbnails, 0);

    let outcome = with_thumbnails(&copy).await;

    assert_eq!((outcome.report().thumbnails, outcome.report().kept), (5, 5));
    assert!(outcome.report().is_complete());
    for file in files(&copy) {
        let bytes = fs::read(copy.folder.path().join(file.thumbnail.unwrap())).unwrap();
        assert!(bytes.starts_with(&[0xff, 0xd8]));
    }
    let (downloads, old) = (copy.server.received_downloads().len(), copy.age_manifest());
    assert_eq!(with_thumbnails(&copy).await.report().thumbnails, 0);
    assert_eq!(copy.server.received_downloads().len(), downloads);
    let manifest = copy.folder.path().join(".koodrive/manifest.ndjson");
    assert_eq!(fs::metadata(manifest).unwrap().modified().unwrap(), old);
}

#[tokio::test]
async fn a_thumbnail_that_is_gone_or_of_an_old_version_is_fetched_again() {
    let copy = Copy::of(pictures(3)).await;
    with_thumbnails(&copy).await;
    fs::remove_file(copy.folder.path().join(thumbnail(&copy, "F0"))).unwrap();
    copy.server.put_file(ALBUM, picture("F1", "2025-08-01T00:00:00Z"));

    let outcome = with_thumbnails(&copy).await;

    assert_eq!((outcome.report().thumbnails, outcome.report().changed), (2, 1));
    assert_eq!(with_thumbnails(&copy).await.report().thumbnails, 0);
}

#[tokio::test]
async fn a_dry_run_says_which_thumbnails_a_run_would_fetch() {
    let copy = Copy::of(pictures(3)).await;
    for _ in 0..2 {
        let planned = run(copy.sync().thumbnails(true).dry_run(true)).await;
        assert_eq!(planned.told(), with_thumbnails(&copy).await.told());
        copy.server.put_file(ALBUM, picture("F1", "2025-08-01T00:00:00Z"));
        fs::remove_file(copy.folder.path().join(thumbnail(&copy, "F0"))).unwrap();
    }
    let planned = run(copy.sync().thumbnails(true).dry_run(true)).await;
    assert_eq!((planned.report().thumbnails, planned.report().kept), (1, 3));
}

#[tokio::test]
async fn a_thumbnail_that_fails_costs_that_thumbnail_until_the_next_run() {
    let server =
        AlbumServer::builder().album(ALBUM, pictures(2)).download_fault(1, Fault::status(404));
    let copy = Copy::from(server).await;

    let outcome = run(copy.sync().jobs(1).thumbnails(true)).await;

    assert_eq!((outcome.report().failed, outcome.report().fetched), (1, 1));
    assert!(!outcome.report().is_complete());
    let again = with_thumbnails(&copy).await;
    assert!(again.report().is_complete());
    assert_eq!((files(&copy).len(), again.report().failed), (2, 0));
}

#[tokio::test]
async fn a_mirror_takes_the_thumbnail_with_its_file_and_verify_looks_at_it() {
    let copy = Copy::of(pictures(4)).await;
    with_thumbnails(&copy).await;
    let [removed, missing, changed] = ["F0", "F1", "F2"].map(|id| thumbnail(&copy, id));
    copy.server.remove_file(ALBUM, "F0");
    assert_eq!(run(copy.sync().mirror(true)).await.report().removed, 1);
    assert!(!copy.folder.path().join(removed).exists());

    fs::remove_file(copy.folder.path().join(&missing)).unwrap();
    copy.write(&changed, "mine");
    let found = verify(copy.folder.path()).unwrap();
    assert_eq!((found.whole, found.thumbnails), (3, 1));
    assert_eq!((found.missing, found.changed), (vec![missing], vec![changed]));
}

#[tokio::test]
async fn without_the_manifest_thumbnails_are_recognised() {
    let copy = Copy::of(pictures(3)).await;
    with_thumbnails(&copy).await;
    let downloads = copy.server.received_downloads().len();
    fs::remove_file(copy.folder.path().join(".koodrive/manifest.ndjson")).unwrap();

    assert_eq!(with_thumbnails(&copy).await.report().adopted, 3);

    assert_eq!(copy.server.received_downloads().len(), downloads);
    let found = verify(copy.folder.path()).unwrap();
    assert_eq!((found.hashed, found.thumbnails), (3, 3));
}

#[tokio::test]
async fn a_copy_tells_what_a_gallery_needs() {
    let copy = Copy::of([
        picture("F1", EDITED),
        AlbumFile::new("F2").media_type("text/plain").file_type(FileType::Word).content("text"),
    ])
    .await;
    with_thumbnails(&copy).await;

    let [first, second] = &files(&copy)[..] else { panic!("not two files") };
    let (picture, other) = if first.id == "F1" { (first, second) } else { (second, first) };
    assert_eq!((&*picture.path, picture.size), ("F1.jpg", 3_000));
    let taken = jiff::Timestamp::try_from(picture.taken.unwrap()).unwrap();
    assert_eq!(
        (taken.to_string(), picture.kind.as_deref()),
        ("2025-06-01T08:00:00Z".into(), Some("image"))
    );
    assert_eq!(picture.edited.as_deref(), Some(EDITED));
    assert!(picture.etag.is_some() && picture.sha256.is_some() && picture.favorite.is_none());
    assert_eq!((&other.thumbnail, other.size), (&None, 4));

    let favorite = self::picture("F1", EDITED).field("favorite", true);
    copy.server.put_file(ALBUM, favorite);
    assert_eq!(copy.run().await.report().kept, 2);
    assert!(files(&copy).iter().any(|file| file.favorite == Some(true)));
    assert_eq!(koodrive_sync::album_in(copy.folder.path()).unwrap().as_deref(), Some(ALBUM));
}

#[test]
fn a_folder_without_a_copy_has_no_album() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(koodrive_sync::album_in(folder.path()).unwrap(), None);
    AlbumCopy::open(folder.path()).unwrap_err();
}

#[tokio::test]
async fn a_thumbnail_that_the_last_write_of_a_dropped_run_brings_is_no_failure() {
    let copy = Copy::of(pictures(1)).await;
    let sync = copy.sync().thumbnails(true);
    let report = sync.run(|event| match event {
        Event::Started { path, .. } if path.contains("thumbnails") => copy.write(&path, "late"),
        _ => {}
    });
    let report = report.await.unwrap();
    assert_eq!((report.thumbnails, report.failed), (1, 0));
}
