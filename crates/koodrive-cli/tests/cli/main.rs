//! Runs the `koodrive` command as a user does: with arguments and variables, checking its output, messages
//! and exit code.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test should fail on anything unexpected"
)]

mod account;
mod demo;
mod documents;
mod failures;
mod formats;
mod interrupted;
mod killed;
mod list;
mod states;
mod summary;
mod support;
#[cfg(unix)]
mod terminal;
mod two_runs;
