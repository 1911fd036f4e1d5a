//! One run from one integer, and what many of them come to.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use fastrand::Rng;

use super::{
    album::Album,
    clocks::Wall,
    consumer::{Consumer, Tally},
    faults::Weather,
    lock, paused_runtime, seconds,
    service::Service,
    setting,
    world::{Means, World},
};

/// All that a run depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    /// At most.
    pub(super) pages: usize,
    pub(super) rate: f64,
}

pub(super) struct Report {
    pub(super) tally: Tally,
    pub(super) hash: u64,
    means: Means,
    is_wild: bool,
    pages: usize,
    requests: usize,
    simulated: Duration,
    violations: Vec<String>,
}

pub(super) fn run(plan: &Plan) -> Report {
    fastrand::seed(plan.seed);
    paused_runtime().block_on(async {
        let mut rng = Rng::with_seed(plan.seed);
        let pages = rng.usize(1..=plan.pages);
        let album = Album::random(&mut rng, pages);
        let (is_wild, means) = (rng.bool(), Means::random(&mut rng));
        let outage =
            (is_wild && rng.bool()).then(|| (seconds(rng.u64(..100)), seconds(rng.u64(1..120))));
        let weather = Weather { rate: plan.rate, is_wild, outage, ..Weather::default() };
        let (mut clock, mut wall) = (Wall::right(), Wall::wrong(&mut rng));
        if is_wild {
            (clock, wall) = (clock.with_jump(&mut rng), wall.with_jump(&mut rng));
        }
        let service = Service::new(rng.fork(), album, clock, weather);
        let world = World::new(service, wall, means);
        let tally = Consumer::new(&world, rng).run().await;
        report(&world, tally)
    })
}

fn report(world: &World, tally: Tally) -> Report {
    let state = lock(&world.service.state);
    Report {
        tally,
        hash: state.journal.hash(),
        means: world.means,
        is_wild: world.service.weather.is_wild,
        pages: world.service.album.pages(),
        requests: state.lists,
        simulated: state.start.elapsed(),
        violations: state.journal.violations.clone(),
    }
}

impl Report {
    /// Fails, and says how to see it again, if anything was not as it must be.
    pub(super) fn check(&self, plan: &Plan) {
        let Plan { seed, pages, rate } = plan;
        let Tally { is_complete, lost, doubled, silent_ends, .. } = self.tally;
        let is_right = is_complete && (lost, doubled, silent_ends) == (0, 0, 0);
        assert!(
            is_right && self.violations.is_empty(),
            "seed {seed}: {:?} {:?}\n  replay: cargo xtask simulate --seed {seed} --pages {pages} --rate {rate}",
            self.tally,
            self.violations,
        );
    }

    /// Whether nothing but chance could bring an error: the token can be renewed, and the service is
    /// never away for longer than the time limits.
    fn is_fair(&self) -> bool {
        !self.is_wild && self.means != Means::Token
    }
}

/// What many runs come to.
#[derive(Default)]
struct Sum {
    runs: usize,
    fair: usize,
    unseen: usize,
    complete: usize,
    pages: usize,
    requests: usize,
    resumed: usize,
    lost: usize,
    doubled: usize,
    silent_ends: usize,
    errors: BTreeMap<String, usize>,
    fair_errors: BTreeMap<String, usize>,
    simulated: Duration,
}

impl Sum {
    fn add(&mut self, report: Report) {
        let is_fair = report.is_fair();
        let Report { tally, pages, requests, simulated, .. } = report;
        self.runs += 1;
        self.fair += usize::from(is_fair);
        self.unseen += usize::from(is_fair && tally.errors() == 0);
        self.complete += usize::from(tally.is_complete);
        self.pages += pages;
        self.requests += requests;
        self.resumed += tally.resumed;
        self.lost += tally.lost;
        self.doubled += tally.doubled;
        self.silent_ends += tally.silent_ends;
        self.simulated += simulated;
        for (kind, count) in tally.errors {
            let of_kind = if is_fair { &mut self.fair_errors } else { &mut self.errors };
            *of_kind.entry(kind).or_default() += count;
        }
    }

    fn print(&self, rate: f64, took: Duration) {
        let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
        let hours = self.simulated.as_secs_f64() / 3_600.0;
        println!(
            "{} % of requests with a fault: {} runs, {} pages",
            100.0 * rate,
            self.runs,
            self.pages
        );
        println!(
            "  without any error reaching the consumer: {:.2} % (of {} runs with credentials that renew \
             themselves, and no outage or clock jump)",
            percent(self.unseen, self.fair),
            self.fair
        );
        println!("  complete, polled past or resumed: {:.2} %", percent(self.complete, self.runs));
        println!(
            "  items lost {}, doubled {}, silent ends {}; resumed {} times",
            self.lost, self.doubled, self.silent_ends, self.resumed
        );
        println!("  requests per page: {:.3}", self.requests as f64 / self.pages as f64);
        println!(
            "  errors that reached a consumer: {:?}; in the others {:?}",
            self.fair_errors, self.errors
        );
        println!(
            "  {hours:.0} hours simulated in {took:.1?}: {:.0} hours per second",
            hours / took.as_secs_f64()
        );
    }
}

#[test]
#[ignore = "long; run by `cargo xtask simulate`"]
fn figures() {
    let pages = setting("PAGES").unwrap_or(1_000);
    let rates = setting("RATE").map_or(vec![0.001, 0.01, 0.1], |rate| vec![rate]);
    let seeds = match setting::<u64>("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..setting("SEEDS").unwrap_or(1_000),
    };
    for rate in rates {
        let (started, mut sum) = (Instant::now(), Sum::default());
        for seed in seeds.clone() {
            let plan = Plan { seed, pages, rate };
            let report = run(&plan);
            report.check(&plan);
            sum.add(report);
        }
        sum.print(rate, started.elapsed());
    }
}
