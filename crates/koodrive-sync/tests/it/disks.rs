//! Folders and disks that a copy meets, and what it makes of them.

use std::{fs, io, path::Path, process::Command, time::Duration};

use koodrive::FileType;
use koodrive_sync::{AlbumSync, SyncError};
use koodrive_testing::{AlbumFile, AlbumServer};

use crate::support::{ALBUM, Copy, file, run};

fn files(count: u32) -> impl Iterator<Item = AlbumFile> {
    (0..count).map(|n| file(&format!("F{n}"), &format!("{n}.jpg"), n, format!("picture {n}")))
}

#[tokio::test]
async fn a_manifest_that_cannot_be_read_is_left_alone_and_nothing_is_sent() {
    for header in ["{\"version\":2,\"album\":\"holidays\"}\n", "my notes\n"] {
        let copy = Copy::of(files(1)).await;
        copy.write(".koodrive/manifest.ndjson", header);
        let refusal = copy.run().await.result.unwrap_err();
        assert!(matches!(refusal, SyncError::Manifest { .. }), "{refusal}");
        assert_eq!(copy.manifest(), header);
        assert!(copy.server.received_requests().is_empty() && copy.files().is_empty());
    }
}

#[tokio::test]
async fn a_manifest_that_is_torn_anywhere_loses_no_file() {
    let copy = Copy::of(files(3)).await;
    copy.run().await;
    let (files, whole) = (copy.files(), copy.manifest());
    for len in (0..whole.len()).step_by(7) {
        fs::write(copy.folder.path().join(".koodrive/manifest.ndjson"), &whole.as_bytes()[..len])
            .unwrap();
        assert!(copy.run().await.report().is_complete(), "{len}");
        assert!(copy.files() == files, "{len}");
    }
    assert_eq!(copy.server.received_downloads().len(), 3, "nothing is fetched again");
}

#[tokio::test]
async fn a_manifest_of_an_earlier_version_is_read_and_completed() {
    let copy = Copy::of(files(2)).await;
    copy.run().await;
    let old = copy.manifest().lines().map(without_news).collect::<Vec<_>>().join("\n") + "\n";
    copy.write(".koodrive/manifest.ndjson", &old);

    assert_eq!(copy.run().await.report().kept, 2);

    assert!(copy.manifest().contains("\"taken\""));
    assert_eq!(copy.server.received_downloads().len(), 2);
}

/// A line as it was before ETags and what an album says were kept.
fn without_news(line: &str) -> String {
    let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
    line.as_object_mut().unwrap().remove("about");
    if let Some(file) = line.get_mut("file") {
        file.as_object_mut().unwrap().remove("etag");
    }
    line.to_string()
}

#[tokio::test]
async fn a_path_that_is_too_long_costs_that_file() {
    let long = "x".repeat(240);
    let copy = Copy::of([file("F1", &long, 1, "long"), file("F2", "a", 2, "short")]).await;
    let names = vec!["{name}"; 20].join("/");
    let outcome = run(copy.sync().names(&names)).await;
    assert_eq!((outcome.report().fetched, outcome.report().failed), (1, 1));
    assert_eq!(copy.files().len(), 1);
}

#[tokio::test]
async fn a_wrong_clock_does_no_harm() {
    let day = Duration::from_secs(86_400);
    for ahead in [true, false] {
        let clock = move || {
            let now = std::time::SystemTime::now();
            if ahead { now + 2 * day } else { now - 2 * day }
        };
        let copy = Copy::from(AlbumServer::builder().album(ALBUM, files(5)).clock(clock)).await;
        assert_eq!(copy.run().await.report().fetched, 5, "the service is ahead: {ahead}");
        copy.server.remove_file(ALBUM, "F1");
        assert_eq!(run(copy.sync().mirror(true)).await.report().removed, 1);
    }
}

#[tokio::test]
async fn a_folder_in_an_album_has_no_content_to_copy() {
    let folder = AlbumFile::new("D1").file_type(FileType::Folder).file_name("folder");
    let copy = Copy::of(files(2).chain([folder])).await;
    let outcome = copy.run().await;
    assert_eq!((outcome.report().listed, outcome.report().fetched), (3, 2));
    assert!(outcome.report().is_complete());
    copy.server.remove_file(ALBUM, "F1");
    assert_eq!(run(copy.sync().mirror(true)).await.report().removed, 1);
}

