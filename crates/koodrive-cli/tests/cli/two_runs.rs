//! Two runs at a time: on one state, and on one output.

#![cfg(unix)] // elsewhere the holder of a lock cannot be read, and a kill looks like a failure

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use crate::support::{HELD, Run, Server, read, run};

const LIST: [&str; 3] = ["list", "--format", "csv"];

fn command(server: &Server, directory: &Path, files: [&str; 4]) -> Command {
    let mut command = server.koodrive(&LIST);
    command.args(files).current_dir(directory);
    command
}

/// A listing that holds its state and its output, until it is killed.
struct Held(Child);

impl Held {
    /// Starts it, and waits until it does nothing more: it has saved what came, and asked for the page that is held.
    fn start(server: &Server, directory: &Path, files: [&str; 4]) -> Self {
        let mut command = command(server, directory, files);
        let mut held = Self(command.stderr(Stdio::null()).spawn().unwrap());
        let printed = format!("\"printed\": {}", 100 * HELD);
        let has_saved =
            || fs::read_to_string(directory.join("s")).is_ok_and(|s| s.contains(&printed));
        while !has_saved() || server.server.received_cursors().len() <= HELD {
            assert_eq!(held.0.try_wait().unwrap(), None, "it ended");
            sleep(Duration::from_millis(1));
        }
        held
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn contents(directory: &Path) -> Vec<(String, String)> {
    let files = ["s", "o"].map(|name| (name.to_owned(), read(&directory.join(name))));
    files.into()
}

#[test]
fn a_second_run_on_a_state_is_refused_and_names_the_first() {
    let server = Server::interruptible(600);
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let files = ["--state", "s", "--output", "o"];
    let first = Held::start(&server, directory, files);
    symlink("s", directory.join("link")).unwrap();
    let before = contents(directory);
    let requests = server.server.received_cursors().len();
    for state in ["s", "./s", "link"] {
        let second = run(&mut command(&server, directory, ["--state", state, "--output", "other"]));
        assert_eq!((second.code, second.stdout.as_str()), (Some(2), ""), "{}", second.stderr);
        let holder = format!("{state} is in use by another koodrive (pid {}, ", first.0.id());
        assert!(second.stderr.contains(&holder), "{}", second.stderr);
    }
    assert!(contents(directory) == before, "a file was changed");
    assert!(!directory.join("other").exists());
    assert_eq!(server.server.received_cursors().len(), requests, "the second run sent a request");

    drop(first);
    let last = run(&mut command(&server, directory, files));
    assert_eq!((last.code, last.stderr.as_str()), (Some(0), ""));
    assert!(read(&directory.join("o")) == run(&mut server.koodrive(&LIST)).stdout);
    let left: Vec<_> =
        fs::read_dir(directory).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "the lock was left behind: {left:?}");
}

#[test]
fn a_second_run_on_an_output_is_refused() {
    let server = Server::interruptible(600);
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let _first = Held::start(&server, directory, ["--state", "s", "--output", "o"]);
    let before = contents(directory);
    let second = run(&mut command(&server, directory, ["--state", "t", "--output", "o"]));
    assert_eq!((second.code, second.stdout.as_str()), (Some(2), ""), "{}", second.stderr);
    assert!(second.stderr.contains("o is in use by another koodrive"), "{}", second.stderr);
    assert!(contents(directory) == before, "a file was changed");
    assert!(!directory.join("t").exists());
}

#[test]
fn two_runs_at_once_equal_a_single_run_or_are_refused() {
    let server = Server::start(|builder| builder.files(600).page_delay(Duration::from_millis(20)));
    let whole = run(&mut server.koodrive(&LIST)).stdout;
    for _ in 0..5 {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        let start = || {
            sleep(Duration::from_micros(fastrand::u64(0..100_000)));
            let mut command = command(&server, directory, ["--state", "s", "--output", "o"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let both = [start(), start()];
        let both = both.map(|child| Run::of(child.wait_with_output().unwrap()));
        for run in &both {
            let has_ended = run.code == Some(0) && !run.stderr.contains("in use");
            let is_refused = run.code == Some(2) && run.stderr.contains("in use");
            assert!(has_ended || is_refused, "{run:?}");
        }
        assert!(both.iter().any(|run| run.code == Some(0)), "{both:?}");
        assert!(read(&directory.join("o")) == whole);
    }
}
