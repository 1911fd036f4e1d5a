//! The Markdown table.

use std::fmt::Write as _;

use crate::{
    figures::{Figures, LATENCY, Results},
    mode::Mode,
};

const HEAD: &str = "\
# Comparison with the alternatives

Written by `cargo xtask bench`. All modes receive the same bytes from one loopback server, in one run; each
measurement is a single-threaded process of its own. The alternatives' paginators use the fetch and decode of the
hand-written loop, so any difference is their own cost. Azure's generated code decodes each page twice, also here.

- instructions, allocations: per file. Callgrind counts instructions, for 5,000 files less 1,000; the median.
- files/s: 20,000 files without latency; the best.
- L, P: latency of a page and the consumer's work on it, in ms. The column is wall time per page in ms, over 40
  pages; the minimum.
- album, first: seconds until the last file of 200 pages at L = 50 ms, and milliseconds until the first; the minimum.
- peak: resident memory of the process with 10,000 files, and the increase with 1,000,000; medians.
- in brackets: the ratio to the hand-written loop, or for wall time per page, to the longer of L and P.

| | instructions | allocations | files/s | L = P = 50 | L = 50, P = 100 | album, s | first, ms | peak, MB |
|---|---|---|---|---|---|---|---|---|
";

pub fn table(results: &Results) -> String {
    let mut text = HEAD.to_owned();
    let reference = results.of(Mode::HandWritten);
    for (mode, figures) in &results.rows {
        let _ = writeln!(text, "| {} | {} |", mode.name(), row(figures, reference).join(" | "));
    }
    text + &rest(results)
}

fn row(figures: &Figures, reference: Option<&Figures>) -> [String; 8] {
    let beside =
        |of: fn(&Figures) -> f64, digits| ratio(of(figures), reference.map_or(0.0, of), digits);
    [
        beside(|f| f.instructions.unwrap_or_default(), 0),
        beside(|f| f.allocations, 1),
        beside(|f| f.rate, 0),
        ratio(figures.even, LATENCY as f64, 1),
        ratio(figures.double, 2.0 * LATENCY as f64, 1),
        beside(|f| f.album, 2),
        beside(|f| f.first * 1000.0, 1),
        memory(figures),
    ]
}

fn ratio(value: f64, base: f64, digits: usize) -> String {
    match (value > 0.0, base > 0.0) {
        (false, _) => "–".to_owned(),
        (true, false) => format!("{value:.digits$}"),
        (true, true) => format!("{value:.digits$} ({:.2})", value / base),
    }
}

fn memory(figures: &Figures) -> String {
    let Some((small, large)) = figures.small.zip(figures.large) else {
        return "–".to_owned();
    };
    let more = (large as f64 - small as f64) / 1024.0;
    format!("{:.1} {more:+.1}", small as f64 / 1024.0)
}

fn rest(results: &Results) -> String {
    let (plain, gzip) = results.bytes;
    format!(
        "\n- Requests for the first ten files of an album: {}; for 1,000 files with `read_ahead(0)`: {}.\n\
         - Bytes on the wire if the server compresses: {:.3} × ({plain} → {gzip}).\n",
        results.requests_of_ten,
        results.requests_of_thousand,
        gzip as f64 / plain as f64,
    )
}
