//! A listing that is interrupted anywhere and resumed hands out exactly what the album holds.

use std::{
    collections::BTreeMap,
    pin::{Pin, pin},
    task::{Context, Poll},
};

use fastrand::Rng;
use futures::{
    StreamExt as _,
    future::{Either, select},
};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};

use super::{
    album::{Album, Shape},
    clocks::WallClock,
    faults::{Fault, Faults, RetryAfter},
    lock, millis, paused_runtime,
    service::Service,
    setting,
    world::{CredentialsKind, World},
};
use crate::{AlbumContentStream, Checkpoint, Client, ErrorKind};

/// An album, and the faults while it is listed.
#[derive(Clone, Debug)]
struct Case {
    seed: u64,
    lengths: Vec<usize>,
    shape: Shape,
    script: BTreeMap<usize, Fault>,
    read_ahead: usize,
}

/// Where a listing is interrupted.
#[derive(Clone, Copy, Debug)]
enum Interruption {
    Nowhere,
    /// At the request with this number, which is never answered.
    Request(usize),
    /// At the poll that is the n-th to wait: that poll, the listing or the client is dropped.
    Poll(usize, Dropped),
}

#[derive(Clone, Copy, Debug)]
enum Dropped {
    Poll,
    Listing,
    Client,
}

/// The ids received, with `None` in the place of an unreadable file.
type Received = Vec<Option<String>>;

struct Consumer<'a> {
    world: &'a World,
    client: Client,
    files: AlbumContentStream,
    read_ahead: usize,
    interruption: Interruption,
    waits: usize,
    received: Received,
}

impl<'a> Consumer<'a> {
    fn new(world: &'a World, read_ahead: usize, interruption: Interruption) -> Self {
        let client = world.client();
        let files = files(world, &client, read_ahead, None);
        Self { world, client, files, read_ahead, interruption, waits: 0, received: Vec::new() }
    }

    async fn run(mut self) -> (Received, usize) {
        loop {
            match self.next().await {
                None => self.resume(&self.files.checkpoint(), true),
                Some(Some(Ok(file))) => self.received.push(Some(file.id().to_owned())),
                Some(Some(Err(error))) if error.is_retryable() => {}
                Some(Some(Err(error))) => match error.checkpoint() {
                    Some(_) if error.kind() == ErrorKind::Decode && error.status().is_none() => {
                        self.received.push(None);
                    }
                    Some(checkpoint) => self.resume(&checkpoint.clone(), true),
                    None => panic!("no checkpoint in {error:?}"),
                },
                Some(None) => return (self.received, self.waits),
            }
        }
    }

    /// The next entry; `None` if the consumer was killed.
    async fn next(&mut self) -> Option<Option<crate::Result<crate::AlbumContent>>> {
        loop {
            let limit = match self.interruption {
                Interruption::Poll(number, _) => number.checked_sub(self.waits),
                _ => None,
            };
            let polls =
                Polls { future: Box::pin(self.files.next()), waits: &mut self.waits, limit };
            match select(polls, pin!(self.world.service.killed.notified())).await {
                Either::Left((Some(next), _)) => return Some(next),
                Either::Right(_) => return None,
                Either::Left((None, _)) => self.drop_poll(),
            }
        }
    }

    fn drop_poll(&mut self) {
        let checkpoint = self.files.checkpoint();
        match self.interruption {
            Interruption::Poll(_, Dropped::Listing) => self.resume(&checkpoint, false),
            Interruption::Poll(_, Dropped::Client) => self.resume(&checkpoint, true),
            _ => {}
        }
        self.interruption = Interruption::Nowhere;
    }

    fn resume(&mut self, checkpoint: &Checkpoint, with_new_client: bool) {
        if with_new_client {
            self.client = self.world.client();
        }
        let kept = checkpoint.to_string().parse().unwrap();
        self.files = files(self.world, &self.client, self.read_ahead, Some(kept));
    }
}

fn files(
    world: &World,
    client: &Client,
    read_ahead: usize,
    from: Option<Checkpoint>,
) -> AlbumContentStream {
    let album = &world.service.album;
    let listing = client.list_album_content(&*album.id).page_size(album.page_size);
    let listing = listing.read_ahead(read_ahead);
    from.map_or(listing.clone(), |checkpoint| listing.resume(checkpoint)).stream()
}

/// Counts how often a future waits, and drops it when it waits more often than `limit`.
struct Polls<'a, F> {
    future: Pin<Box<F>>,
    waits: &'a mut usize,
    limit: Option<usize>,
}

impl<F: Future> Future for Polls<'_, F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(output) = self.future.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        *self.waits += 1;
        match self.limit {
            Some(0) => Poll::Ready(None),
            limit => {
                self.limit = limit.map(|limit| limit - 1);
                Poll::Pending
            }
        }
    }
}

