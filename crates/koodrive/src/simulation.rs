//! The whole client above the socket, against a model of the service, on paused time.
//!
//! One integer replays a run: the model and the consumer draw from generators seeded with it, and so
//! does the client itself (jitter, trace ids), through this thread's own generator of `fastrand`.
//! `KOODRIVE_SIMULATION_TRACE=1` prints what happens.

#![allow(clippy::arithmetic_side_effects, reason = "a test that overflows should fail")]

mod account;
mod album;
mod clocks;
mod consumer;
mod failures;
mod faults;
mod figures;
mod journal;
mod outages;
mod properties;
mod reply;
mod service;
mod tests;
mod world;

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::wire::sync::lock;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// One thread, and a clock that jumps to the next timer when there is nothing else to do.
fn paused_runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

/// A number from the environment, for runs longer than the test suite's.
fn setting<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(format!("KOODRIVE_SIMULATION_{name}")).ok()?.parse().ok()
}
