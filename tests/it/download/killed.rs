//! Downloads that stop at random moments, again and again, until one ends: the final name is never that of a
//! wrong file, and little is fetched twice.

use std::env;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use koodrive::AlbumContent;
use koodrive_testing::AlbumServer;
use tokio::process::Command;
use tokio::time::{sleep, timeout};

use super::{Target, content, eager, listed, picture, ranges, serving};
use crate::support::{client_of, until};

const SIZE: usize = 2_000_000;

const FILE: &str = "KOODRIVE_TEST_DOWNLOAD_FILE";
const ENDPOINT: &str = "KOODRIVE_TEST_DOWNLOAD_ENDPOINT";
const TARGET: &str = "KOODRIVE_TEST_DOWNLOAD_TARGET";

async fn slow_server() -> AlbumServer {
    serving(picture(SIZE)).download_rate(8_000_000).start().await
}

/// Each range begins where the part ended, so an earlier one never begins later.
fn assert_only_forwards(server: &AlbumServer) {
    let starts: Vec<u64> = ranges(server).into_iter().map(Option::unwrap_or_default).collect();
    assert!(starts.is_sorted(), "{starts:?}");
}

/// Drops the download at this many random moments.
async fn drop_downloads(mut points: usize) {
    while points > 0 {
        let server = slow_server().await;
        let (client, target) = (eager(&server), Target::new());
        let file = listed(&client).await;
        loop {
            let pause = Duration::from_millis(fastrand::u64(..200));
            match timeout(pause, client.download(&file).to_path(&target.path)).await {
                Ok(Ok(_)) => break,
                // It was dropped while a thread gave the whole file its name.
                Ok(Err(_)) | Err(_) if target.path.exists() => break,
                Ok(Err(error)) => panic!("{error}"),
                Err(_) => points = points.saturating_sub(1),
            }
        }
        until(|| target.names().len() == 1).await;
        target.assert_holds(&content(SIZE));
        assert_only_forwards(&server);
    }
}

#[tokio::test]
async fn a_download_dropped_at_random_moments_leaves_no_wrong_file() {
    drop_downloads(20).await;
}

#[tokio::test]
#[ignore = "takes minutes"]
async fn a_download_dropped_at_1_000_random_moments_leaves_no_wrong_file() {
    drop_downloads(1_000).await;
}

/// Kills the process of a download at this many random moments.
async fn kill_downloads(mut points: usize) {
    let server = slow_server().await;
    let file = listed(&server.client()).await;
    while points > 0 {
        let target = Target::new();
        loop {
            let mut child = child(&server, &file, &target.path);
            let pause = Duration::from_millis(fastrand::u64(..400));
            let ended = tokio::select! {
                status = child.wait() => Some(status.unwrap()),
                () = sleep(pause) => None,
            };
            match ended {
                Some(status) => break assert!(status.success(), "{status}"),
                None => child.kill().await.unwrap(), // SIGKILL
            }
            if target.path.exists() {
                break; // between the rename and the end of the process
            }
            points = points.saturating_sub(1);
        }
        assert!(std::fs::read(&target.path).unwrap() == content(SIZE), "another content");
    }
}

#[tokio::test]
async fn a_download_killed_at_random_moments_leaves_no_wrong_file() {
    kill_downloads(10).await;
}

#[tokio::test]
#[ignore = "takes minutes"]
async fn a_download_killed_at_1_000_random_moments_leaves_no_wrong_file() {
    kill_downloads(1_000).await;
}

#[tokio::test]
async fn a_full_disk_is_an_error_after_which_the_part_is_continued() {
    const MOST: u64 = 1_000 * 512;
    let server = slow_server().await;
    let (client, target) = (eager(&server), Target::new());
    let file = listed(&client).await;
    // No file may be longer, and going on fails as on a full disk.
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 1000; exec \"$0\" \"$@\""]);
    shell.arg(env::current_exe().unwrap());

    let output = downloading(shell, &server, &file, &target.path).output().await.unwrap();

    assert!(!output.status.success());
    let output = String::from_utf8(output.stdout).unwrap();
    assert!(output.contains("value: cannot write "), "{output}");
    target.assert_holds_a_part();
    let downloaded = client.download(&file).to_path(&target.path).await.unwrap();
    target.assert_holds(&content(SIZE));
    assert!((1..=2 * MOST).contains(&downloaded.resumed_from), "{downloaded:?}");
}

fn child(server: &AlbumServer, file: &AlbumContent, target: &Path) -> tokio::process::Child {
    let child = Command::new(env::current_exe().unwrap());
    downloading(child, server, file, target).stdout(Stdio::null()).spawn().unwrap()
}

fn downloading(
    mut child: Command,
    server: &AlbumServer,
    file: &AlbumContent,
    target: &Path,
) -> Command {
    child.args(["a_process_that_downloads_a_file", "--ignored"]);
    child.env(ENDPOINT, server.uri()).env(FILE, serde_json::to_string(file).unwrap());
    child.env(TARGET, target).kill_on_drop(true);
    child
}

#[tokio::test]
#[ignore = "run by other tests in a separate process"]
async fn a_process_that_downloads_a_file() {
    let Ok(endpoint) = env::var(ENDPOINT) else { return };
    let file: AlbumContent = serde_json::from_str(&env::var(FILE).unwrap()).unwrap();
    let client = client_of(&endpoint).build().unwrap();
    client.download(&file).to_path(env::var(TARGET).unwrap()).await.unwrap();
}
