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
mod albums;
mod arguments;
mod demo;
mod doctor;
mod documents;
mod failures;
mod filters;
mod formats;
mod gallery;
mod get;
mod interrupted;
mod killed;
mod list;
mod login;
mod names;
mod outputs;
mod profiles;
#[cfg(unix)]
mod progress;
#[cfg(unix)]
mod pty;
mod states;
mod summary;
mod support;
mod sync;
mod sync_all;
mod sync_numbers;
mod sync_stopped;
#[cfg(unix)]
mod terminal;
mod tips;
mod trace;
mod two_runs;
