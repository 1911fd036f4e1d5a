//! What goes over the wire, counted by the server.

use anyhow::Result;

use crate::{
    job::{Fixture, Job},
    mode::Mode,
    runs::{FILES, Runs},
    section::Section,
};

pub async fn measure(runs: &Runs<'_>) -> Result<Section> {
    let ten = Job { take: 10, ..runs.job(Mode::Default, 1_000) };
    let ten = runs.counted(&ten).await?.1.requests;
    let thousand = runs.counted(&runs.job(Mode::Lazy, 1_000)).await?.1.requests;
    let plain = runs.job(Mode::Default, FILES);
    let gzip = Job { fixture: Fixture::Gzip, ..plain.clone() };
    let (plain, gzip) = (runs.counted(&plain).await?.1.bytes, runs.counted(&gzip).await?.1.bytes);
    let row = |name: &str, value| vec![name.to_owned(), value];
    Ok(Section {
        title: "Requests and bytes",
        part: String::new(),
        notes: "Of `koodrive`, counted by the server.",
        columns: &["", ""],
        rows: vec![
            row("requests for the first ten files of an album", ten.to_string()),
            row("requests for 1,000 files with `read_ahead(0)`", thousand.to_string()),
            row("bytes for 20,000 files", plain.to_string()),
            row(
                "the same if the server compresses",
                format!("{gzip} ({:.3})", gzip as f64 / plain as f64),
            ),
        ],
    })
}
