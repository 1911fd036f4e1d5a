//! `sync --all`: a folder an album, and `verify` of all of them.

use std::{fs, path::Path};

use koodrive_testing::{AlbumFile, AlbumInfo, AlbumServerBuilder, Fault};
use serde_json::Value;

use crate::support::{Run, Server, koodrive, run};

const SEA: &str = "1795607640592646401";
const OTHER_SEA: &str = "1795607640592646402";
const HILLS: &str = "1795607640592646403";

fn files(prefix: &str, count: u32) -> Vec<AlbumFile> {
    let file = |n| {
        let file = AlbumFile::new(format!("{prefix}{n}")).file_name(format!("{n}.jpg"));
        file.media_type("image/jpeg").size(2_000)
    };
    (0..count).map(file).collect()
}

fn albums(builder: AlbumServerBuilder) -> AlbumServerBuilder {
    builder
        .album_id(SEA)
        .album(AlbumInfo::manual(SEA).name("Sea"), files("S", 3))
        .album(AlbumInfo::collection(OTHER_SEA).name("sea").shared(), files("O", 2))
        .album(AlbumInfo::manual(HILLS).name("../Hills"), files("H", 1))
}

fn sync_all(server: &Server, folder: &Path, arguments: &[&str]) -> Run {
    let folder = folder.to_str().unwrap();
    run(&mut server.koodrive(&[&["sync", "--all", folder], arguments].concat()))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn each_album_has_a_folder_with_its_name_and_one_summary_is_told() {
    let server = Server::start(albums);
    let folder = tempfile::tempdir().unwrap();

    let first = sync_all(&server, folder.path(), &[]);
    assert_eq!(
        (first.code, &*first.stderr),
        (Some(0), "3 albums: fetched 6 files, 11.72 KiB, verified by size\n")
    );
    assert_eq!(names(folder.path()), ["Sea", "_Hills", "sea.c14c07ec"]);
    assert_eq!(names(&folder.path().join("Sea")), [".koodrive", "0.jpg", "1.jpg", "2.jpg"]);

    let second = sync_all(&server, folder.path(), &[]);
    let expected = "3 albums: fetched 0 files, 0 B; 6 files kept\n";
    assert_eq!((second.code, &*second.stderr), (Some(0), expected));

    fs::write(folder.path().join("Sea/0.jpg"), "mine").unwrap();
    let found = run(&mut koodrive(&["verify", folder.path().to_str().unwrap()]));
    assert_eq!((found.code, &*found.stdout), (Some(1), "changed: Sea/0.jpg\n"));
    assert_eq!(found.stderr.lines().count(), 3);
}

#[test]
fn a_folder_stays_an_albums_when_either_is_renamed() {
    let folder = tempfile::tempdir().unwrap();
    sync_all(&Server::start(albums), folder.path(), &[]);
    fs::rename(folder.path().join("_Hills"), folder.path().join("Mountains")).unwrap();

    let renamed = Server::start(|builder| {
        let builder = albums(builder).album(AlbumInfo::manual(SEA).name("Lake"), files("S", 3));
        builder.album(AlbumInfo::manual("1795607640592646399").name("Sea"), files("N", 1))
    });
    let again = sync_all(&renamed, folder.path(), &[]);
    assert_eq!(
        again.stderr,
        "4 albums: fetched 1 file, 1.95 KiB, verified by size; 6 files kept\n"
    );
    let expected = ["Mountains", "Sea", "Sea.fb23c532", "sea.c14c07ec"];
    assert_eq!(names(folder.path()), expected);
}

#[test]
fn an_album_that_fails_costs_that_album_and_the_report_has_all_the_others() {
    let server = Server::start(|builder| albums(builder).fault(0, Fault::status(404)));
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.ndjson");

    let first = sync_all(&server, folder.path(), &["--report", report.to_str().unwrap()]);
    assert_eq!(first.code, Some(1));
    assert!(
        first.stderr.contains("error: Sea: cannot list the album to its end\n"),
        "{}",
        first.stderr
    );
    assert!(
        first
            .stderr
            .ends_with("2 albums, 1 more failed: fetched 3 files, 5.86 KiB, verified by size\n")
    );
    let report = fs::read_to_string(report).unwrap();
    let lines = report.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let places: Vec<_> = lines.map(|line| format!("{}/{}", line["folder"], line["path"])).collect();
    let expected =
        ["\"_Hills\"/\"0.jpg\"", "\"sea.c14c07ec\"/\"0.jpg\"", "\"sea.c14c07ec\"/\"1.jpg\""];
    let mut sorted = places.clone();
    sorted.sort();
    assert_eq!(sorted, expected);

    assert_eq!(sync_all(&server, folder.path(), &[]).code, Some(0));
}

#[test]
fn no_more_files_than_jobs_are_fetched_at_a_time() {
    let server = Server::start(|builder| {
        albums(builder).download_delay(std::time::Duration::from_millis(100))
    });
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(sync_all(&server, folder.path(), &["--jobs", "1"]).code, Some(0));
    let downloads = server.server.received_downloads();
    for pair in downloads.windows(2) {
        let pause = pair[1].received_at() - pair[0].received_at();
        assert!(pause.as_millis() >= 100, "{pause:?}");
    }
    assert_eq!(downloads.len(), 6);
}

#[test]
fn an_album_beside_all_is_refused_and_a_wrong_argument_ends_at_once() {
    let server = Server::start(albums);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    assert_eq!(run(&mut server.koodrive(&["sync", "--all", SEA, folder])).code, Some(2));
    let refused = run(&mut server.koodrive(&["sync", "--all", folder, "--names", "{nothing}"]));
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert_eq!(refused.stderr.lines().count(), 1, "{}", refused.stderr);
}

#[test]
fn thumbnails_come_on_request() {
    let server = Server::start(albums);
    let folder = tempfile::tempdir().unwrap();
    let first = sync_all(&server, folder.path(), &["--thumbnails"]);
    assert!(first.stderr.ends_with("; 6 thumbnails\n"), "{}", first.stderr);
    assert!(folder.path().join("Sea/.koodrive/thumbnails").is_dir());
    let found = run(&mut koodrive(&["verify", folder.path().to_str().unwrap()]));
    assert_eq!(found.code, Some(0), "{}", found.stdout);
}

#[test]
fn verify_and_gallery_pass_over_no_copy_that_they_cannot_read() {
    let (server, folder) = (Server::start(albums), tempfile::tempdir().unwrap());
    sync_all(&server, folder.path(), &[]);
    fs::write(folder.path().join("Sea/.koodrive/manifest.ndjson"), "no manifest\n").unwrap();
    fs::remove_file(folder.path().join("_Hills/.koodrive/manifest.ndjson")).unwrap();
    fs::create_dir(folder.path().join("mine")).unwrap();

    let found = run(&mut koodrive(&["verify", folder.path().to_str().unwrap()]));
    assert_eq!(found.code, Some(1), "{}", found.stderr);
    for copy in ["Sea", "_Hills"] {
        assert!(found.stderr.contains(&format!("error: cannot verify {copy}/\n")), "{found:?}");
    }
    assert!(found.stderr.contains("sea.c14c07ec: 2 files as they were fetched\n"), "{found:?}");

    let shown = run(&mut koodrive(&["gallery", folder.path().to_str().unwrap()]));
    assert_eq!(shown.code, Some(1), "{}", shown.stderr);
    for copy in ["Sea", "_Hills"] {
        let told = format!("error: cannot make the page of {copy}\n");
        assert!(shown.stderr.contains(&told), "{shown:?}");
    }
    assert!(shown.stderr.ends_with("wrote a page of 1 album, 2 files\n"), "{shown:?}");
}

#[test]
fn a_second_copy_of_an_album_is_verified_too() {
    let (server, folder) = (Server::start(albums), tempfile::tempdir().unwrap());
    let copies = ["a", "b"].map(|name| folder.path().join(name));
    for copy in &copies {
        run(&mut server.koodrive(&["sync", SEA, copy.to_str().unwrap()]));
    }
    fs::remove_file(copies[1].join("0.jpg")).unwrap();
    let found = run(&mut koodrive(&["verify", folder.path().to_str().unwrap()]));
    assert_eq!((found.code, &*found.stdout), (Some(1), "missing: b/0.jpg\n"));
}

#[test]
fn a_file_in_place_of_the_folder_is_told_by_its_path() {
    let (server, folder) = (Server::start(albums), tempfile::tempdir().unwrap());
    let path = folder.path().join("file");
    fs::write(&path, "mine").unwrap();
    let refused = sync_all(&server, &path, &[]);
    assert!(refused.stderr.contains(path.to_str().unwrap()), "{}", refused.stderr);
}
