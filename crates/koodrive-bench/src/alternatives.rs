//! The alternatives' paginators. Each uses the fetch and decode of the hand-written loop.

pub mod aws;
pub mod azure;
pub mod google;
