//! What a copy holds after a run, and what another run does with it.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use koodrive::RetryPolicy;
use koodrive_sync::{AlbumSync, Event, verify};
use koodrive_testing::{AlbumFile, AlbumServer, Fault};

use crate::support::{ALBUM, Copy, file, run};

fn two_files() -> [AlbumFile; 2] {
    [file("F1", "sea.jpg", 1, "the sea"), file("F2", "hill.jpg", 2, "a hill")]
}

fn files(count: u32) -> impl Iterator<Item = AlbumFile> {
    (0..count).map(|n| file(&format!("F{n}"), &format!("{n}.jpg"), n, format!("picture {n}")))
}

#[tokio::test]
async fn a_copy_has_every_file_of_the_album() {
    let copy = Copy::of(two_files()).await;

    let outcome = copy.run().await;

    assert!(outcome.report().is_complete());
    assert_eq!((outcome.report().listed, outcome.report().bytes), (2, 13));
    assert_eq!(outcome.told(), ["hill.jpg fetched", "sea.jpg fetched"]);
    let files = copy.files();
    assert_eq!(files.len(), 2);
    assert_eq!((&*files["sea.jpg"], &*files["hill.jpg"]), ("the sea", "a hill"));
    let modified = fs::metadata(copy.folder.path().join("sea.jpg")).unwrap().modified().unwrap();
    assert_eq!(jiff::Timestamp::try_from(modified).unwrap().to_string(), "2025-06-01T08:00:01Z");
}

#[tokio::test]
async fn a_second_run_fetches_nothing_and_writes_nothing() {
    let copy = Copy::from(AlbumServer::builder().album(ALBUM, files(250))).await;
    assert_eq!(copy.run().await.report().fetched, 250);
    let (pages, downloads) =
        (copy.server.received_cursors().len(), copy.server.received_downloads().len());
    let (files, old) = (copy.files(), copy.age_manifest());

    let second = copy.run().await;

    assert_eq!((second.report().kept, second.report().fetched), (250, 0));
    assert_eq!(copy.server.received_cursors().len() - pages, 3);
    assert_eq!(copy.server.received_downloads().len(), downloads);
    let manifest = copy.folder.path().join(".koodrive/manifest.ndjson");
    assert_eq!(fs::metadata(manifest).unwrap().modified().unwrap(), old);
    assert!(copy.files() == files);
}

#[tokio::test]
async fn the_album_is_listed_only_as_fast_as_it_is_fetched() {
    let copy = Copy::from(AlbumServer::builder().album(ALBUM, files(250))).await;
    run(copy.sync().jobs(2)).await.result.unwrap();

    let pages = copy.server.received_requests();
    let downloads = copy.server.received_downloads();
    for (number, page) in pages.iter().enumerate() {
        let before = downloads.iter().filter(|get| get.received_at() < page.received_at()).count();
        assert!(before + 4 >= 100 * number, "page {number} after {before} downloads");
    }
}

#[tokio::test]
async fn the_run_of_a_copy_can_be_spawned() {
    let copy = Copy::of(two_files()).await;
    let report = tokio::spawn(copy.sync().run(|_| ())).await.unwrap().unwrap();
    assert_eq!(report.fetched, 2);
}

#[tokio::test]
async fn only_what_the_album_changed_is_fetched_again() {
    let copy = Copy::of(two_files()).await;
    copy.run().await;
    copy.server.put_file(ALBUM, file("F1", "sea.jpg", 1, "the ocean"));
    let same_size = file("F2", "hill.jpg", 2, "a dune").edited_time("2025-07-01T00:00:00Z");
    copy.server.put_file(ALBUM, same_size);
    copy.server.put_file(ALBUM, file("F3", "lake.jpg", 3, "a lake"));

    let outcome = copy.run().await;

    assert_eq!(outcome.told(), ["hill.jpg changed", "lake.jpg fetched", "sea.jpg changed"]);
    assert_eq!(copy.files()["sea.jpg"], "the ocean");
    assert_eq!(copy.files()["hill.jpg"], "a dune");
    assert_eq!(copy.run().await.report().kept, 3);
}

