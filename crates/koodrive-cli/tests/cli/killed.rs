//! Killed at any moment, gone on by `--state`, and nothing lost or printed twice.

#![cfg(unix)] // elsewhere a kill cannot be told from a failure

use std::{
    fs::File,
    path::Path,
    process::{Command, Stdio},
};

use crate::support::{Server, read, run};

/// Kills it in its middle, unless it was faster; whether it came to its end.
fn is_done_before_killed(server: &Server, command: &mut Command) -> bool {
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    server.wait_for_some_pages(|| child.try_wait().unwrap().is_some());
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert!(status.success() || status.code().is_none(), "{status}");
    status.success()
}

/// Starts it again and again until it is done; how often it was killed.
fn until_done(server: &Server, mut command: impl FnMut() -> Command) -> usize {
    (0..100).take_while(|_| !is_done_before_killed(server, &mut command())).count()
}

fn appended(path: &Path) -> File {
    File::options().append(true).create(true).open(path).unwrap()
}

fn an_output_file_is_whole(format: &str) {
    let server = Server::slow(600);
    let directory = tempfile::tempdir().unwrap();
    let kills = until_done(&server, || {
        let mut command = server.koodrive(&["list", "--format", format]);
        command.args(["--state", "s", "--output", "o"]).current_dir(directory.path());
        command
    });
    assert!((1..100).contains(&kills), "killed {kills} times");
    let whole = run(&mut server.koodrive(&["list", "--format", format])).stdout;
    assert!(read(&directory.path().join("o")) == whole, "after {kills} kills");
}

#[test]
fn an_output_file_in_ndjson_is_what_it_is_without_kills() {
    an_output_file_is_whole("ndjson");
}

#[test]
fn an_output_file_in_json_is_what_it_is_without_kills() {
    an_output_file_is_whole("json");
}

#[test]
fn an_output_file_in_csv_is_what_it_is_without_kills() {
    an_output_file_is_whole("csv");
}

#[test]
fn an_output_file_with_a_table_is_what_it_is_without_kills() {
    an_output_file_is_whole("table");
}

#[test]
fn so_is_standard_output_that_was_redirected_to_be_appended_to() {
    let server = Server::slow(600);
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("o");
    std::fs::write(&output, "what was there before\n").unwrap();
    let kills = until_done(&server, || {
        let mut command = server.koodrive(&["list", "--format", "json", "--state", "s"]);
        command.current_dir(directory.path()).stdout(appended(&output));
        command
    });
    assert!((1..100).contains(&kills), "killed {kills} times");
    let whole = run(&mut server.koodrive(&["list", "--format", "json"])).stdout;
    assert!(read(&output) == format!("what was there before\n{whole}"), "after {kills} kills");
}
