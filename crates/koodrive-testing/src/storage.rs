//! The storage that links lead to: an object store.
//!
//! It knows the albums and their links, and neither accounts nor pages.

pub(crate) mod answer;
pub(crate) mod content;
pub(crate) mod filler;
pub(crate) mod log;
pub(crate) mod noise;
pub(crate) mod object;
pub(crate) mod picture;
pub(crate) mod range;