#[tokio::test]
async fn what_somebody_changed_on_the_disk_is_left_alone() {
    let copy = Copy::of(two_files()).await;
    copy.run().await;
    copy.write("sea.jpg", "my own");
    copy.server.put_file(ALBUM, file("F1", "sea.jpg", 1, "the ocean"));

    let outcome = copy.run().await;

    assert_eq!(outcome.told(), ["hill.jpg kept", "sea.jpg left"]);
    assert!(!outcome.report().is_complete());
    assert_eq!(copy.files()["sea.jpg"], "my own");
}

#[tokio::test]
async fn a_file_of_which_only_the_time_was_changed_is_still_known() {
    let copy = Copy::of(two_files()).await;
    copy.run().await;
    copy.write("sea.jpg", "the sea");
    copy.write("hill.jpg", "A HILL");
    let downloads = copy.server.received_downloads().len();

    assert_eq!(copy.run().await.told(), ["hill.jpg left", "sea.jpg kept"]);
    assert_eq!(copy.server.received_downloads().len(), downloads);
}

#[tokio::test]
async fn a_file_that_is_gone_is_fetched_again() {
    let copy = Copy::of(two_files()).await;
    copy.run().await;
    fs::remove_file(copy.folder.path().join("sea.jpg")).unwrap();
    assert_eq!(copy.run().await.told(), ["hill.jpg kept", "sea.jpg fetched"]);
    assert_eq!(copy.files()["sea.jpg"], "the sea");
}

#[tokio::test]
async fn a_strangers_file_is_never_overwritten() {
    let copy = Copy::of(two_files()).await;
    copy.write("sea.jpg", "a stranger's");
    fs::create_dir(copy.folder.path().join("hill.jpg")).unwrap();

    let outcome = copy.run().await;

    assert!(outcome.report().is_complete());
    let files = copy.files();
    assert_eq!(files["sea.jpg"], "a stranger's");
    assert_eq!(files.len(), 3);
    assert!(files.values().any(|content| content == "the sea"));
    assert_eq!(copy.run().await.report().kept, 2);
}

#[tokio::test]
async fn files_of_one_name_are_kept_apart_and_keep_their_paths() {
    let files = [
        file("F3", "SEA.jpg", 3, "third"),
        file("F2", "sea.jpg", 2, "second"),
        file("F4", "e\u{301}té.jpg", 4, "fourth"),
        file("F5", "été.jpg", 5, "fifth"),
    ];
    let copy = Copy::of(files).await;
    copy.run().await;
    let first = copy.files();
    assert_eq!(first.len(), 4);
    assert_eq!((&*first["sea.jpg"], &*first["été.jpg"]), ("second", "fourth"));

    copy.server.put_file(ALBUM, file("F1", "sea.jpg", 1, "first"));
    copy.server.remove_file(ALBUM, "F3");
    copy.run().await;

    let second = copy.files();
    assert_eq!(second.len(), 5);
    assert!(first.iter().all(|(path, content)| second[path] == *content), "{second:?}");
}

#[tokio::test]
async fn a_template_makes_folders() {
    let copy = Copy::of(two_files()).await;
    let sync = copy.sync().names("{album}/{taken:%Y/%m}/{id} {name}").album_name("Sea / 2025");
    run(sync).await.result.unwrap();
    let paths: Vec<_> = copy.files().into_keys().collect();
    assert_eq!(paths, ["Sea _ 2025/2025/06/F1 sea.jpg", "Sea _ 2025/2025/06/F2 hill.jpg"]);
}

