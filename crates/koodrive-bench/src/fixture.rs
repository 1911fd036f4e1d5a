//! What the pages hold, and how they travel.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

pub const PAGE: usize = 100;
/// The number of distinct files. A longer album repeats them, with its own cursors, because a million
/// files would take two gigabytes.
pub const FILES: usize = 20_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub enum Fixture {
    /// Every field, without an escape
    Plain,
    /// Chinese names, escapes, and files that lack fields
    Real,
    /// The plain pages, compressed
    Gzip,
}

/// A value as the command line spells it.
pub fn name(value: impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
