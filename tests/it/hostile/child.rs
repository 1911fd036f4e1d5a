//! A client in a separate process, to test what belongs to a whole process: its memory and its
//! environment.

use std::{env, fs, iter::from_fn, time::Duration};

use futures::TryStreamExt as _;
use koodrive::{ClientBuilder, Error, RetryPolicy, Timeouts};
use tokio::process::Command;

use crate::support::{ALBUM, client_of};

const ENDPOINT: &str = "KOODRIVE_TEST_CHILD_ENDPOINT";
/// The read timeout in milliseconds.
pub(super) const READ: &str = "KOODRIVE_TEST_CHILD_READ";
/// If set, all file descriptors are used up before the first request.
pub(super) const HOARD: &str = "KOODRIVE_TEST_CHILD_HOARD";

/// The outcome of a process.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The number of files listed, or the error.
    pub(super) result: String,
    /// The peak memory in KiB.
    pub(super) peak: usize,
}

/// Runs [`a_client_that_lists_an_album`] in a process with these variables.
pub(super) async fn list(endpoint: &str, variables: &[(&str, &str)]) -> Outcome {
    let mut child = Command::new("sh");
    child.args(["-c", r#"ulimit -n 256; exec "$0" "$@""#]).arg(env::current_exe().unwrap());
    child.args(["a_client_that_lists_an_album", "--ignored", "--nocapture"]);
    child.env(ENDPOINT, endpoint).envs(variables.iter().copied()).kill_on_drop(true);
    let output = child.output().await.unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let said = |what| output.lines().find_map(|line| line.strip_prefix(what));
    Outcome {
        result: said("result: ").unwrap_or_else(|| panic!("{output}")).to_owned(),
        peak: said("peak: ").unwrap().parse().unwrap(),
    }
}

#[tokio::test]
#[ignore = "run by other tests in a separate process"]
async fn a_client_that_lists_an_album() {
    let Ok(endpoint) = env::var(ENDPOINT) else { return };
    let read = env::var(READ).map_or(15_000, |millis| millis.parse().unwrap());
    let timeouts = Timeouts::default().read(Duration::from_millis(read));
    let retry = RetryPolicy::default().max_attempts(2);
    let client = client_of(&endpoint).retry(retry).timeouts(timeouts);
    let listed = files(client).await;
    let result = listed.map_or_else(|e| format!("{:?}: {e}", e.kind()), |count| count.to_string());
    println!("\nresult: {result}\npeak: {}", peak());
}

async fn files(client: ClientBuilder) -> Result<usize, Error> {
    let pages = client.build()?.list_album_content(ALBUM).pages();
    let open = || fs::File::open("/dev/null").ok();
    let _hoard: Vec<_> = env::var(HOARD).into_iter().flat_map(|_| from_fn(open)).collect();
    pages.try_fold(0, async |sum, page| Ok(sum + page.contents().len())).await
}

/// `VmHWM:     23456 kB`
fn peak() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim_end_matches("kB").trim().to_owned()
}