#[cfg(unix)]
#[tokio::test]
async fn whoever_may_read_the_pictures_may_read_what_is_beside_them() {
    use std::os::unix::fs::PermissionsExt as _;
    let copy = Copy::of(files(20)).await;
    for _ in 0..2 {
        run(copy.sync().sidecars(true)).await.result.unwrap();
        let mode = |path: &str| {
            let permissions = fs::metadata(copy.folder.path().join(path)).unwrap().permissions();
            permissions.mode()
        };
        assert_eq!(mode("0.jpg.json"), mode("0.jpg"));
        assert_eq!(mode(".koodrive/manifest.ndjson"), mode("0.jpg"), "it was compacted");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_of_another_user_is_told_by_its_path() {
    use std::os::unix::fs::PermissionsExt as _;
    let copy = Copy::of(files(2)).await;
    copy.run().await;
    let manifest = copy.folder.path().join(".koodrive/manifest.ndjson");
    fs::set_permissions(&manifest, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&manifest).is_ok() {
        return; // the administrator may read everything
    }
    let refusal = copy.run().await.result.unwrap_err();
    assert!(refusal.to_string().contains("manifest.ndjson"), "{refusal}");
    assert_eq!(copy.files().len(), 2);
}

/// Somebody else may have written it.
#[tokio::test]
async fn a_manifest_leads_nobody_out_of_the_folder() {
    let root = tempfile::tempdir().unwrap();
    let outside = root.path().join("outside");
    for path in ["../outside", "a/../../outside", outside.to_str().unwrap(), ".koodrive/x"] {
        let copy = Copy::of(files(1)).await;
        let folder = root.path().join("copy");
        let sync = || AlbumSync::new(copy.server.client(), ALBUM, &folder).mirror(true);
        fs::create_dir_all(folder.join(".koodrive")).unwrap();
        let lines = ["0", "9"].map(|n| format!("{{\"id\":\"F{n}\",\"path\":\"{path}\"}}\n"));
        let header = format!("{{\"version\":1,\"album\":\"{ALBUM}\"}}\n");
        fs::write(folder.join(".koodrive/manifest.ndjson"), header + &lines.concat()).unwrap();

        assert_eq!(run(sync()).await.told(), ["0.jpg fetched"], "{path}");

        assert!(!outside.exists() && !folder.join(".koodrive/x").exists(), "{path}");
        fs::remove_dir_all(folder).unwrap();
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_cannot_be_read_costs_a_verification_its_files_alone() {
    let copy = Copy::of(files(20)).await;
    run(copy.sync().names("{taken:%S}/{name}")).await.result.unwrap();
    let folder = copy.folder.path().join("03");
    fs::remove_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink(&folder, &folder).unwrap();

    let found = koodrive_sync::verify(copy.folder.path()).unwrap();
    assert_eq!((found.whole, found.unreadable.clone()), (19, vec!["03/3.jpg".to_owned()]));
    assert!(!found.is_intact());

    copy.server.remove_file(ALBUM, "F3");
    copy.server.remove_file(ALBUM, "F4");
    let outcome = run(copy.sync().mirror(true)).await;
    assert_eq!((outcome.report().removed, outcome.report().failed), (1, 1), "a mirror, too");
}

/// As one of the system's own is: `lost+found`.
#[cfg(unix)]
#[tokio::test]
async fn a_stranger_s_folder_that_cannot_be_read_ends_no_verification() {
    use std::os::unix::fs::PermissionsExt as _;
    let copy = Copy::of(files(2)).await;
    copy.run().await;
    let folder = copy.folder.path().join("lost+found");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read_dir(&folder).is_ok() {
        return; // the administrator may read everything
    }
    let found = koodrive_sync::verify(copy.folder.path()).unwrap();
    assert_eq!((found.whole, &*found.strange), (2, &["lost+found".to_owned()][..]));
}

/// A disk of its own, until it is dropped.
struct Disk(tempfile::TempDir);

impl Disk {
    fn new(options: &str) -> Self {
        let disk = Self(tempfile::tempdir().unwrap());
        mount(&["-t", "tmpfs", "-o", options, "tmpfs"], disk.0.path());
        disk
    }

    fn remount(&self, options: &str) {
        mount(&["-o", &format!("remount,{options}")], self.0.path());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

fn mount(arguments: &[&str], path: &Path) {
    assert!(Command::new("mount").args(arguments).arg(path).status().unwrap().success());
}

/// `cargo test -p koodrive-sync --test it -- --ignored full_or_read_only`
#[tokio::test]
#[ignore = "mounts a disk, so it needs the rights of an administrator"]
async fn a_disk_that_is_full_or_read_only_ends_the_run_and_the_next_continues() {
    let big = "x".repeat(100_000);
    let pictures = (0..20).map(|n| file(&format!("F{n}"), &format!("{n}.jpg"), n, &*big));
    let copy = Copy::of(pictures).await;
    let disk = Disk::new("size=1m");
    let sync = || AlbumSync::new(copy.server.client(), ALBUM, disk.0.path());
    let cause = |error: SyncError| match error {
        SyncError::Io { source, .. } => source.kind(),
        other => panic!("{other}"),
    };

    assert_eq!(cause(run(sync()).await.result.unwrap_err()), io::ErrorKind::StorageFull);
    let names = || fs::read_dir(disk.0.path()).unwrap().map(|entry| entry.unwrap());
    let whole = names().filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
    assert!(whole.map(|entry| entry.metadata().unwrap().len()).all(|len| len == 100_000));

    disk.remount("ro");
    assert_eq!(cause(run(sync()).await.result.unwrap_err()), io::ErrorKind::ReadOnlyFilesystem);

    disk.remount("rw,size=10m");
    let report = run(sync()).await.result.unwrap();
    assert!(report.is_complete(), "{report:?}");
    assert!(koodrive_sync::verify(disk.0.path()).unwrap().is_intact());
}

/// `cargo test -p koodrive-sync --test it -- --ignored cannot_be_written`
#[tokio::test]
#[ignore = "mounts a disk, so it needs the rights of an administrator"]
async fn a_copy_that_cannot_be_written_is_verified() {
    let copy = Copy::of(files(3)).await;
    let disk = Disk::new("size=1m");
    run(AlbumSync::new(copy.server.client(), ALBUM, disk.0.path())).await.result.unwrap();
    for has_lock in [true, false] {
        disk.remount("ro");
        let found = koodrive_sync::verify(disk.0.path()).unwrap();
        assert_eq!((found.whole, found.is_intact()), (3, true), "{has_lock}");
        disk.remount("rw");
        let _ = fs::remove_file(disk.0.path().join(".koodrive/lock"));
    }
}

/// Somebody else may have put them there.
#[cfg(unix)]
#[tokio::test]
async fn nothing_is_written_through_a_link_in_the_folder() {
    use std::os::unix::fs::symlink;
    for (link, is_folder) in [
        (".koodrive", true),
        (".koodrive/lock", false),
        (".koodrive/manifest.ndjson", false),
        (".koodrive/thumbnails", true),
        (".koodrive/trash", true),
        ("03", true),
    ] {
        let outside = tempfile::tempdir().unwrap();
        let target = if is_folder { outside.path().to_owned() } else { outside.path().join("new") };
        let copy = Copy::of(files(20).map(|file| file.media_type("image/jpeg"))).await;
        let sync = || copy.sync().names("{taken:%S}/{name}").sidecars(true).thumbnails(true);
        let link_it = || symlink(&target, copy.folder.path().join(link)).unwrap();
        if link == ".koodrive/trash" {
            run(sync()).await.result.unwrap();
            copy.server.remove_file(ALBUM, "F5");
        } else {
            fs::create_dir_all(copy.folder.path().join(link).parent().unwrap()).unwrap();
        }
        link_it();

        let outcome = run(sync().mirror(true)).await;

        let told = outcome.result.map(|report| report.failed);
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0, "{link}: {told:?}");
        assert!(!matches!(told, Ok(0)), "{link}: it is told");

        if !is_folder {
            fs::write(&target, "").unwrap();
            let _ = run(sync()).await;
            let _ = koodrive_sync::verify(copy.folder.path());
            assert_eq!(fs::read_to_string(&target).unwrap(), "", "{link}");
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn no_part_of_a_file_is_written_through_a_link() {
    for name in [".0.jpg.part", ".0.jpg.part-record"] {
        let copy = Copy::of(files(1)).await;
        let outside = tempfile::tempdir().unwrap();
        let target = outside.path().join("new");
        std::os::unix::fs::symlink(&target, copy.folder.path().join(name)).unwrap();

        let outcome = copy.run().await;

        assert!(!target.exists(), "{name}");
        assert_eq!(outcome.report().failed, 1, "{name}: it is told");
    }
}
