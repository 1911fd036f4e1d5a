//! The demo server, and the variables that point a client at it.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::TcpListener,
    process::{Child, Command, Stdio},
};

#[cfg(unix)]
use crate::support::bare_with;
use crate::support::{koodrive, run, stdout, steady};

struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the demo, and reads the variables that it prints. There are none if it cannot start.
fn demo(arguments: &[&str]) -> (Demo, Vec<String>) {
    demo_of_lines(arguments, 4)
}

fn demo_of_lines(arguments: &[&str], count: usize) -> (Demo, Vec<String>) {
    let mut command = koodrive(&[&["demo"], arguments].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().take(count);
    let lines = lines.map(Result::unwrap).collect();
    (Demo(child), lines)
}

fn set_variables(lines: &[String], command: &mut Command) {
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
    set_variables(&lines, &mut list);
    let list = run(&mut list);
    assert_eq!((list.code, list.stderr.as_str()), (Some(0), ""));
    assert_eq!(list.stdout, stdout(&["list", "--demo=120", "--format", "csv"]));
}

#[cfg(unix)]
#[test]
fn the_other_ways_that_it_prints_work() {
    let (_demo, lines) = demo_of_lines(&["--files", "120"], 8);
    let state = tempfile::tempdir().unwrap();
    let koodrive = assert_cmd::cargo::cargo_bin("koodrive");
    let koodrive = koodrive.to_str().unwrap();
    let run_with = |way: &str, last: &str| {
        let script = format!("{}\n{way}\n{last}", lines[..4].join("\n"));
        let mut command = bare_with(Command::new("sh"));
        command.args(["-c", &script.replace("koodrive l", &format!("{koodrive} l"))]);
        run(command.env("XDG_STATE_HOME", state.path()))
    };
    for line in &lines[4..7] {
        let (what, way) = line.strip_prefix("# ").unwrap().split_once(": ").unwrap();
        let listed = run_with(way, "koodrive list -f csv");
        assert_eq!(
            (listed.code, listed.stdout.lines().count()),
            (Some(0), 121),
            "{what}: {}",
            listed.stderr
        );
    }
    let has_curl = Command::new("curl").arg("--version").output().is_ok();
    let curl = lines[7].strip_prefix("# Without a client: ").unwrap();
    assert!(!has_curl || run_with(curl, "").stdout.contains(r#""contentList":[{"#));
}

#[test]
fn its_links_lead_to_files() {
    let (_demo, lines) = demo(&["--files", "120"]);
    let directory = tempfile::tempdir().unwrap();
    let mut get = koodrive(&["get", "Demo album", "*.jpg"]);
    set_variables(&lines, &mut get);
    let fetched = run(get.current_dir(directory.path()));
    assert_eq!(fetched.code, Some(0), "{}", fetched.stderr);
    assert!(fetched.stdout.lines().count() > 10, "{}", fetched.stderr);
}

#[test]
fn it_listens_on_the_port_that_it_is_given() {
    // Another process may take the port between its release and the start of the demo.
    for _ in 0..20 {
        let port = free_port();
        let (_demo, lines) = demo(&["--port", &port]);
        if let Some(endpoint) = lines.first() {
            assert_eq!(*endpoint, format!("export KOODRIVE_ENDPOINT=http://127.0.0.1:{port}"));
            return;
        }
    }
    panic!("the demo listened on none of 20 free ports");
}

fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port().to_string()
}

#[test]
fn a_port_in_use_is_reported() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let run = run(&mut koodrive(&["demo", "--port", &port.to_string()]));
    assert_eq!(run.code, Some(1));
    let expected = format!("error: cannot listen on port {port}; omit --port to use a free one");
    assert!(run.stderr.starts_with(&expected), "{}", run.stderr);
}

#[test]
fn it_keeps_serving_after_stdout_closes() {
    let mut command = koodrive(&["demo"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut demo = Demo(child);
    let mut line = String::new();
    BufReader::new(demo.0.stderr.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("serving 1,000 files on http://"), "{line}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_with_success() {
    let (mut demo, _) = demo(&[]);
    let pid = rustix::process::Pid::from_child(&demo.0);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let mut stderr = String::new();
    demo.0.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(demo.0.wait().unwrap().code(), Some(0));
    steady().bind(|| insta::assert_snapshot!(stderr, @"serving 1,000 files on http://127.0.0.1:[port] until Ctrl-C"));
}

#[test]
fn every_command_counts_spans_from_the_demos_day() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    let plan = ["sync", "--demo=5", "Demo album", folder, "--since", "2d", "--dry-run"];
    let found = run(&mut koodrive(&plan));
    assert!(found.stderr.contains("would fetch 5 files"), "{}", found.stderr);
    let small =
        ["get", "--demo", "Demo album", "--since", "30d", "--smaller", "100K", "-o", folder];
    let found = run(&mut koodrive(&small));
    assert_eq!(found.code, Some(0), "{}", found.stderr);
}
