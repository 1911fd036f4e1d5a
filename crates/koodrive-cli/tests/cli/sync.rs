//! Copies of albums: what is fetched, kept, left and removed, and what `verify` says about it.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::Stdio,
};

use koodrive_testing::{AlbumFile, AlbumServerBuilder, Fault};
use serde_json::Value;

use crate::support::{Run, Server, koodrive, run};

const ALBUM: &str = "1795607640592646401";

fn album(builder: AlbumServerBuilder, files: u64) -> AlbumServerBuilder {
    let file = |n: u64| {
        AlbumFile::new(format!("F{n}"))
            .file_name(format!("IMG_{n}.jpg"))
            .size(20_000 + n)
            .take_time(format!("2025-0{}-01T08:00:00.000Z", n % 9 + 1))
    };
    builder.album(ALBUM, (0..files).map(file))
}

fn sync(server: &Server, folder: &Path, arguments: &[&str]) -> Run {
    let folder = folder.to_str().unwrap();
    run(&mut server.koodrive(&[&["sync", ALBUM, folder], arguments].concat()))
}

fn verify(folder: &Path) -> Run {
    run(&mut koodrive(&["verify", folder.to_str().unwrap()]))
}

fn last_line(run: &Run) -> &str {
    run.stderr.lines().last().unwrap_or_default()
}

#[test]
fn a_second_run_over_a_complete_copy_fetches_nothing() {
    let server = Server::start(|builder| album(builder, 12));
    let folder = tempfile::tempdir().unwrap();

    let first = sync(&server, folder.path(), &[]);
    assert_eq!(
        (first.code, last_line(&first)),
        (Some(0), "fetched 12 files, 234.44 KiB, verified by size")
    );
    let second = sync(&server, folder.path(), &[]);
    assert_eq!((second.code, last_line(&second)), (Some(0), "fetched 0 files, 0 B; 12 files kept"));
    assert_eq!(server.server.received_downloads().len(), 12);
    assert_eq!(fs::read(folder.path().join("IMG_3.jpg")).unwrap().len(), 20_003);
    assert_eq!(verify(folder.path()).code, Some(0));
}

#[test]
fn a_file_that_was_changed_on_this_disk_is_left_alone_and_told_by_verify() {
    let server = Server::start(|builder| album(builder, 3));
    let folder = tempfile::tempdir().unwrap();
    sync(&server, folder.path(), &[]);
    let mine = folder.path().join("IMG_1.jpg");
    fs::write(&mine, "mine").unwrap();
    fs::remove_file(folder.path().join("IMG_2.jpg")).unwrap();
    fs::write(folder.path().join("notes.txt"), "mine, too").unwrap();

    let found = verify(folder.path());
    assert_eq!(found.code, Some(1));
    assert_eq!(found.stdout, "changed: IMG_1.jpg\nmissing: IMG_2.jpg\nstrange: notes.txt\n");

    let again = sync(&server, folder.path(), &[]);
    assert_eq!(again.code, Some(1));
    assert!(again.stderr.contains("IMG_1.jpg was changed on this disk"), "{}", again.stderr);
    assert_eq!(fs::read_to_string(mine).unwrap(), "mine");
    assert_eq!(fs::read(folder.path().join("IMG_2.jpg")).unwrap().len(), 20_002);
}

#[test]
fn one_file_that_fails_costs_that_file() {
    let forbidden = Fault::status(404);
    let server = Server::start(|builder| album(builder, 5).download_fault(2, forbidden));
    let folder = tempfile::tempdir().unwrap();

    let first = sync(&server, folder.path(), &["--jobs", "1"]);
    assert_eq!(first.code, Some(1));
    assert!(last_line(&first).ends_with("; 1 file failed"), "{}", first.stderr);
    let second = sync(&server, folder.path(), &[]);
    assert_eq!(second.code, Some(0));
    assert!(last_line(&second).starts_with("fetched 1 file, "), "{}", second.stderr);
}

#[test]
fn a_dry_run_prints_the_plan_and_changes_nothing() {
    let server = Server::start(|builder| album(builder, 2));
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("copy");

    let plan = sync(&server, &target, &["--dry-run", "--names", "{taken:%Y-%m}/{name}"]);
    assert_eq!((plan.code, last_line(&plan)), (Some(0), "would fetch 2 files"));
    assert_eq!(plan.stdout, "fetch: 2025-01/IMG_0.jpg\nfetch: 2025-02/IMG_1.jpg\n");
    assert!(!target.exists());
    assert!(server.server.received_downloads().is_empty());
}

