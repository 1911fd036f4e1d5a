//! Deadlines: whatever the server does, an error comes soon after the deadline.
//!
//! In the default run, each fault of the catalogue ends in an error of its kind. How late the error
//! comes depends on the machine too, so that is measured on request, on a machine that does nothing
//! else:
//!
//! `cargo test --release -p integration-tests of_a_second -- --ignored --nocapture`

use std::time::{Duration, Instant};

use futures::{StreamExt as _, future::join_all, stream};
use koodrive::{ErrorKind, ListAlbumContent, RetryPolicy, Timeouts};

use super::{Fault, body, connect, fault, first_page, framing, status};
use crate::support::tcp::{Script, ScriptedServer, Then};

fn catalogue() -> Vec<Fault> {
    let parts = [connect::faults(), framing::faults(), body::faults(), body::compression_faults()];
    parts.into_iter().flatten().chain(status::faults()).chain([stalled_error()]).collect()
}

fn stalled_error() -> Fault {
    let head = "HTTP/1.1 503 Busy\r\ncontent-length: 100\r\n\r\n";
    let script = Script::reads().writes(head).then(Then::Wait);
    fault("an error whose body stalls", ErrorKind::Status, script)
}

/// A server that always misbehaves, and a client with the default policy.
struct Trial {
    what: &'static str,
    kind: ErrorKind,
    server: ScriptedServer,
    listing: ListAlbumContent,
    limit: Duration,
}

impl Trial {
    async fn new(fault: Fault, limit: Duration) -> Self {
        let server = ScriptedServer::play([fault.script.clone()]).await;
        let client = fault.client(&server).timeouts(Timeouts::default().page(limit));
        let listing = first_page(client.retry(RetryPolicy::default()));
        Self { what: fault.what, kind: fault.kind, server, listing, limit }
    }

    /// Returns how late the error came.
    async fn run(self) -> (Duration, &'static str) {
        let start = Instant::now();
        let error = self.listing.send().await.unwrap_err();
        let taken = start.elapsed();
        let connections = self.server.connections();
        let is_expected = [self.kind, ErrorKind::Timeout].contains(&error.kind());
        assert!(is_expected, "{}: {error}", self.what);
        assert!(error.elapsed() <= taken, "{}: {error}", self.what);
        assert!(connections <= error.attempts() as usize, "{}: {connections}: {error}", self.what);
        (taken.saturating_sub(self.limit), self.what)
    }
}

/// The error that came latest. Faults that keep the machine busy run one after another.
async fn latest(limit: Duration) -> (Duration, &'static str) {
    let (heavy, others): (Vec<_>, Vec<_>) = catalogue().into_iter().partition(Fault::is_heavy);
    let mut late = Vec::new();
    for (faults, at_once) in [(others, 100), (heavy, 1)] {
        let trials = join_all(faults.into_iter().map(|fault| Trial::new(fault, limit))).await;
        let runs = trials.into_iter().map(|trial| tokio::spawn(trial.run()));
        late.extend(stream::iter(runs).buffer_unordered(at_once).collect::<Vec<_>>().await);
    }
    let latest = late.into_iter().map(Result::unwrap).max().unwrap();
    println!("{:?} late at most: {}", latest.0, latest.1);
    latest
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_turns_every_fault_into_its_error_or_a_timeout() {
    latest(Duration::from_millis(300)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "timed; run alone, by the command at the top of this file"]
async fn a_deadline_of_a_second_is_overrun_by_a_tenth_at_most() {
    let (late, what) = latest(Duration::from_secs(1)).await;

    assert!(late <= Duration::from_millis(100), "{what}: {late:?} late");
}
