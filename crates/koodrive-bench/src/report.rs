//! The table, in Markdown.

use std::fmt::Write as _;

use crate::{
    figures::{Figures, LATENCY, Results},
    mode::Mode,
};

const HEAD: &str = "\
# Beside the alternatives

Written by `cargo xtask bench`. The same bytes from one loopback server, in one run; each measurement is a
process of its own, single-threaded. The alternatives' paginators stand on the fetch and decode of the
hand-written loop, so what they add is theirs; Azure's generated code decodes each page twice, and so does it here.

- instructions and allocations: for each file. Counted by callgrind, 5,000 files less 1,000; the median.
- files/s: 20,000 files without latency; the best.
- L, P: latency of a page, and the consumer's work on it, in ms of wall time a page over 40 pages; the least.
- album: 200 pages at L = 50 ms, until the last file and until the first; the least.
- peak: resident memory of the process with 10,000 files, and what 1,000,000 add to it; the medians.
- in brackets: × the hand-written loop; of wall time a page, × the longer of L and P.

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
        "\n- The first ten files of an album: {} request(s). 1,000 files with `read_ahead(0)`: {}.\n\
         - Bytes on the wire from a server that compresses: {:.3} × ({plain} → {gzip}).\n",
        results.requests_of_ten,
        results.requests_of_thousand,
        gzip as f64 / plain as f64,
    )
}
