//! The events of a run, as a hash for comparing two runs, and the violations among them.

use std::{
    fmt,
    hash::{DefaultHasher, Hasher as _},
};

use tokio::time::Instant;

use super::setting;

pub(super) struct Journal {
    start: Instant,
    hash: DefaultHasher,
    is_printed: bool,
    pub(super) violations: Vec<String>,
}

impl Journal {
    pub(super) fn new() -> Self {
        let is_printed = setting::<u8>("TRACE").is_some();
        let (start, hash) = (Instant::now(), DefaultHasher::new());
        Self { start, hash, is_printed, violations: Vec::new() }
    }

    pub(super) fn note(&mut self, event: fmt::Arguments<'_>) {
        let at = self.start.elapsed();
        let text = format!("{at:?} {event}");
        self.hash.write(text.as_bytes());
        if self.is_printed {
            println!("{text}");
        }
    }

    pub(super) fn violated(&mut self, what: fmt::Arguments<'_>) {
        self.note(format_args!("VIOLATED {what}"));
        self.violations.push(what.to_string());
    }

    pub(super) fn hash(&self) -> u64 {
        self.hash.finish()
    }
}
