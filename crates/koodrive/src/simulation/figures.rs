//! One run from one integer, and the figures of many.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use fastrand::Rng;

use super::{
    album::Album,
    clocks::WallClock,
    consumer::{Consumer, Counts},
    faults::Faults,
    lock, paused_runtime, seconds,
    service::Service,
    setting,
    world::{CredentialsKind, World},
};

/// Everything that a run depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    /// The maximum number of pages.
    pub(super) pages: usize,
    pub(super) rate: f64,
}

pub(super) struct Report {
    pub(super) counts: Counts,
    pub(super) hash: u64,
    pub(super) credentials: CredentialsKind,
    is_extreme: bool,
    pages: usize,
    requests: usize,
    simulated: Duration,
    lost_sessions: usize,
    violations: Vec<String>,
}

pub(super) fn run(plan: &Plan) -> Report {
    fastrand::seed(plan.seed);
    paused_runtime().block_on(async {
        let mut rng = Rng::with_seed(plan.seed);
        let pages = rng.usize(1..=plan.pages);
        let album = Album::random(&mut rng, pages);
        let (is_extreme, credentials) = (rng.bool(), CredentialsKind::random(&mut rng));
        let outage =
            (is_extreme && rng.bool()).then(|| (seconds(rng.u64(..100)), seconds(rng.u64(1..120))));
        let sleep_rate = [0.0, 0.01, 0.1][rng.usize(..3)];
        let faults =
            Faults { rate: plan.rate, sleep_rate, is_extreme, outage, ..Faults::default() };
        let (mut clock, mut wall) = (WallClock::right(), WallClock::wrong(&mut rng));
        if is_extreme {
            (clock, wall) = (clock.with_jump(&mut rng), wall.with_jump(&mut rng));
        }
        let service = Service::new(rng.fork(), album, clock, faults);
        let world = World::new(service, wall, credentials);
        let counts = Consumer::new(&world, rng).run().await;
        report(&world, counts)
    })
}

fn report(world: &World, counts: Counts) -> Report {
    let state = lock(&world.service.state);
    Report {
        counts,
        hash: state.journal.hash(),
        credentials: world.credentials,
        is_extreme: world.service.faults.is_extreme,
        pages: world.service.album.pages(),
        requests: state.lists,
        simulated: state.start.elapsed(),
        lost_sessions: state.lost_sessions,
        violations: state.journal.violations.clone(),
    }
}

impl Report {
    /// Panics if anything is wrong, and says how to replay the run.
    pub(super) fn check(&self, plan: &Plan) {
        let Plan { seed, pages, rate } = plan;
        let Counts { is_complete, lost, doubled, silent_ends, .. } = self.counts;
        let is_right =
            is_complete && (lost, doubled, silent_ends, self.lost_sessions) == (0, 0, 0, 0);
        assert!(
            is_right && self.violations.is_empty(),
            "seed {seed}: {:?} {:?}\n  replay: cargo xtask simulate --seed {seed} --pages {pages} --rate {rate}",
            self.counts,
            self.violations,
        );
    }

    /// Whether only a coincidence of faults can cause an error: the token can be refreshed, and the service
    /// is never down for longer than the time limits.
    pub(super) fn is_ordinary(&self) -> bool {
        !self.is_extreme && self.credentials != CredentialsKind::Token
    }
}

/// The sums of many runs.
#[derive(Default)]
struct Totals {
    runs: usize,
    ordinary: usize,
    without_error: usize,
    complete: usize,
    pages: usize,
    requests: usize,
    resumed: usize,
    lost: usize,
    doubled: usize,
    silent_ends: usize,
    lost_sessions: usize,
    errors: BTreeMap<String, usize>,
    ordinary_errors: BTreeMap<String, usize>,
    simulated: Duration,
}

impl Totals {
    fn add(&mut self, report: Report) {
        let is_ordinary = report.is_ordinary();
        let Report { counts, pages, requests, simulated, lost_sessions, .. } = report;
        self.runs += 1;
        self.ordinary += usize::from(is_ordinary);
        self.without_error += usize::from(is_ordinary && counts.errors() == 0);
        self.complete += usize::from(counts.is_complete);
        self.pages += pages;
        self.requests += requests;
        self.resumed += counts.resumed;
        self.lost += counts.lost;
        self.doubled += counts.doubled;
        self.silent_ends += counts.silent_ends;
        self.lost_sessions += lost_sessions;
        self.simulated += simulated;
        for (kind, count) in counts.errors {
            let of_kind = if is_ordinary { &mut self.ordinary_errors } else { &mut self.errors };
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
            "  without any error reaching the consumer: {:.2} % (of {} runs with credentials that can be \
             refreshed, and without outages and clock jumps)",
            percent(self.without_error, self.ordinary),
            self.ordinary
        );
        println!("  complete, polled past or resumed: {:.2} %", percent(self.complete, self.runs));
        println!(
            "  items lost {}, doubled {}, silent ends {}, lost sessions {}; resumed {} times",
            self.lost, self.doubled, self.silent_ends, self.lost_sessions, self.resumed
        );
        println!("  requests per page: {:.3}", self.requests as f64 / self.pages as f64);
        println!(
            "  errors that reached a consumer: {:?}; in the others {:?}",
            self.ordinary_errors, self.errors
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
        let (started, mut sum) = (Instant::now(), Totals::default());
        for seed in seeds.clone() {
            let plan = Plan { seed, pages, rate };
            let report = run(&plan);
            report.check(&plan);
            sum.add(report);
        }
        sum.print(rate, started.elapsed());
    }
}