#[test]
fn a_mirror_moves_what_the_album_no_longer_has_and_never_more_than_allowed() {
    let server = Server::start(|builder| album(builder, 20));
    let folder = tempfile::tempdir().unwrap();
    sync(&server, folder.path(), &[]);
    server.server.remove_file(ALBUM, "F1");
    server.server.remove_file(ALBUM, "F2");
    server.server.remove_file(ALBUM, "F3");

    let refused = sync(&server, folder.path(), &["--mirror"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("--max-delete allows 2"), "{}", refused.stderr);
    assert!(folder.path().join("IMG_1.jpg").exists());

    let report = folder.path().join("report.ndjson");
    let arguments = ["--mirror", "--max-delete", "15%", "--report", report.to_str().unwrap()];
    let moved = sync(&server, folder.path(), &arguments);
    assert_eq!(moved.code, Some(0), "{}", moved.stderr);
    assert!(!folder.path().join("IMG_1.jpg").exists());
    assert!(folder.path().join(".koodrive/trash").is_dir());
    let report = fs::read_to_string(report).unwrap();
    let events: Vec<Value> =
        report.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.iter().filter(|event| event["event"] == "removed").count(), 3);
    assert_eq!(events.len(), 20);
    assert!(!report.contains("X-Amz"), "{report}");
}

