//! A listing stopped by Ctrl-C, SIGTERM or a full file is resumed from the token that it printed.

#![cfg(unix)]

use std::{
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread::sleep,
    time::Duration,
};

use assert_cmd::cargo::cargo_bin;
use rustix::{
    io::ioctl_fionread,
    process::{Pid, Signal, kill_process},
};

use crate::support::{Run, Server, as_strs, bare_with, read, resume_arguments, run, stdout};

/// Runs the listing, and signals it at a random point.
fn stopped(server: &Server, arguments: &[String], signal: Signal) -> Run {
    let mut command = server.koodrive(&as_strs(arguments));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = Pid::from_child(&child);
    let is_over = AtomicBool::new(false);
    let output = std::thread::scope(|scope| {
        scope.spawn(|| {
            server.wait_for_some_pages(|| is_over.load(Ordering::Relaxed));
            let _ = kill_process(pid, signal); // it may have ended
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

fn interrupted_parts_equal_a_single_run(format: &str, signal: Signal, code: i32) {
    let server = Server::interruptible(700);
    let list = ["list", "--type", "image", "--limit", "400", "--format", format];
    let mut arguments: Vec<String> = list.map(str::to_owned).into();
    let (mut parts, mut stops) = (String::new(), 0);
    loop {
        let part = stopped(&server, &arguments, signal);
        parts.push_str(&part.stdout);
        if part.code == Some(0) {
            break;
        }
        assert_eq!(part.code, Some(code), "{}", part.stderr);
        if part.stderr.contains("to resume:") {
            stops += 1;
            arguments = resume_arguments(&part.stderr);
        }
    }
    assert!(stops >= 1, "the held reply did not keep the first run from finishing");
    assert!(parts == run(&mut server.koodrive(&list)).stdout, "after {stops} stops");
}

#[test]
fn parts_of_ndjson_equal_a_single_run_after_ctrl_c() {
    interrupted_parts_equal_a_single_run("ndjson", Signal::INT, 130);
}

#[test]
fn parts_of_json_equal_a_single_run_after_sigterm() {
    interrupted_parts_equal_a_single_run("json", Signal::TERM, 143);
}

#[test]
fn parts_of_csv_equal_a_single_run_after_ctrl_c() {
    interrupted_parts_equal_a_single_run("csv", Signal::INT, 130);
}

#[test]
fn parts_of_a_table_equal_a_single_run_after_sigterm() {
    interrupted_parts_equal_a_single_run("table", Signal::TERM, 143);
}

#[test]
fn a_second_signal_ends_a_command_whose_output_nobody_reads() {
    let server = Server::start(|builder| builder.files(5000));
    let mut command = server.koodrive(&["list"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    wait_until_blocked(&mut child);
    let pid = Pid::from_child(&child);
    kill_process(pid, Signal::INT).unwrap();
    sleep(Duration::from_millis(100));
    assert_eq!(child.try_wait().unwrap(), None, "the first signal ended it");
    // Two signals that arrive together count as one, so the second one is sent until it has an effect.
    let status = loop {
        kill_process(pid, Signal::INT).unwrap();
        sleep(Duration::from_millis(20));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
    };
    assert_eq!(status.code(), Some(130));
}

#[test]
fn two_signals_at_once_are_one_request_to_stop() {
    let server = Server::start(|builder| builder.files(5000));
    let mut command = server.koodrive(&["list"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until_blocked(&mut child);
    // As `timeout` does: to the command, then to its process group.
    for _ in 0..2 {
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(143));
    assert!(stderr.contains("to resume:"), "{stderr}");
}

/// Waits for the first output: a whole page, which is more than a pipe holds.
fn wait_until_blocked(child: &mut Child) {
    while ioctl_fionread(child.stdout.as_ref().unwrap()).unwrap() == 0 {
        assert_eq!(child.try_wait().unwrap(), None, "it ended without output");
        sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_file_at_its_size_limit_holds_whole_pages_and_can_be_resumed() {
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
