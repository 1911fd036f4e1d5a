//! Tests of the whole client against servers in this process: what they receive, and what comes out.

mod albums;
mod auth;
mod bad_input;
mod blocking;
mod combinators;
mod download;
mod errors;
mod hostile;
mod listing;
mod requests;
mod secrets;
mod support;
mod survival;
mod tracing;
mod vendor_page;
