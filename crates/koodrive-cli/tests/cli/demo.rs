//! The demo's server, and the variables that point a client at it.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use crate::support::{koodrive, run, stdout, steady};

struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts it, and reads the variables that it prints.
fn demo(arguments: &[&str]) -> (Demo, Vec<String>) {
    let mut command = koodrive(&[&["demo"], arguments].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().take(4);
    let lines = lines.map(Result::unwrap).collect();
    (Demo(child), lines)
}

fn pointed_at(lines: &[String], command: &mut Command) {
    for line in lines {
        let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
        command.env(name, value);
    }
}

#[test]
fn it_prints_the_variables_that_point_a_client_at_it() {
    let (_demo, lines) = demo(&["--files", "120"]);
    steady().bind(|| insta::assert_snapshot!(lines.join("\n")));
    let mut list = koodrive(&["list", "--format", "csv"]);
    pointed_at(&lines, &mut list);
    let list = run(&mut list);
    assert_eq!((list.code, list.stderr.as_str()), (Some(0), ""));
    assert_eq!(list.stdout, stdout(&["list", "--demo=120", "--format", "csv"]));
}

#[test]
fn it_listens_on_the_port_that_it_is_given() {
    // The port was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let (_demo, lines) = demo(&["--port", &port]);
    assert_eq!(lines[0], format!("export KOODRIVE_ENDPOINT=http://127.0.0.1:{port}"));
}

#[test]
fn a_port_that_is_taken_is_told_of() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let run = run(&mut koodrive(&["demo", "--port", &port.to_string()]));
    assert_eq!(run.code, Some(1));
    let expected = format!("error: cannot listen on port {port}; omit --port to use a free one");
    assert!(run.stderr.starts_with(&expected), "{}", run.stderr);
}

#[test]
fn it_serves_also_who_reads_not_a_line_of_it() {
    let mut command = koodrive(&["demo"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut demo = Demo(child);
    let mut told = String::new();
    BufReader::new(demo.0.stderr.take().unwrap()).read_line(&mut told).unwrap();
    assert!(told.starts_with("serving 1,000 files on http://"), "{told}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_is_how_it_ends() {
    let (mut demo, _) = demo(&[]);
    let pid = rustix::process::Pid::from_child(&demo.0);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let mut stderr = String::new();
    demo.0.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(demo.0.wait().unwrap().code(), Some(0));
    steady().bind(|| insta::assert_snapshot!(stderr, @"serving 1,000 files on http://127.0.0.1:[port] until Ctrl-C"));
}