#[tokio::test]
async fn without_its_manifest_a_copy_is_recognised_and_verified_later() {
    let files =
        [file("F1", "a.jpg", 1, "sea"), file("F2", "a.jpg", 2, "sky"), file("F3", "b", 3, "x")];
    let copy = Copy::of(files).await;
    copy.run().await;
    let (files, downloads) = (copy.files(), copy.server.received_downloads().len());
    fs::remove_dir_all(copy.folder.path().join(".koodrive")).unwrap();

    assert_eq!(copy.run().await.report().adopted, 3);
    assert_eq!(copy.server.received_downloads().len(), downloads);
    assert!(copy.files() == files && !copy.manifest().contains("sha256"));

    let found = verify(copy.folder.path()).unwrap();
    assert_eq!((found.hashed, found.whole), (3, 0));
    let found = verify(copy.folder.path()).unwrap();
    assert_eq!((found.hashed, found.whole), (0, 3));
    assert_eq!(copy.run().await.report().kept, 3);
}

#[tokio::test]
async fn a_file_is_recognised_by_the_digest_in_its_name_before_its_size() {
    let copy = Copy::of([file("F2", "a.jpg", 2, "sky")]).await;
    copy.run().await;
    copy.server.put_file(ALBUM, file("F1", "a.jpg", 1, "sea"));
    copy.run().await;
    let files = copy.files();
    fs::remove_dir_all(copy.folder.path().join(".koodrive")).unwrap();

    assert_eq!(copy.run().await.report().adopted, 2);
    let manifest = copy.manifest();
    let of_first = manifest.lines().rfind(|line| line.contains("\"F1\"")).unwrap();
    assert!(!of_first.contains("\"a.jpg\""), "{manifest}");
    assert!(copy.files() == files);
}

#[tokio::test]
async fn verification_tells_damage_from_change_and_loss() {
    let names = ["damaged", "changed", "missing", "whole"];
    let files = names.iter().zip(0..).map(|(name, second)| file(name, name, second, *name));
    let copy = Copy::of(files).await;
    copy.run().await;
    let path = |name: &str| copy.folder.path().join(name);
    let modified = fs::metadata(path("damaged")).unwrap().modified().unwrap();
    copy.write("damaged", "dAmaged");
    fs::File::options().write(true).open(path("damaged")).unwrap().set_modified(modified).unwrap();
    copy.write("changed", "otherwise");
    fs::remove_file(path("missing")).unwrap();
    copy.write("folder/strange", "mine");
    copy.write(".lost.jpg.part", "half");

    let found = verify(copy.folder.path()).unwrap();

    assert!(!found.is_intact());
    assert_eq!(
        (found.whole, found.damaged, found.changed),
        (1, vec!["damaged".into()], vec!["changed".into()])
    );
    assert_eq!(
        (found.missing, found.strange),
        (vec!["missing".into()], vec!["folder/strange".into()])
    );
}

#[tokio::test]
async fn a_dry_run_says_what_a_run_would_do_and_does_nothing() {
    let copy = Copy::of(two_files()).await;
    let path = copy.folder.path().join("new");
    let new = AlbumSync::new(copy.server.client(), ALBUM, &path);
    let outcome = run(new.dry_run(true)).await;
    assert_eq!(outcome.told(), ["hill.jpg fetched", "sea.jpg fetched"]);
    assert_eq!((outcome.report().bytes, outcome.report().is_dry_run), (13, true));
    assert!(!path.exists());

    copy.run().await;
    copy.server.put_file(ALBUM, file("F1", "sea.jpg", 1, "the ocean"));
    copy.server.put_file(ALBUM, file("F3", "sea.jpg", 3, "more"));
    let (files, manifest) = (copy.files(), copy.manifest());
    let downloads = copy.server.received_downloads().len();
    let planned = run(copy.sync().dry_run(true)).await.told();
    assert_eq!(copy.server.received_downloads().len(), downloads);
    assert!(copy.files() == files && copy.manifest() == manifest);
    assert_eq!(copy.run().await.told(), planned);
}

#[tokio::test]
async fn a_filter_leaves_out_what_is_not_wanted() {
    let copy = Copy::of(two_files()).await;
    let outcome = run(copy.sync().filter(|file| file.file_name() == Some("sea.jpg"))).await;
    assert_eq!((outcome.report().listed, outcome.report().fetched), (1, 1));
    assert_eq!(copy.files().len(), 1);
}

