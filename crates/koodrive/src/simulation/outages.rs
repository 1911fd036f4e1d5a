//! Outages: how many listings notice them, and how many requests a service that is down receives.

use std::time::Duration;

use fastrand::Rng;
use futures::{StreamExt as _, future::join_all};
use tokio::time::{Instant, sleep};

use super::{
    album::{Album, Shape},
    clocks::WallClock,
    faults::Faults,
    lock, millis, paused_runtime, seconds,
    service::Service,
    setting,
    world::{CredentialsKind, World},
};
use crate::Client;

fn world(seed: u64, pages: usize, outage: (Duration, Duration)) -> World {
    fastrand::seed(seed);
    let mut rng = Rng::with_seed(seed);
    let shape = Shape { page_size: 1, broken: Vec::new(), has_total: true };
    let album = Album::new(&mut rng, &vec![1; pages], &shape);
    let faults = Faults { outage: Some(outage), ..Faults::default() };
    World::new(
        Service::new(rng, album, WallClock::right(), faults),
        WallClock::right(),
        CredentialsKind::App,
    )
}

fn pages(world: &World, client: &Client) -> crate::AlbumContentPages {
    client.list_album_content(&*world.service.album.id).page_size(1).pages()
}

const PAGES: usize = 30;

/// Whether a listing noticed the outage; `None` if it ended before.
fn notices_outage(seed: u64, length: Duration) -> Option<bool> {
    paused_runtime().block_on(async {
        let from = millis(Rng::with_seed(seed).u64(..6_000));
        let world = world(seed, PAGES, (from, length));
        let client = world.client();
        let mut pages = pages(&world, &client);
        while let Some(page) = pages.next().await {
            if page.is_err() {
                return Some(true);
            }
        }
        (lock(&world.service.state).lists > PAGES).then_some(false)
    })
}

/// How many listings met an outage, and how many of them did not notice.
fn survival(seeds: u64, length: Duration) -> (usize, usize) {
    let noticed: Vec<bool> = (0..seeds).filter_map(|seed| notices_outage(seed, length)).collect();
    (noticed.len(), noticed.iter().filter(|noticed| !**noticed).count())
}

/// Attempts and operations: in total, and after the budget was spent.
#[derive(Clone, Copy, Debug, Default)]
struct Load {
    attempts: u32,
    operations: u32,
    spent_attempts: u32,
    spent_operations: u32,
}

/// Polls past every error after a pause.
async fn poll_past_errors(world: &World, client: Client, pause: Duration) -> Load {
    let (mut load, mut is_spent) = (Load::default(), false);
    let mut pages = pages(world, &client);
    while let Some(page) = pages.next().await {
        let Err(error) = page else {
            continue;
        };
        let attempts = error.attempts();
        load.attempts += attempts;
        load.operations += 1;
        if is_spent {
            load.spent_attempts += attempts;
            load.spent_operations += 1;
        }
        // An operation that stops before its last attempt cannot pay for another.
        is_spent |= attempts < 10;
        sleep(pause).await;
    }
    load
}

const OUTAGE: Duration = seconds(300);

fn load_of_clients(seed: u64, clients: usize, pause: Duration) -> Load {
    paused_runtime().block_on(async {
        let (start, world) = (Instant::now(), world(seed, 20, (seconds(1), OUTAGE)));
        let loads =
            join_all((0..clients).map(|_| poll_past_errors(&world, world.client(), pause))).await;
        assert!(start.elapsed() > OUTAGE, "the listings ended before the outage");
        loads.into_iter().fold(Load::default(), |sum, load| Load {
            attempts: sum.attempts + load.attempts,
            operations: sum.operations + load.operations,
            spent_attempts: sum.spent_attempts + load.spent_attempts,
            spent_operations: sum.spent_operations + load.spent_operations,
        })
    })
}

#[test]
fn a_short_outage_goes_unnoticed() {
    for (length, percent) in [(1, 99), (3, 99), (10, 90)] {
        let (all, unnoticed) = survival(20, seconds(length));
        assert!(unnoticed * 100 >= all * percent, "{length} s: {unnoticed} of {all}");
    }
}

#[test]
fn in_a_long_outage_a_spent_budget_allows_hardly_more_than_one_attempt_each() {
    let load = load_of_clients(1, 3, seconds(3));
    assert!(load.spent_operations > 50, "{load:?}");
    assert!(load.spent_attempts * 10 <= load.spent_operations * 12, "{load:?}");
}

#[test]
#[ignore = "long; run by `cargo xtask simulate --only outages`"]
fn outages() {
    let seeds = setting("SEEDS").unwrap_or(10_000);
    for length in [1, 3, 10, 20, 30] {
        let (all, unnoticed) = survival(seeds, seconds(length));
        let percent = 100.0 * unnoticed as f64 / all as f64;
        println!("an outage of {length} s: no error in {percent:.2} % of {all} listings");
    }
    for pause in [0, 1, 10, 60] {
        let Load { attempts, operations, spent_attempts, spent_operations } =
            load_of_clients(1, 100, seconds(pause));
        println!(
            "100 clients, 300 s, {pause} s between polls: {:.3} attempts per operation over {operations}; \
             once the budget is spent {:.3} over {spent_operations}",
            f64::from(attempts) / f64::from(operations),
            f64::from(spent_attempts) / f64::from(spent_operations),
        );
    }
}
