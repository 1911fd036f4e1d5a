//! Sessions whose refresh tokens are used up by each refresh, and clients that are dropped at any moment, also
//! while a refresh is under way: the owner of the session is never left with used-up tokens.

use fastrand::Rng;
use futures::StreamExt as _;
use tokio::time::{sleep, timeout};

use super::{
    album::{Album, Shape},
    clocks::WallClock,
    faults::{Fault, Faults},
    lock, millis, paused_runtime, seconds,
    service::Service,
    setting,
    world::{CredentialsKind, World},
};
use crate::{Checkpoint, Client, ErrorKind};

/// The result of a run, or the sum of several.
#[derive(Clone, Debug, Default)]
struct Counts {
    clients: usize,
    refreshes: usize,
    /// Clients that were dropped while a refresh was under way.
    dropped_in_refresh: usize,
    lost_sessions: usize,
    /// Errors about the session.
    refused: usize,
    files: usize,
    /// Whether exactly the files of the album were received, in order.
    is_right: bool,
    violations: Vec<String>,
}

struct Consumer<'a> {
    world: &'a World,
    rng: Rng,
    received: Vec<String>,
    counts: Counts,
}

impl Consumer<'_> {
    /// Lists to the end, with one client after another.
    async fn run(mut self) -> Counts {
        let (mut client, mut from) = (self.world.client(), None);
        // A lost session would need clients for ever.
        while self.counts.clients < 1_000 {
            self.counts.clients += 1;
            let (is_done, checkpoint) = self.list(&client, from).await;
            if is_done {
                break;
            }
            self.counts.dropped_in_refresh += usize::from(self.world.is_refreshing());
            client = self.world.next_client(&mut self.rng, client, false).await;
            from = Some(checkpoint);
        }
        let expected = self.world.service.album.expected();
        let expected = expected.iter().filter_map(|place| place.entry.id());
        let state = lock(&self.world.service.state);
        Counts {
            files: self.received.len(),
            is_right: expected.eq(&self.received),
            refreshes: state.refreshes(),
            lost_sessions: state.lost_sessions,
            violations: state.journal.violations.clone(),
            ..self.counts
        }
    }

    /// Lists until the end or until the client is to be dropped.
    async fn list(&mut self, client: &Client, from: Option<Checkpoint>) -> (bool, Checkpoint) {
        let album = &self.world.service.album;
        let listing = client.list_album_content(&*album.id).page_size(album.page_size);
        let listing = listing.read_ahead([0, usize::MAX][self.rng.usize(..2)]);
        let listing = from.map_or(listing.clone(), |checkpoint| listing.resume(checkpoint));
        let mut files = listing.stream();
        loop {
            let limit = millis(self.rng.u64(..600));
            match timeout(limit, files.next()).await {
                // The end, or a refusal of a new token that was revoked at once.
                Ok(None) => return (!self.is_missing_files(), files.checkpoint()),
                Ok(Some(Ok(file))) => {
                    self.received.push(file.id().to_owned());
                    // Tokens expire.
                    if self.rng.u8(..20) == 0 {
                        sleep(seconds(self.rng.u64(..2_000))).await;
                    }
                }
                Ok(Some(Err(error))) => {
                    let is_refused = error.kind() == ErrorKind::Credentials;
                    self.counts.refused += usize::from(is_refused);
                }
                Err(_) if self.rng.bool() => return (false, files.checkpoint()),
                Err(_) => {}
            }
        }
    }

    fn is_missing_files(&self) -> bool {
        self.received.len() < self.world.service.album.expected().len()
    }
}

fn run(seed: u64, pages: usize) -> Counts {
    fastrand::seed(seed);
    paused_runtime().block_on(async {
        let mut rng = Rng::with_seed(seed);
        let shape = Shape { page_size: 2, broken: Vec::new(), has_total: rng.bool() };
        let album = Album::new(&mut rng, &vec![2; pages], &shape);
        // Faults of listings alone: a refresh that fails may cost a session.
        let revoked = (0..10_000).filter(|_| rng.u8(..4) == 0).map(|list| (list, Fault::Revoked));
        let script = Some(revoked.collect());
        let faults = Faults { script, sleep_rate: 0.02, ..Faults::default() };
        let service = Service::new(rng.fork(), album, WallClock::right(), faults).with_rotation();
        let world = World::new(service, WallClock::right(), CredentialsKind::Session);
        let (received, counts) = (Vec::new(), Counts::default());
        Consumer { world: &world, rng, received, counts }.run().await
    })
}

/// Panics at the first run with anything wrong.
fn run_all(seeds: u64, pages: usize) -> Counts {
    let mut sum = Counts::default();
    for seed in 0..seeds {
        let counts = run(seed, pages);
        let Counts { lost_sessions, refused, is_right, .. } = counts;
        let is_right = is_right && (lost_sessions, refused) == (0, 0);
        assert!(is_right && counts.violations.is_empty(), "seed {seed}: {counts:?}");
        sum.clients += counts.clients;
        sum.refreshes += counts.refreshes;
        sum.dropped_in_refresh += counts.dropped_in_refresh;
        sum.files += counts.files;
    }
    sum
}

#[test]
fn a_client_dropped_during_a_refresh_does_not_cost_a_rotating_session() {
    assert!(run_all(30, 20).dropped_in_refresh > 30);
}

#[test]
#[ignore = "long; run by `cargo xtask simulate --only sessions`"]
fn sessions() {
    let (seeds, pages) = (setting("SEEDS").unwrap_or(10_000), setting("PAGES").unwrap_or(20));
    let Counts { clients, refreshes, dropped_in_refresh, files, .. } = run_all(seeds, pages);
    println!(
        "{seeds} rotating sessions, {clients} clients, {refreshes} refreshes, {dropped_in_refresh} clients \
         dropped during one: lost sessions 0; {files} files, lost 0, doubled 0"
    );
}