#[tokio::test]
async fn a_sidecar_says_what_the_album_does_and_belongs_to_its_file() {
    let files = [file("F1", "sea.jpg", 1, "the sea"), file("F2", "sea.jpg.json", 2, "no sidecar")];
    let copy = Copy::of(files).await;
    copy.run().await;
    assert_eq!(copy.files().len(), 2);

    // Another file of the album has the name that the sidecar would have.
    let outcome = run(copy.sync().sidecars(true)).await;
    assert_eq!(outcome.told(), ["sea.jpg.json failed", "sea.jpg.json kept"]);
    let files = copy.files();
    assert_eq!(files["sea.jpg.json"], "no sidecar");
    assert!(files["sea.jpg.json.json"].contains("\"createdTime\": \"2025-06-01T08:00:02.000Z\""));
    assert!(!files["sea.jpg.json.json"].contains("X-Amz"));

    let new =
        Copy::of([file("F1", "sea.jpg", 1, "the sea"), file("F2", "sea.jpg.json", 2, "none")])
            .await;
    assert!(run(new.sync().sidecars(true)).await.report().is_complete());
    let files = new.files();
    assert_eq!(files.len(), 4);
    assert!(files["sea.jpg.json"].contains("\"id\": \"F1\""), "{files:?}");
    assert!(verify(new.folder.path()).unwrap().strange.is_empty());
    assert_eq!(run(new.sync().sidecars(true)).await.report().kept, 2);
}

#[tokio::test]
async fn a_file_whose_sidecar_would_have_a_name_of_the_album_gets_another_name() {
    let files = [file("F2", "sea.jpg.json", 1, "no sidecar"), file("F1", "sea.jpg", 2, "the sea")];
    for sorted in [files.clone(), {
        let [two, one] = files;
        [one, two]
    }] {
        let copy = Copy::of(sorted).await;
        let outcome = run(copy.sync().sidecars(true)).await;
        assert!(outcome.report().is_complete(), "{:?}", outcome.told());
        assert_eq!(copy.files().len(), 4);
    }
}

#[tokio::test]
async fn a_file_is_known_even_if_its_sidecar_could_not_be_written() {
    let copy = Copy::of([file("F1", "sea.jpg", 1, "the sea")]).await;
    copy.write("sea.jpg.json", "mine");
    assert_eq!(run(copy.sync().sidecars(true)).await.told(), ["sea.jpg.json failed"]);
    assert_eq!(copy.run().await.told(), ["sea.jpg kept"]);
    assert_eq!(copy.files()["sea.jpg.json"], "mine");
}

#[tokio::test]
async fn a_file_that_was_adopted_is_kept_from_then_on() {
    let copy = Copy::of([file("F1", "sea.jpg", 1, "the sea")]).await;
    copy.write("sea.jpg", "the sea");
    assert_eq!(copy.run().await.told(), ["sea.jpg adopted"]);
    assert_eq!(copy.run().await.told(), ["sea.jpg kept"]);
}

/// The names and contents of all files in a folder, hidden ones too.
fn everything(folder: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        texts.push(entry.file_name().into_string().unwrap());
        match entry.file_type().unwrap().is_dir() {
            true => everything(&entry.path(), texts),
            false => texts.push(String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into()),
        }
    }
}

#[tokio::test]
async fn no_link_and_no_token_is_in_what_a_run_says_or_writes() {
    let copy = Copy::from(
        AlbumServer::builder()
            .album(ALBUM, files(130).chain([AlbumFile::new("T").size(3_000)]))
            .download_faults(5..9, Fault::status(404))
            .download_faults(11..13, Fault::own_reply().cut_after(4)),
    )
    .await;
    let client = copy.server.client_builder().retry(RetryPolicy::none()).build().unwrap();
    let sync = AlbumSync::new(client, ALBUM, copy.folder.path()).sidecars(true).thumbnails(true);
    let outcome = run(sync).await;
    assert_eq!(outcome.report().failed, 6);

    let mut texts =
        vec![serde_json::to_string(&outcome.events).unwrap(), format!("{:?}", outcome.result)];
    everything(copy.folder.path(), &mut texts);
    assert!(texts.iter().any(|text| text.contains(".part-record")), "a part is left");
    let cursor = copy.server.received_cursors().into_iter().flatten().next().unwrap();
    let secrets =
        [copy.server.access_token(), "X-Amz", "Signature", copy.server.storage_uri(), &cursor];
    for text in &texts {
        assert!(!secrets.iter().any(|secret| text.contains(secret)), "{text}");
    }
    assert!(outcome.events.iter().any(|event| matches!(event, Event::Failed { .. })));
}

