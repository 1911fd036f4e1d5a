//! The operations on albums: one file for each, and the types that they hand out.
//!
//! Nothing here knows of retries.

pub(crate) mod album;
mod albums_query;
mod checkpoint_text;
pub(crate) mod content;
mod content_query;
mod content_settings;
pub(crate) mod decode;
mod entries;
#[cfg(test)]
mod example;
#[cfg(test)]
mod example_api;
#[cfg(test)]
mod example_tests;
pub(crate) mod file_type;
pub(crate) mod list_albums;
pub(crate) mod list_content;
pub(crate) mod order;
pub(crate) mod presigned_url;
pub(crate) mod timestamp;
