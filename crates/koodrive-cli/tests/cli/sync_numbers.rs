//! What a run over a large copy costs. Run them in release:
//! `cargo test --release -p koodrive-cli --test cli -- --ignored --nocapture --test-threads 1 sync_numbers`

#![cfg(target_os = "linux")]
#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

use std::{
    fs::{self, File},
    path::Path,
    process::Stdio,
    thread::sleep,
    time::{Duration, Instant, SystemTime},
};

use serde_json::Value;

use crate::support::{Server, run};

fn sync(server: &Server, folder: &Path, arguments: &[&str]) -> String {
    let (album, folder) = (server.server.album_id(), folder.to_str().unwrap());
    let run = run(&mut server.koodrive(&[&["sync", album, folder], arguments].concat()));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.stderr
}

/// A copy of which no file holds a byte on the disk: their sizes suffice to recognise them.
fn hollow_copy(server: &Server, folder: &Path) {
    let report = folder.with_extension("ndjson");
    let plan = ["--dry-run", "--report", report.to_str().unwrap()];
    sync(server, folder, &plan);
    for line in fs::read_to_string(&report).unwrap().lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let path = folder.join(event["path"].as_str().unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(path).unwrap().set_len(event["bytes"].as_u64().unwrap()).unwrap();
    }
    sync(server, folder, &[]);
}

/// What a command cost.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    wall: Duration,
    /// Of the processor, which other work on the machine does not change.
    cpu: Duration,
    /// The most memory that it had, in bytes.
    memory: u64,
}

/// Runs a command to its end.
fn measured(server: &Server, arguments: &[&str]) -> Cost {
    let mut command = server.koodrive(arguments);
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut cost = Cost::default();
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        cost.memory = kilobytes.map_or(cost.memory, |kilobytes: u64| kilobytes * 1024);
        cost.cpu = cpu(child.id()).unwrap_or(cost.cpu).max(cost.cpu);
        sleep(Duration::from_millis(1));
    }
    Cost { wall: start.elapsed(), ..cost }
}

/// The time of the processor that a process had so far: the 14th and the 15th field, in hundredths of a second.
fn cpu(process: u32) -> Option<Duration> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let ticks = text.rsplit_once(')')?.1.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.map(|ticks| ticks.parse().unwrap_or(0)).sum();
    Some(Duration::from_millis(ticks * 10))
}

#[test]
#[ignore = "takes a minute"]
fn a_second_run_over_many_files_costs_a_listing_and_little_memory() {
    let mut peaks = Vec::new();
    for files in [1_000, 100_000] {
        let server = Server::start(|builder| builder.files(files));
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy");
        hollow_copy(&server, &copy);
        let album = server.server.album_id();
        let manifest = copy.join(".koodrive/manifest.ndjson");
        let old = SystemTime::UNIX_EPOCH;
        File::options().write(true).open(&manifest).unwrap().set_modified(old).unwrap();

        let listed = measured(&server, &["list", album, "--format", "ndjson"]);
        let before = server.server.received_cursors().len();
        let cost = measured(&server, &["sync", album, copy.to_str().unwrap(), "--quiet"]);

        let requests = server.server.received_cursors().len() - before;
        let gets = server.server.received_downloads().len();
        let beyond = cost.wall.saturating_sub(listed.wall);
        println!(
            "{files} files: {requests} requests, {gets} GETs, {beyond:?} beyond a listing; {cost:?}"
        );
        assert_eq!((requests as u64, gets), (files / 100, 0));
        assert_eq!(fs::metadata(&manifest).unwrap().modified().unwrap(), old, "it was written");
        assert!(cost.cpu <= listed.cpu + Duration::from_secs(2), "{cost:?}, and {listed:?}");
        peaks.push(cost.memory);
    }
    let each = (peaks[1] - peaks[0]) / 99_000;
    println!("{each} bytes a file");
    assert!(each <= 200, "{each} bytes a file");
}
