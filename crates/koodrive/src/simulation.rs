//! The whole client above the socket, against a model of the service, on paused time.
//!
//! One integer replays a run. It seeds the generators of the model and of the consumer, and the generator
//! of `fastrand` for this thread, from which the client draws jitter and trace ids.
//! `KOODRIVE_SIMULATION_TRACE=1` prints all events.

#![allow(clippy::arithmetic_side_effects, reason = "a test that overflows should fail")]

mod account;
mod album;
mod clocks;
mod connection;
mod consumer;
mod entries;
mod exchange_plan;
mod failures;
mod faults;
mod figures;
mod journal;
mod listing;
mod outages;
mod pages;
mod properties;
mod received;
mod reply;
mod request;
mod service;
mod sessions;
mod tests;
mod unordered;
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

/// One thread, and a clock that jumps to the next timer whenever everything waits.
fn paused_runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

/// A number from the environment, for longer runs than those of the test suite.
fn setting<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(format!("KOODRIVE_SIMULATION_{name}")).ok()?.parse().ok()
}
