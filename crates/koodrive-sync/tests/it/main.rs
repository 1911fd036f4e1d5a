//! Copies of albums of a server in this process.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

mod copies;
mod disks;
mod failures;
mod mirrors;
mod support;
mod thumbnails;
