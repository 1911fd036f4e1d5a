//! Which files are listed, and in which order.

use std::process::Stdio;

use serde_json::Value;

use crate::support::{Server, koodrive, run, stdout};

fn values(arguments: &[&str], key: &str) -> Vec<String> {
    let lines = stdout(&[&["list", "--demo", "--format", "ndjson"], arguments].concat());
    let value = |line: &str| serde_json::from_str::<Value>(line).unwrap()[key].clone();
    lines.lines().map(value).map(|value| value.as_str().unwrap_or("").to_owned()).collect()
}

#[test]
fn files_are_sorted_by_each_time_in_both_directions() {
    for (sort, key) in [("created", "createdTime"), ("edited", "editedTime")] {
        let ascending = values(&["--sort", sort, "--asc"], key);
        assert!(ascending.is_sorted() && ascending.len() == 1000, "{sort}");
        let descending = values(&["--sort", sort, "--desc"], key);
        assert!(descending.is_sorted_by(|one, other| one >= other), "{sort}");
    }
    let taken = values(&["--sort", "taken", "--asc"], "takeTime");
    assert!(taken.iter().filter(|time| !time.is_empty()).is_sorted());
}

#[test]
fn only_files_of_the_given_types_are_listed_and_count_towards_the_limit() {
    let types = values(&["--type", "video,document", "--limit", "50"], "fileType");
    assert_eq!(types.len(), 50);
    assert!(
        types.iter().all(|code| ["20", "26", "27", "28"].contains(&code.as_str())),
        "{types:?}"
    );
}

#[test]
fn since_lists_files_edited_at_or_after_the_cutoff() {
    let all = values(&["--sort", "edited"], "editedTime");
    let recent = values(&["--since", "30d"], "editedTime"); // the demo's clock is fixed at 1 October 2025
    let expected: Vec<_> = all.into_iter().filter(|time| time.as_str() >= "2025-09-01").collect();
    assert!(!expected.is_empty());
    assert_eq!(recent, expected);
    assert_eq!(values(&["--since", "2025-09-01"], "editedTime"), expected);
    assert_eq!(values(&["--since", "2025-09-01T00:00:00Z"], "editedTime"), expected);
}

#[test]
fn a_limit_requests_only_as_many_files_as_needed() {
    let server = Server::start(|builder| builder.files(1000));
    let limited = run(&mut server.koodrive(&["list", "--limit", "7"]));
    assert_eq!((limited.code, limited.stdout.lines().count()), (Some(0), 7));
    assert_eq!(server.server.received_cursors(), [None]);
    assert!(server.server.received_requests()[0].query().contains("pageSize=7"));
}

#[test]
fn an_album_argument_overrides_the_variable() {
    let server = Server::start(|builder| builder.album_id("17").files(3));
    let mut named = server.koodrive(&["list", "17"]);
    assert_eq!(run(named.env("KOODRIVE_ALBUM_ID", "18")).stdout.lines().count(), 3);
    let mut other = server.koodrive(&["list"]);
    assert_eq!(run(other.env("KOODRIVE_ALBUM_ID", "18")).code, Some(1));
}

#[test]
fn the_demo_is_the_same_album_in_every_run() {
    let demo = || stdout(&["list", "--demo", "--format", "ndjson"]);
    assert_eq!(demo(), demo());
    assert_ne!(stdout(&["list", "1795607640592646401", "--demo", "--format", "ndjson"]), demo());
}

#[test]
fn closing_the_pipe_early_is_not_an_error() {
    for format in ["ndjson", "json", "csv", "table"] {
        let mut child = koodrive(&["list", "--demo=5000", "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0; 100];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut first).unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), stderr.as_str()), (Some(0), ""), "{format}");
    }
}