#[test]
fn a_run_that_is_refused_leaves_the_report_of_another() {
    let server = Server::start(|builder| album(builder, 2));
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.ndjson");
    let arguments = ["--report", report.to_str().unwrap()];
    let copy = folder.path().join("copy");
    sync(&server, &copy, &arguments);
    let lines = fs::read_to_string(&report).unwrap();
    assert_eq!(lines.lines().count(), 2);

    let lock = fs::File::open(copy.join(".koodrive/lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(sync(&server, &copy, &arguments).code, Some(1));
    assert_eq!(fs::read_to_string(&report).unwrap(), lines, "the copy is in use");

    let lock = fs::File::open(&report).unwrap();
    lock.lock().unwrap();
    let refused = sync(&server, &folder.path().join("other"), &arguments);
    assert_eq!(
        (refused.code, refused.stderr.contains("another run writes the report")),
        (Some(1), true)
    );
    assert_eq!(fs::read_to_string(&report).unwrap(), lines, "the report is in use");

    drop(lock);
    sync(
        &server,
        &folder.path().join("other"),
        &["--report", report.to_str().unwrap(), "--type", "video"],
    );
    assert_eq!(fs::read_to_string(&report).unwrap(), "", "the next run replaces it");
}

#[test]
fn a_report_takes_the_place_of_no_other_file() {
    let server = Server::start(|builder| album(builder, 2));
    let folder = tempfile::tempdir().unwrap();
    sync(&server, folder.path(), &["--sidecars"]);
    for name in ["IMG_1.jpg", "IMG_1.jpg.json", ".koodrive/manifest.ndjson"] {
        let path = folder.path().join(name);
        let before = fs::read(&path).unwrap();

        let refused = sync(&server, folder.path(), &["--report", path.to_str().unwrap()]);

        assert_eq!(refused.code, Some(1), "{name}");
        assert!(refused.stderr.contains("is not a report"), "{}", refused.stderr);
        assert_eq!(fs::read(&path).unwrap(), before, "{name}");
    }
}

#[test]
fn a_report_can_be_in_a_copy_that_does_not_exist_yet() {
    let server = Server::start(|builder| album(builder, 2));
    for (directory, report, lines) in [
        ("new/copy", "new/copy/report.ndjson", Some(2)),
        ("./new/copy", "new/copy/../copy/report.ndjson", None),
        ("new/copy/", "./new/copy/report.ndjson", Some(2)),
        ("new/copy", "new/other/report.ndjson", None),
        ("new/copy", "new/copy/reports/report.ndjson", None),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = server.koodrive(&["sync", ALBUM, directory, "--report", report]);
        let copied = run(command.current_dir(folder.path()));
        assert_eq!(copied.code, Some(i32::from(lines.is_none())), "{}", copied.stderr);
        let found = fs::read_to_string(folder.path().join(report)).ok();
        assert_eq!(found.map(|report| report.lines().count()), lines, "{directory} {report}");
        assert_eq!(folder.path().join("new").exists(), lines.is_some(), "{directory} {report}");
    }
}

#[test]
fn a_path_has_the_name_of_the_album_whatever_capitals_it_was_asked_for_in() {
    let server = Server::start(|builder| {
        let file = AlbumFile::new("F1").file_name("1.jpg").size(2_000);
        builder.album(koodrive_testing::AlbumInfo::manual(ALBUM).name("Sea"), [file])
    });
    let folder = tempfile::tempdir().unwrap();
    let words = ["sync", "sea", folder.path().to_str().unwrap(), "--names", "{album}/{name}"];
    assert_eq!(run(&mut server.koodrive(&words)).code, Some(0));
    assert!(folder.path().join("Sea/1.jpg").exists());
}

#[test]
fn a_mirror_with_a_filter_does_not_say_that_the_album_lost_what_was_filtered_out() {
    let server = Server::start(|builder| album(builder, 5));
    let folder = tempfile::tempdir().unwrap();
    sync(&server, folder.path(), &[]);
    let filtered = sync(&server, folder.path(), &["--mirror", "--name", "IMG_1.jpg"]);
    assert_eq!(filtered.code, Some(1));
    let told = "warning: --mirror removed nothing: with a filter, it cannot know what the album no longer has\n\
        fetched 0 files, 0 B; 1 file kept\n";
    assert_eq!(filtered.stderr, told);
}

#[test]
fn only_files_that_meet_the_filters_are_copied() {
    let server = Server::start(|builder| album(builder, 12));
    let folder = tempfile::tempdir().unwrap();
    let copied = sync(&server, folder.path(), &["--name", "IMG_1*.jpg", "--sidecars"]);
    assert_eq!(copied.code, Some(0), "{}", copied.stderr);
    for name in ["IMG_1.jpg", "IMG_10.jpg", "IMG_11.jpg"] {
        assert!(folder.path().join(name).exists(), "{name}");
        let sidecar = fs::read_to_string(folder.path().join(format!("{name}.json"))).unwrap();
        assert!(sidecar.contains(name) && !sidecar.contains("contentUrl"), "{sidecar}");
    }
    assert_eq!(server.server.received_downloads().len(), 3);
}

#[test]
fn bad_arguments_are_refused_before_any_request() {
    let server = Server::start(|builder| album(builder, 1));
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["--names", "{nothing}"] as &[_],
        &["--name", "[a"],
        &["--jobs", "0"],
        &["--limit-rate", "fast"],
        &["--mirror", "--max-delete", "101%"],
        &["--max-delete", "1"],
    ] {
        let refused = sync(&server, folder.path(), arguments);
        assert_eq!(refused.code, Some(2), "{arguments:?}: {}", refused.stderr);
    }
    assert!(server.server.received_requests().is_empty());
}

#[cfg(unix)]
#[test]
fn a_folder_without_a_copy_is_told_with_the_command_that_makes_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    std::fs::write(folder.path().join("file"), "").unwrap();
    for command in ["verify", "gallery"] {
        for place in [path.clone(), format!("{path}/no where")] {
            let refused = run(&mut koodrive(&[command, &place]));
            assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""));
            let quoted = if place == path { place.clone() } else { format!("'{place}'") };
            let told = format!(
                "error: {place} holds no copy of an album; `koodrive sync ALBUM {quoted}` makes one\n"
            );
            assert_eq!(refused.stderr, told);
        }
        let refused = run(&mut koodrive(&[command, &format!("{path}/file")]));
        assert!(refused.stderr.contains("tip: a file is where a folder"), "{}", refused.stderr);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_or_a_path_that_does_not_exist_has_a_next_step() {
    for (options, tip) in [
        (["--report", "/dev/full"], "make room, or choose another place"),
        (["--report", "./no/where"], "check the path: it, or its folder, does not exist"),
        (["--report", "/"], "name a file; this is a folder"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let words = ["sync", "--demo=3", folder.path().to_str().unwrap(), options[0], options[1]];
        let failed = run(&mut koodrive(&words));
        assert_eq!(failed.code, Some(1), "{options:?}");
        assert!(failed.stderr.ends_with(&format!("  tip: {tip}\n")), "{}", failed.stderr);
    }
}

#[test]
fn a_copy_does_not_stand_still_without_a_word_while_the_storage_is_busy() {
    let busy = Fault::status(429).header("retry-after", "3600");
    let server = Server::start(|builder| album(builder, 3).download_faults(0..9, busy));
    let folder = tempfile::tempdir().unwrap();
    let mut command = server.koodrive(&["sync", ALBUM, folder.path().to_str().unwrap()]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let told = told.find(|line| line.starts_with("warning: ")); // on a slow machine, progress comes first
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(told.as_deref(), Some("warning: the storage is too busy; waiting for 3600 s"));
}
