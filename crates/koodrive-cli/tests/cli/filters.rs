//! Filters, which every command reads alike.

use koodrive_testing::AlbumFile;

use crate::support::{Server, koodrive, run};

const ALBUM: &str = "1795607640592646401";

/// Four files: a picture and three that differ from it in one way or another.
fn files() -> [AlbumFile; 4] {
    let file = |id: &str, name: &str, size, edited: &str| {
        AlbumFile::new(id).file_name(name).size(size).edited_time(edited)
    };
    [
        file("F1", "sea.jpg", 1024, "2025-09-01T00:00:00.000Z").field("favorite", true),
        file("F2", "sea.heic", 2048, "2025-08-31T23:59:59.999Z"),
        file("F3", "Été.jpg", 3 << 20, "2025-07-01T00:00:00.000Z"),
        file("F4", "a.mp4", 1023, "2025-06-01T00:00:00.000Z"),
    ]
}

#[test]
fn every_command_selects_the_same_files() {
    let server = Server::start(|builder| builder.album_id(ALBUM).album(ALBUM, files()));
    let target = tempfile::tempdir().unwrap();
    for (options, ids) in [
        (&["--name", "*.jpg"] as &[_], &["F1", "F3"] as &[_]),
        (&["--name", "s**.jpg"], &["F1"]),
        (&["--name", "sea.*", "--name", "*.mp4"], &["F1", "F2", "F4"]),
        (&["--since", "2025-09-01"], &["F1"]),
        (&["--until", "2025-09-01"], &["F2", "F3", "F4"]),
        (&["--since", "2025-06-15", "--until", "2025-08-01"], &["F3"]),
        (&["--larger", "1K"], &["F2", "F3"]),
        (&["--smaller", "1KiB"], &["F4"]),
        (&["--larger", "1023", "--smaller", "2KB"], &["F1"]),
        (&["--favorite"], &["F1"]),
        (&["--favorite", "--larger", "1G"], &[]),
    ] {
        let list =
            run(&mut server.koodrive(&[&["list", "-f", "csv", "-c", "id"], options].concat()));
        let mut listed: Vec<_> = list.stdout.lines().skip(1).collect();
        listed.sort_unstable();
        assert_eq!(listed, ids, "{options:?}: {}", list.stderr);

        let summary = run(&mut server.koodrive(&[&["summary", "-f", "json"], options].concat()));
        let summary: serde_json::Value = serde_json::from_str(&summary.stdout).unwrap();
        assert_eq!(summary["files"], ids.len(), "{options:?}");

        let folder = target.path().join(options.join(" "));
        let get = ["get", ALBUM, "-o", folder.to_str().unwrap()];
        let got = run(&mut server.koodrive(&[&get, options].concat()));
        assert_eq!(got.code, Some(0), "{options:?}: {}", got.stderr);
        assert_eq!(got.stdout.lines().count(), ids.len(), "{options:?}: {}", got.stderr);

        let sync = ["sync", target.path().to_str().unwrap(), "--dry-run"];
        let plan = run(&mut server.koodrive(&[&sync, options].concat()));
        assert_eq!(plan.stdout.lines().count(), ids.len(), "{options:?}: {}", plan.stderr);
    }
}

#[test]
fn what_is_fetched_is_selected_by_the_arguments_and_by_the_filters() {
    let server = Server::start(|builder| builder.album_id(ALBUM).album(ALBUM, files()));
    let folder = tempfile::tempdir().unwrap();
    let get = |words: &[&str]| {
        let mut command = server.koodrive(&[&["get", ALBUM], words].concat());
        run(command.current_dir(&folder))
    };
    let got = get(&["sea.*", "*.mp4", "--favorite", "--overwrite"]);
    assert_eq!((got.code, got.stdout.as_str()), (Some(1), "./sea.jpg\n"));
    insta::assert_snapshot!(got.stderr, @r"
    error: no file that meets the filters has the id or a name like `*.mp4`
    fetched 1 file, 1.00 KiB
    ");
    let got = get(&["F2", "--since", "2025-08-01"]);
    assert_eq!((got.code, got.stdout.as_str()), (Some(0), "./sea.heic\n"));
    let none = get(&[]);
    assert!(none.code == Some(2) && none.stderr.contains("<FILE>..."), "{}", none.stderr);
}

#[test]
fn a_filter_without_a_meaning_is_refused_with_what_was_expected() {
    let messages: Vec<_> = [
        &["--name", "a["] as &[_],
        &["--since", "soon"],
        &["--until", "7"],
        &["--larger", "10 apples"],
        &["--smaller", "-1"],
        &["--since", "2025-09-01", "--until", "2025-08-01"],
        &["--larger", "2M", "--smaller", "1M"],
        &["--until", "19000 years"],
    ]
    .into_iter()
    .map(|options| {
        let run = run(&mut koodrive(&[&["list", "--demo"], options].concat()));
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{options:?}");
        run.stderr.lines().next().unwrap_or_default().to_owned()
    })
    .collect();
    insta::assert_snapshot!(messages.join("\n"), @r#"
    error: invalid value 'a[' for '--name <GLOB>': expected a pattern with * ? [abc], and [[] for a bracket
    error: invalid value 'soon' for '--since <WHEN>': expected a date (2025-09-01, UTC), an instant (2025-09-01T12:00:00Z) or a span before now (7d, "2 weeks")
    error: invalid value '7' for '--until <WHEN>': expected a date (2025-09-01, UTC), an instant (2025-09-01T12:00:00Z) or a span before now (7d, "2 weeks")
    error: invalid value '10 apples' for '--larger <SIZE>': expected a size such as 500K, 10MB or 1.5GiB
    error: invalid value '-1' for '--smaller <SIZE>': expected a size such as 500K, 10MB or 1.5GiB
    error: --since is not before --until, so no file matches
    error: --larger is not below --smaller, so no file matches
    error: --until is too far back: the earliest year is -9999
    "#);
}

#[test]
fn a_filter_is_part_of_a_saved_listing() {
    let server = Server::start(|builder| builder.files(3));
    let directory = tempfile::tempdir().unwrap();
    let list = |options: &[&str]| {
        let arguments = [&["list", "--state", "s", "--output", "a.csv"], options].concat();
        run(server.koodrive(&arguments).current_dir(directory.path()))
    };
    assert_eq!(list(&["--larger", "1K", "--name", "*"]).code, Some(0));
    assert_eq!(list(&[]).code, Some(0));
    let refused = list(&["--larger", "2K"]);
    assert_eq!(refused.code, Some(2));
    insta::assert_snapshot!(refused.stderr, @r"
    error: --larger differs from the listing saved in s: 1K there, 2K now
      to resume that listing: koodrive list 1795607640592646273 --format ndjson --name '*' --larger 1K --output a.csv --state s
      to start another, pass a different file to --state
    ");
}