#[tokio::test]
async fn bytes_are_told_as_they_arrive_and_keep_the_rate_limit() {
    let content = "x".repeat(1_000_000);
    let files = (0..3).map(|n| file(&n.to_string(), &format!("{n}.jpg"), n, &*content));
    let copy = Copy::of(files).await;
    let start = Instant::now();

    let outcome = run(copy.sync().rate_limit(1_500_000)).await;

    assert!(start.elapsed() >= Duration::from_millis(1_200), "{:?}", start.elapsed());
    let bytes = outcome.events.iter().map(|event| match event {
        Event::Received { bytes, .. } => *bytes,
        _ => 0,
    });
    assert_eq!((bytes.sum::<u64>(), outcome.report().bytes), (3_000_000, 3_000_000));
}

#[tokio::test]
async fn a_sidecar_that_somebody_deleted_comes_again() {
    let copy = Copy::of([file("F1", "sea.jpg", 1, "the sea")]).await;
    run(copy.sync().sidecars(true)).await.result.unwrap();
    let sidecar = copy.read("sea.jpg.json");
    std::fs::remove_file(copy.folder.path().join("sea.jpg.json")).unwrap();

    assert_eq!(run(copy.sync().sidecars(true)).await.report().kept, 1);

    assert_eq!(copy.read("sea.jpg.json"), sidecar);
}

#[tokio::test]
async fn a_file_with_an_empty_name_is_called_by_its_id() {
    let copy = Copy::of([file("F1", "", 1, "the sea")]).await;
    assert_eq!(copy.run().await.told(), ["F1 fetched"]);
    assert_eq!(koodrive_sync::Names::default().give(Some(""), "F1"), "F1");
}

#[tokio::test]
async fn a_sidecar_never_takes_the_place_of_a_file_of_the_copy() {
    let files =
        [file("F1", "sea.jpg", 1, "the sea"), file("F2", "sea.jpg.json", 2, "not a sidecar")];
    let copy = Copy::of(files).await;
    copy.run().await;
    fs::remove_file(copy.folder.path().join("sea.jpg.json")).unwrap();

    let told = run(copy.sync().sidecars(true)).await.told();

    assert_eq!(told, ["sea.jpg.json failed", "sea.jpg.json fetched"], "the sidecar, and the file");
    assert_eq!(copy.read("sea.jpg.json"), "not a sidecar");
}

#[tokio::test]
async fn a_sidecar_is_current_after_each_run_and_is_written_only_if_it_was_not() {
    let copy = Copy::of([file("F1", "sea.jpg", 1, "the sea")]).await;
    let with_sidecars = async || run(copy.sync().sidecars(true)).await.told();
    with_sidecars().await;
    copy.server.put_file(ALBUM, file("F1", "ocean.jpg", 1, "the sea"));

    assert_eq!(with_sidecars().await, ["sea.jpg kept"], "a file keeps its path");

    assert!(copy.read("sea.jpg.json").contains("ocean.jpg"), "{}", copy.read("sea.jpg.json"));
    let sidecar = copy.folder.path().join("sea.jpg.json");
    let old = copy.age_manifest();
    fs::File::options().write(true).open(&sidecar).unwrap().set_modified(old).unwrap();
    assert_eq!(with_sidecars().await, ["sea.jpg kept"]);
    copy.run().await;
    assert_eq!(fs::metadata(&sidecar).unwrap().modified().unwrap(), old);
    let manifest = copy.folder.path().join(".koodrive/manifest.ndjson");
    assert_eq!(fs::metadata(manifest).unwrap().modified().unwrap(), old);
}
