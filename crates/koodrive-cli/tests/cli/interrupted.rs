//! Stopped by Ctrl-C, by SIGTERM or by a file that can grow no more, and gone on from the token that was
//! printed.

#![cfg(unix)]

use std::{
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread::sleep,
    time::Duration,
};

use assert_cmd::cargo::cargo_bin;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Run, Server, as_strs, bare_with, read, resume_arguments, run, stdout};

/// Runs it, and tells it to stop in its middle.
fn stopped(server: &Server, words: &[String], signal: Signal) -> Run {
    let mut command = server.koodrive(&as_strs(words));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = Pid::from_child(&child);
    let is_over = AtomicBool::new(false);
    let output = std::thread::scope(|scope| {
        scope.spawn(|| {
            server.wait_for_some_pages(|| is_over.load(Ordering::Relaxed));
            let _ = kill_process(pid, signal); // it may be over
        });
        let output = child.wait_with_output().unwrap();
        is_over.store(true, Ordering::Relaxed);
        output
    });
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn the_parts_are_the_whole(format: &str, signal: Signal, code: i32) {
    let server = Server::slow(700);
    let arguments = ["list", "--type", "image", "--limit", "400", "--format", format];
    let whole = run(&mut server.koodrive(&arguments)).stdout;
    let mut words: Vec<String> = arguments.map(str::to_owned).into();
    let (mut parts, mut stops) = (String::new(), 0);
    loop {
        let part = stopped(&server, &words, signal);
        parts.push_str(&part.stdout);
        if part.code == Some(0) {
            break;
        }
        assert_eq!(part.code, Some(code), "{}", part.stderr);
        if part.stderr.contains("to resume:") {
            stops += 1;
            words = resume_arguments(&part.stderr);
        }
    }
    assert!(parts == whole, "after {stops} stops");
    assert!(stops >= 1, "it was never stopped in its middle");
}

#[test]
fn the_parts_of_ndjson_are_the_whole_after_ctrl_c() {
    the_parts_are_the_whole("ndjson", Signal::INT, 130);
}

#[test]
fn the_parts_of_json_are_the_whole_after_sigterm() {
    the_parts_are_the_whole("json", Signal::TERM, 143);
}

#[test]
fn the_parts_of_csv_are_the_whole_after_ctrl_c() {
    the_parts_are_the_whole("csv", Signal::INT, 130);
}

#[test]
fn the_parts_of_a_table_are_the_whole_after_sigterm() {
    the_parts_are_the_whole("table", Signal::TERM, 143);
}

#[test]
fn a_second_signal_ends_what_nobody_reads() {
    let server = Server::start(|builder| builder.files(5000));
    let mut command = server.koodrive(&["list"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    sleep(Duration::from_millis(400)); // by now the pipe is full
    let pid = Pid::from_child(&child);
    kill_process(pid, Signal::INT).unwrap();
    sleep(Duration::from_millis(100));
    assert_eq!(child.try_wait().unwrap(), None, "it did not wait for its reader");
    kill_process(pid, Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn a_file_that_can_grow_no_more_holds_whole_pages_and_the_resume_arguments_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let script =
        format!("trap '' XFSZ; ulimit -f 128; exec {} \"$@\" > o", cargo_bin("koodrive").display());
    let list = ["list", "--demo=1000", "--format", "csv"];
    let mut command = bare_with(Command::new("sh"));
    command.args(["-c", &script, "sh"]).args(list).current_dir(directory.path());
    let first = run(&mut command);
    assert_eq!(first.code, Some(1));
    assert!(first.stderr.contains("cannot write the listing"), "{}", first.stderr);
    let part = read(&directory.path().join("o"));
    assert!(part.lines().count() > 1, "{part}");
    let rest = stdout(&as_strs(&resume_arguments(&first.stderr)));
    assert!(part + &rest == stdout(&list));
}
