//! A table of RESULTS.md, with what its columns mean and how to have it again.

use std::fmt;

pub struct Table {
    pub title: &'static str,
    /// What it is called on the command line.
    pub name: String,
    pub notes: &'static str,
    pub columns: &'static [&'static str],
    pub rows: Vec<Vec<String>>,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n## {}\n\n`cargo xtask bench --only {}`\n", self.title, self.name)?;
        writeln!(f, "{}\n", self.notes)?;
        writeln!(f, "| {} |", self.columns.join(" | "))?;
        writeln!(f, "|{}", "---|".repeat(self.columns.len()))?;
        self.rows.iter().try_for_each(|row| writeln!(f, "| {} |", row.join(" | ")))
    }
}

/// A figure with its ratio to another, which is 0 if it was not measured.
pub fn ratio(value: f64, base: f64, digits: usize) -> String {
    match (value > 0.0, base > 0.0) {
        (false, _) => "–".to_owned(),
        (true, false) => format!("{value:.digits$}"),
        (true, true) => format!("{value:.digits$} ({:.2})", value / base),
    }
}

/// The repetition that the machine's other work disturbed least.
pub fn least(samples: impl IntoIterator<Item = f64>) -> f64 {
    samples.into_iter().fold(f64::INFINITY, f64::min)
}

pub fn median<T: PartialOrd + Copy>(samples: impl IntoIterator<Item = T>) -> Option<T> {
    let mut samples: Vec<T> = samples.into_iter().collect();
    samples.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    samples.get(samples.len() / 2).copied()
}
