//! What a file costs, without latency.

use anyhow::Result;

use crate::{
    job::{Fixture, Job, Sample},
    mode::Mode,
    runs::{FILES, Runs},
    section::{Section, least, median, ratio},
};

/// Start-up costs the same for both lengths, so the difference excludes it.
const FEW: u64 = 1_000;
const MANY: u64 = 5_000;

#[derive(Clone, Copy, Default)]
struct Cost {
    instructions: f64,
    /// Microseconds of user CPU time.
    user: f64,
    allocations: f64,
    /// Bytes of memory while the file is kept.
    held: f64,
}

pub async fn measure(runs: &Runs<'_>, fixture: Fixture) -> Result<Section> {
    let modes: Vec<Mode> = match fixture {
        Fixture::Plain => runs.modes(),
        Fixture::Real | Fixture::Gzip => runs.compared(),
    };
    let job = |mode, files| Job { fixture, ..runs.job(mode, files) };
    let few = instructions(runs, &modes, |mode| job(mode, FEW)).await?;
    let many = instructions(runs, &modes, |mode| job(mode, MANY)).await?;
    let samples = runs.samples(&modes, |mode| job(mode, FILES)).await?;
    let mut costs = Vec::new();
    for (place, mode) in modes.iter().enumerate() {
        let samples = &samples[mode.name()];
        let per_file = |of: fn(&Sample) -> f64| {
            least(samples.iter().map(|sample| of(sample) / sample.items as f64))
        };
        costs.push(Cost {
            instructions: each(many[place].zip(few[place])),
            user: per_file(|sample| sample.user * 1e6),
            allocations: per_file(|sample| sample.allocations as f64),
            held: held(&job(*mode, FEW), &job(*mode, MANY)).await?,
        });
    }
    Ok(section(fixture, &modes, &costs))
}

/// The medians.
async fn instructions(
    runs: &Runs<'_>,
    modes: &[Mode],
    job: impl Fn(Mode) -> Job,
) -> Result<Vec<Option<u64>>> {
    let mut medians = Vec::new();
    for mode in modes {
        let mut counts = Vec::new();
        for _ in 0..runs.repeat() {
            counts.extend(job(*mode).instructions().await?);
        }
        medians.push(median(counts));
    }
    Ok(medians)
}

fn each(counts: Option<(u64, u64)>) -> f64 {
    counts.map_or(0.0, |(many, few)| (many as f64 - few as f64) / (MANY - FEW) as f64)
}

async fn held(few: &Job, many: &Job) -> Result<f64> {
    let keep = |job: &Job| Job { keep: true, ..job.clone() };
    let (few, many) = (keep(few).sample().await?.held, keep(many).sample().await?.held);
    Ok((many - few) as f64 / (MANY - FEW) as f64)
}

fn section(fixture: Fixture, modes: &[Mode], costs: &[Cost]) -> Section {
    let hand_written = modes.iter().position(|mode| *mode == Mode::HandWritten);
    let base = hand_written.map_or_else(Cost::default, |place| costs[place]);
    let row = |(mode, cost): (&Mode, &Cost)| {
        vec![
            mode.name().to_owned(),
            ratio(cost.instructions, base.instructions, 0),
            ratio(cost.user, base.user, 2),
            ratio(cost.allocations, base.allocations, 1),
            ratio(cost.held, base.held, 0),
        ]
    };
    let (title, notes) = match fixture {
        Fixture::Plain => ("The cost of a file", PLAIN),
        Fixture::Real => ("The same, with pages as of real albums", REAL),
        Fixture::Gzip => ("The same, with compressed pages", GZIP),
    };
    Section {
        title,
        part: String::new(),
        notes,
        columns: &["", "instructions", "user CPU, µs", "allocations", "bytes held"],
        rows: modes.iter().zip(costs).map(row).collect(),
    }
}

const PLAIN: &str = "\
Per file, without latency. A file has 2.0 KB of JSON with every field. Callgrind counts instructions, for 5,000 files
less 1,000; the median. CPU time is the least, and allocations are counted, over 20,000 files. Bytes held is what one
file occupies while it is kept, for 5,000 files less 1,000.";

const REAL: &str = "\
Chinese names, `\\u0026` and `\\u003d` for each `&` and `=`, and files that lack fields.";

const GZIP: &str = "The server compresses the pages of the first table.";
