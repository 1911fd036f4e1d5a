//! A few hundred runs, and what holds in all of them.

use fastrand::Rng;
use futures::StreamExt as _;

use super::{
    album::{Album, Shape},
    clocks::WallClock,
    faults::{Fault, Faults},
    figures::{Plan, run},
    paused_runtime,
    service::{REFRESHES, Service},
    world::{CredentialsKind, World},
};
use crate::{Error, wire::trace_id};

/// The albums are small; `cargo xtask simulate` has larger albums and more seeds.
const SEEDS: u64 = 240;

#[test]
fn no_listing_loses_or_doubles_a_file_or_ends_early_without_an_error() {
    for seed in 0..SEEDS {
        let rate = [0.001, 0.01, 0.1, 0.3][(seed % 4) as usize];
        run(&Plan { seed, pages: 8, rate }).check(&Plan { seed, pages: 8, rate });
    }
}

/// In seed 9649, a page whose body arrives in two parts holds no file, and the page after it times out.
#[test]
fn the_time_limit_of_a_page_begins_once_the_page_before_has_arrived_whole() {
    let plan = Plan { seed: 9_649, pages: 8, rate: 0.2 };
    run(&plan).check(&plan);
}

/// In seed 16119, one call has a newer token, a corrected date and a new connection.
#[test]
fn each_of_three_remedies_allows_one_more_attempt() {
    let plan = Plan { seed: 16_119, pages: 8, rate: 0.5 };
    run(&plan).check(&plan);
}

#[test]
fn the_same_seed_replays_the_same_events() {
    for seed in 0..10 {
        let plan = Plan { seed, pages: 20, rate: 0.2 };
        let (one, two) = (run(&plan), run(&plan));
        assert_eq!(one.hash, two.hash, "{plan:?}");
        assert_ne!(one.hash, run(&Plan { seed: seed + 1_000, ..plan }).hash);
    }
}

/// The errors of listing a small album, with only the faults of `script`.
fn errors(
    seed: u64,
    credentials: CredentialsKind,
    wall: fn() -> WallClock,
    script: &[(usize, Fault)],
) -> Vec<Error> {
    fastrand::seed(seed);
    paused_runtime().block_on(async {
        let mut rng = Rng::with_seed(seed);
        let shape = Shape { page_size: 2, broken: Vec::new(), has_total: true };
        let album = Album::new(&mut rng, &[2, 0, 1], &shape);
        let script = Some(script.iter().copied().collect());
        let faults = Faults { script, ..Faults::default() };
        let world =
            World::new(Service::new(rng, album, WallClock::right(), faults), wall(), credentials);
        let client = world.client();
        let errors = client.list_album_content(&*world.service.album.id).page_size(2).pages();
        // Polling past an error at once may yield the next error at once, for ever.
        errors.take(6).filter_map(async |page| page.err()).collect().await
    })
}

#[test]
fn a_provider_that_says_the_expiry_works_on_a_machine_whose_clock_is_hours_fast() {
    let fast = || WallClock::right().fast_by(7_200_000);
    for seed in 0..8 {
        let errors = errors(seed, CredentialsKind::Provider, fast, &[]);
        assert!(errors.is_empty(), "{seed}: {errors:?}");
    }
}

#[test]
fn an_error_of_a_refresh_does_not_name_the_request_that_was_refused() {
    let stalled = |number| (REFRESHES + number, Fault::Stalled { is_noticed: false });
    let script: Vec<_> = [(0, Fault::Revoked)].into_iter().chain((0..9).map(stalled)).collect();
    let errors = errors(1, CredentialsKind::Session, WallClock::right, &script);
    assert_eq!(errors[0].attempts(), 1);
    assert!(errors[0].trace_id().is_some_and(trace_id::is_valid), "{errors:?}");
}

#[test]
fn without_faults_no_error_reaches_the_consumer() {
    for seed in 0..SEEDS {
        let report = run(&Plan { seed, pages: 8, rate: 0.0 });
        // A provider that gives the service's time as the expiry fails on a machine whose clock is fast.
        let is_checked = report.is_ordinary() && report.credentials != CredentialsKind::Provider;
        assert!(!is_checked || report.counts.errors() == 0, "{seed}: {:?}", report.counts);
    }
}
