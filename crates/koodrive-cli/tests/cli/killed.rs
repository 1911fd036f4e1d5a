//! Killed at any moment, gone on by `--state`, and nothing lost or printed twice.

use std::{
    fs::File,
    path::Path,
    process::{Command, Stdio},
};

use crate::support::{Server, read, run};

/// Kills it in its middle, unless it was faster; whether it came to its end.
fn is_done_before_killed(server: &Server, command: &mut Command) -> bool {
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    server.wait_for_some_pages();
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

#[test]
fn an_output_file_is_the_same_as_of_a_listing_that_was_not_killed() {
    let server = Server::slow(800);
    for format in ["ndjson", "json", "csv", "table"] {
        let directory = tempfile::tempdir().unwrap();
        let list = || {
            let mut command = server.koodrive(&["list", "--format", format]);
            command.args(["--state", "s", "--output", "o"]).current_dir(directory.path());
            command
        };
        let kills = until_done(&server, list);
        assert!((2..100).contains(&kills), "{format}: killed {kills} times");
        let whole = run(&mut server.koodrive(&["list", "--format", format])).stdout;
        assert!(read(&directory.path().join("o")) == whole, "{format}: after {kills} kills");
    }
}

#[cfg(unix)]
#[test]
fn so_is_standard_output_that_was_redirected_to_be_appended_to() {
    let server = Server::slow(800);
    for format in ["json", "csv"] {
        let directory = tempfile::tempdir().unwrap();
        let output = directory.path().join("o");
        std::fs::write(&output, "what was there before\n").unwrap();
        let list = || {
            let mut command = server.koodrive(&["list", "--format", format, "--state", "s"]);
            command.current_dir(directory.path()).stdout(appended(&output));
            command
        };
        let kills = until_done(&server, list);
        assert!((2..100).contains(&kills), "{format}: killed {kills} times");
        let whole = run(&mut server.koodrive(&["list", "--format", format])).stdout;
        assert!(read(&output) == format!("what was there before\n{whole}"), "{format}");
    }
}