/// Lists an album. Returns the number of requests, and how often a poll had to wait.
fn list(case: &Case, interruption: Interruption) -> Result<(usize, usize), TestCaseError> {
    fastrand::seed(case.seed);
    paused_runtime().block_on(async {
        let mut rng = Rng::with_seed(case.seed);
        let album = Album::new(&mut rng, &case.lengths, &case.shape);
        let expected: Received =
            album.expected().iter().map(|place| place.entry.id().map(str::to_owned)).collect();
        let kill = match interruption {
            Interruption::Request(number) => Some(number),
            _ => None,
        };
        let faults = Faults { script: Some(case.script.clone()), kill, ..Faults::default() };
        let credentials = CredentialsKind::random(&mut rng);
        let service = Service::new(rng, album, WallClock::right(), faults);
        let world = World::new(service, WallClock::right(), credentials);
        let (received, waits) = Consumer::new(&world, case.read_ahead, interruption).run().await;
        let state = lock(&world.service.state);
        prop_assert_eq!(received, expected, "{:?}", interruption);
        prop_assert!(state.journal.violations.is_empty(), "{:?}", state.journal.violations);
        Ok((state.lists, waits))
    })
}

fn faults() -> impl Strategy<Value = Fault> {
    prop::sample::select(vec![
        Fault::Status(503, None),
        Fault::Status(429, Some(RetryAfter::Date(3))),
        Fault::Status(503, Some(RetryAfter::Seconds(86_400))),
        Fault::Refused,
        Fault::Unreachable,
        Fault::Lost { is_heard: true },
        Fault::LostInBody,
        Fault::Cut,
        Fault::Stalled { is_noticed: true },
        Fault::Stalled { is_noticed: false },
        Fault::StalledInBody,
        Fault::Slow(millis(20_000)),
        Fault::ThrottledUnder200,
        Fault::Html,
        Fault::Nothing,
        Fault::Empty,
        Fault::Gateway,
        Fault::Revoked,
    ])
}

fn cases() -> impl Strategy<Value = Case> {
    let lengths = (1..=5_usize).prop_flat_map(|page_size| {
        (Just(page_size as u32), prop::collection::vec(0..=page_size, 1..7))
    });
    let broken = prop::collection::vec(0..20_usize, 0..3);
    let script = prop::collection::btree_map(0..12_usize, faults(), 0..6);
    let read_ahead = prop::sample::select(vec![0, 1, usize::MAX]);
    (lengths, broken, script, any::<bool>(), any::<u64>(), read_ahead).prop_map(
        |((page_size, lengths), broken, script, has_total, seed, read_ahead)| {
            let shape = Shape { page_size, broken, has_total };
            Case { seed, lengths, shape, script, read_ahead }
        },
    )
}

/// Checks `property` with this many albums. Returns the number of listings.
fn check(albums: u32, seed: u8, property: fn(&Case) -> Result<usize, TestCaseError>) -> usize {
    let config = Config { cases: albums, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let listings = std::cell::Cell::new(0);
    let outcome = TestRunner::new_with_rng(config, rng).run(&cases(), |case| {
        listings.set(listings.get() + property(&case)?);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}\n  replay: generated from seed {seed}");
    }
    listings.get()
}

fn killed_at_every_request(case: &Case) -> Result<usize, TestCaseError> {
    let (requests, _) = list(case, Interruption::Nowhere)?;
    for number in 0..requests {
        list(case, Interruption::Request(number))?;
    }
    Ok(requests)
}

fn dropped_at_every_await(case: &Case) -> Result<usize, TestCaseError> {
    let (_, waits) = list(case, Interruption::Nowhere)?;
    for number in 0..waits {
        for dropped in [Dropped::Poll, Dropped::Listing, Dropped::Client] {
            list(case, Interruption::Poll(number, dropped))?;
        }
    }
    Ok(3 * waits)
}

#[test]
fn a_listing_killed_at_any_request_is_resumed_to_the_item() {
    assert!(check(60, 1, killed_at_every_request) > 200);
}

#[test]
fn a_poll_dropped_at_any_await_loses_and_doubles_no_file() {
    assert!(check(8, 1, dropped_at_every_await) > 200);
}

#[test]
#[ignore = "long; run by `cargo xtask simulate --only properties`"]
fn resume() {
    let wanted = setting("SEEDS").unwrap_or(100_000);
    for (name, property) in [
        ("killed at every request", killed_at_every_request as fn(&Case) -> _),
        ("dropped at every await", dropped_at_every_await),
    ] {
        let (mut albums, mut listings) = (0, 0);
        for seed in 1..=u8::MAX {
            if listings < wanted {
                listings += check(500, seed, property);
                albums += 500;
            }
        }
        println!("{name}: {listings} listings of {albums} albums, each equal to the model");
    }
}
