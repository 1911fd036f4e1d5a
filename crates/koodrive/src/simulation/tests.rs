//! A few hundred runs, and what they must all have in common.

use fastrand::Rng;
use futures::StreamExt as _;

use super::{
    album::{Album, Shape},
    clocks::Wall,
    faults::{Fault, Weather},
    figures::{Plan, run},
    paused_runtime,
    service::{REFRESHES, Service},
    world::{Means, World},
};
use crate::{Error, wire::trace_id};

/// Small ones; `cargo xtask simulate` has larger ones, and more.
const SEEDS: u64 = 240;

#[test]
fn no_listing_loses_doubles_or_hides_anything_whatever_goes_wrong() {
    for seed in 0..SEEDS {
        let rate = [0.001, 0.01, 0.1, 0.3][(seed % 4) as usize];
        run(&Plan { seed, pages: 8, rate }).check(&Plan { seed, pages: 8, rate });
    }
}

#[test]
fn a_seed_replays_a_run_to_the_last_event() {
    for seed in 0..10 {
        let plan = Plan { seed, pages: 20, rate: 0.2 };
        let (one, two) = (run(&plan), run(&plan));
        assert_eq!(one.hash, two.hash, "{plan:?}");
        assert_ne!(one.hash, run(&Plan { seed: seed + 1_000, ..plan }).hash);
    }
}

/// What it takes to list a small album, without a fault but those of `script`.
fn errors(seed: u64, means: Means, wall: fn() -> Wall, script: &[(usize, Fault)]) -> Vec<Error> {
    fastrand::seed(seed);
    paused_runtime().block_on(async {
        let mut rng = Rng::with_seed(seed);
        let shape = Shape { page_size: 2, broken: Vec::new(), has_total: true };
        let album = Album::new(&mut rng, &[2, 0, 1], &shape);
        let script = Some(script.iter().copied().collect());
        let weather = Weather { script, ..Weather::default() };
        let world = World::new(Service::new(rng, album, Wall::right(), weather), wall(), means);
        let client = world.client();
        let errors = client.list_album_content(&*world.service.album.id).page_size(2).pages();
        // Who polls past an error at once may get the next one at once, for ever.
        errors.take(6).filter_map(async |page| page.err()).collect().await
    })
}

#[test]
fn a_machine_whose_clock_is_hours_fast_has_no_use_for_a_token_source_that_tells_the_expiry() {
    let fast = || Wall::right().wrong_by(7_200_000);
    for seed in 0..8 {
        let errors = errors(seed, Means::Provider, fast, &[]);
        assert!(errors.is_empty(), "{seed}: {errors:?}");
    }
}

#[test]
fn an_error_for_want_of_a_newer_token_does_not_name_the_request_that_was_refused() {
    let stalled = |number| (REFRESHES + number, Fault::Stalled { is_noticed: false });
    let script: Vec<_> = [(0, Fault::Revoked)].into_iter().chain((0..9).map(stalled)).collect();
    let errors = errors(1, Means::Session, Wall::right, &script);
    assert_eq!(errors[0].attempts(), 1);
    assert!(errors[0].trace_id().is_some_and(trace_id::is_valid), "{errors:?}");
}
