//! A listing killed at any moment and resumed with `--state` loses nothing and prints nothing twice.

#![cfg(unix)] // elsewhere a kill looks like a failure

use std::{
    fs::File,
    path::Path,
    process::{Command, Stdio},
};

use crate::support::{Server, read, run};

/// Kills the listing at a random point; returns true if it was complete before.
fn is_done_before_killed(server: &Server, command: &mut Command) -> bool {
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    server.wait_for_some_pages(|| child.try_wait().unwrap().is_some());
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert!(status.success() || status.code().is_none(), "{status}");
    status.success()
}

/// Runs the listing until it is complete, killing it up to 20 times. Checks that it was killed at least once.
fn finish_despite_kills(server: &Server, mut command: impl FnMut() -> Command) {
    let kills = (0..20).take_while(|_| !is_done_before_killed(server, &mut command())).count();
    assert!(kills >= 1, "the held reply did not keep the first run from finishing");
    let last = run(&mut command());
    assert_eq!(last.code, Some(0), "after {kills} kills: {}", last.stderr);
}

fn appended(path: &Path) -> File {
    File::options().append(true).create(true).open(path).unwrap()
}

fn killed_listings_equal_a_single_run(format: &str) {
    let server = Server::interruptible(600);
    let directory = tempfile::tempdir().unwrap();
    finish_despite_kills(&server, || {
        let mut command = server.koodrive(&["list", "--format", format]);
        command.args(["--state", "s", "--output", "o"]).current_dir(directory.path());
        command
    });
    let whole = run(&mut server.koodrive(&["list", "--format", format])).stdout;
    assert!(read(&directory.path().join("o")) == whole);
}

#[test]
fn an_ndjson_file_is_the_same_as_without_kills() {
    killed_listings_equal_a_single_run("ndjson");
}

#[test]
fn a_json_file_is_the_same_as_without_kills() {
    killed_listings_equal_a_single_run("json");
}

#[test]
fn a_csv_file_is_the_same_as_without_kills() {
    killed_listings_equal_a_single_run("csv");
}

#[test]
fn a_table_file_is_the_same_as_without_kills() {
    killed_listings_equal_a_single_run("table");
}

#[test]
fn output_redirected_with_append_is_the_same_as_without_kills() {
    let server = Server::interruptible(600);
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("o");
    std::fs::write(&output, "earlier content\n").unwrap();
    finish_despite_kills(&server, || {
        let mut command = server.koodrive(&["list", "--format", "json", "--state", "s"]);
        command.current_dir(directory.path()).stdout(appended(&output));
        command
    });
    let whole = run(&mut server.koodrive(&["list", "--format", "json"])).stdout;
    assert!(read(&output) == format!("earlier content\n{whole}"));
}

/// Kills listings at random, over all formats, and resumes each until it is complete.
fn kill_at_random(times: usize) {
    let mut kills = 0;
    for format in ["ndjson", "json", "csv", "table"].into_iter().cycle() {
        if kills >= times {
            break;
        }
        let server = Server::interruptible(900);
        let directory = tempfile::tempdir().unwrap();
        let command = || {
            let mut command = server.koodrive(&["list", "--format", format]);
            command.args(["--state", "s", "--output", "o"]).current_dir(directory.path());
            command
        };
        while kills < times && !is_done_before_killed(&server, &mut command()) {
            kills += 1;
        }
        let last = run(&mut command());
        assert_eq!(last.code, Some(0), "{format}: {}", last.stderr);
        let whole = run(&mut server.koodrive(&["list", "--format", format])).stdout;
        assert!(read(&directory.path().join("o")) == whole, "{format}, after {kills} kills");
    }
}

#[test]
fn twenty_kills_at_random_lose_and_repeat_nothing() {
    kill_at_random(20);
}

#[test]
#[ignore = "takes a minute; `cargo test -p koodrive-cli -- --ignored` runs it"]
fn two_hundred_kills_at_random_lose_and_repeat_nothing() {
    kill_at_random(200);
}
