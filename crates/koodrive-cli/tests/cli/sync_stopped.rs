//! Copies that are stopped by Ctrl-C, or killed at any moment: a name is always a whole file, and another run makes
//! the copy complete.

#![cfg(unix)] // elsewhere a kill looks like a failure

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Child, Stdio},
    thread::sleep,
    time::Duration,
};

use koodrive_testing::AlbumFile;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Server, koodrive, run};

const ALBUM: &str = "1795607640592646401";
const FILES: u64 = 12;
const SIZE: usize = 600_000;
/// What a download writes at a time.
const BATCH: u64 = 128 * 1024;

fn content(n: u64) -> Vec<u8> {
    let mut bytes = vec![0; SIZE + usize::try_from(n).unwrap()];
    fastrand::Rng::with_seed(n).fill(&mut bytes);
    bytes[0] = 0xff;
    bytes
}

/// So slow that the storage has never sent much more than was read.
fn server() -> Server {
    let file =
        |n| AlbumFile::new(format!("F{n}")).file_name(format!("{n}.bin")).content(content(n));
    Server::start(|builder| builder.album(ALBUM, (0..FILES).map(file)).download_rate(5_000_000))
}

fn start(server: &Server, folder: &Path) -> Child {
    let mut command = server.koodrive(&["sync", ALBUM, folder.to_str().unwrap()]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn wait_for_downloads(server: &Server, count: usize) {
    while server.server.received_downloads().len() < count {
        sleep(Duration::from_millis(1));
    }
}

/// Panics if a name is not a whole file.
fn whole_files(folder: &Path, contents: &BTreeMap<String, Vec<u8>>) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names: Vec<_> = names.filter(|name| !name.starts_with('.')).collect();
    for name in &names {
        assert!(fs::read(folder.join(name)).unwrap() == contents[name], "{name} is wrong");
    }
    names.len()
}

#[test]
fn the_first_signal_ends_a_run_in_order_and_another_run_continues() {
    let contents = (0..FILES).map(|n| (format!("{n}.bin"), content(n))).collect();
    for (signal, times, code) in
        [(Signal::INT, 1, 130), (Signal::INT, 2, 130), (Signal::TERM, 1, 143)]
    {
        let (server, folder) = (server(), tempfile::tempdir().unwrap());
        let mut child = start(&server, folder.path());
        wait_for_downloads(&server, 3);
        for _ in 0..times {
            let _ = kill_process(Pid::from_child(&child), signal);
        }
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert!(whole_files(folder.path(), &contents) < contents.len());

        let last = run(&mut server.koodrive(&["sync", ALBUM, folder.path().to_str().unwrap()]));
        assert_eq!(last.code, Some(0), "{}", last.stderr);
        assert_eq!(whole_files(folder.path(), &contents), contents.len());
    }
}

/// Sends a signal, and again as long as `is_again`, until the process ends. Returns its exit code; `None` if it
/// works on for a minute, which is no time for a terabyte.
fn stop(child: &mut Child, signal: Signal, is_again: bool) -> Option<i32> {
    kill_process(Pid::from_child(child), signal).unwrap();
    for _ in 0..1_200 {
        sleep(Duration::from_millis(50));
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if is_again {
            kill_process(Pid::from_child(child), signal).unwrap();
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    None
}

/// By then, it handles signals.
fn wait_for_the_lock_of(child: &mut Child, folder: &Path) {
    let (lock, holder) = (folder.join(".koodrive/lock"), format!("process {} since", child.id()));
    while !fs::read_to_string(&lock).is_ok_and(|text| text.starts_with(&holder)) {
        assert_eq!(child.try_wait().unwrap(), None);
        sleep(Duration::from_millis(1));
    }
}

/// A copy of one file that takes an hour to hash.
fn copy_of_a_terabyte() -> (Server, tempfile::TempDir) {
    const TERABYTE: u64 = 1 << 40;
    let folder = tempfile::tempdir().unwrap();
    let file = AlbumFile::new("F1").file_name("sea.bin").content("\u{ff}sea");
    let server = Server::start(|builder| builder.album(ALBUM, [file]));
    run(&mut server.koodrive(&["sync", ALBUM, folder.path().to_str().unwrap()]));
    let file = fs::File::options().write(true).open(folder.path().join("sea.bin")).unwrap();
    file.set_len(TERABYTE).unwrap();
    let manifest = folder.path().join(".koodrive/manifest.ndjson");
    let lines = fs::read_to_string(&manifest).unwrap();
    let size = format!("\"file\":{{\"size\":{}", "\u{ff}sea".len());
    assert!(lines.contains(&size), "{lines}");
    let lines = lines.replace(&size, &format!("\"file\":{{\"size\":{TERABYTE}"));
    fs::write(manifest, lines).unwrap();
    (server, folder)
}

#[test]
fn verify_stops_at_the_first_signal() {
    let (_, folder) = copy_of_a_terabyte();
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut child = koodrive(&["verify", folder.path().to_str().unwrap()]).spawn().unwrap();
        wait_for_the_lock_of(&mut child, folder.path());
        assert_eq!(stop(&mut child, signal, false), Some(code));
    }
}

#[test]
fn the_second_signal_ends_a_run_at_once_whatever_it_is_doing() {
    let (server, folder) = copy_of_a_terabyte();
    let mut child = start(&server, folder.path());
    wait_for_the_lock_of(&mut child, folder.path());
    sleep(Duration::from_millis(300)); // by now, a digest is most likely under way
    assert_eq!(stop(&mut child, Signal::INT, true), Some(130));
}

/// Kills copies at random moments, and brings each to its end. Returns how many bytes were fetched twice, in how many
/// transfers that were cut off.
fn kill_at_random(kills: u64) -> (u64, u64) {
    let contents = (0..FILES).map(|n| (format!("{n}.bin"), content(n))).collect();
    let size: u64 = (0..FILES).map(|n| content(n).len() as u64).sum();
    let (mut killed, mut twice, mut transfers) = (0, 0, 0);
    while killed < kills {
        let (server, folder) = (server(), tempfile::tempdir().unwrap());
        while killed < kills {
            let mut child = start(&server, folder.path());
            sleep(Duration::from_micros(fastrand::u64(..400_000)));
            child.kill().unwrap();
            let status = child.wait().unwrap();
            whole_files(folder.path(), &contents);
            if status.success() {
                break;
            }
            killed += 1;
        }
        let last = run(&mut server.koodrive(&["sync", ALBUM, folder.path().to_str().unwrap()]));
        assert_eq!(last.code, Some(0), "after {killed} kills: {}", last.stderr);
        assert_eq!(whole_files(folder.path(), &contents), contents.len());
        let found = run(&mut koodrive(&["verify", folder.path().to_str().unwrap()]));
        assert_eq!((found.code, &*found.stdout), (Some(0), ""), "{}", found.stderr);

        let downloads = server.server.received_downloads();
        let sent: u64 = downloads.iter().map(koodrive_testing::ReceivedDownload::bytes_sent).sum();
        // A transfer that was not cut off is the last of its file.
        transfers += downloads.len() as u64 - FILES;
        twice += sent.saturating_sub(size);
    }
    (twice, transfers)
}

#[test]
fn twenty_kills_at_random_lose_nothing() {
    kill_at_random(20);
}

/// `cargo test --release -p koodrive-cli --test cli -- --ignored --nocapture a_thousand_kills`
#[test]
#[ignore = "takes minutes, and its figure needs an idle machine: what the kernel holds counts as fetched"]
#[allow(clippy::print_stdout, reason = "the figures are what it is for")]
fn a_thousand_kills_at_random_lose_nothing_and_little_is_fetched_twice() {
    let (twice, transfers) = kill_at_random(1_000);
    println!("{transfers} transfers were cut off: {twice} bytes were fetched twice");
    assert!(twice <= BATCH * transfers, "{twice} bytes twice, in {transfers} transfers");
}
