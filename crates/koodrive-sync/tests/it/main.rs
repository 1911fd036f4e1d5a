//! Copies of albums of a server in this process.

mod copies;
mod failures;
mod mirrors;
mod support;
