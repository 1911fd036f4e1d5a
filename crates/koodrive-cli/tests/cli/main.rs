//! The `koodrive` command, run as people run it: arguments and variables in, output, messages and an exit
//! code out.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets what it did not expect should fail"
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
