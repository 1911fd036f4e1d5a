//! The albums: computed ones, those that a test fills, and how a file is described.

pub(crate) mod file;
pub(crate) mod generated;
pub(crate) mod item;
pub(crate) mod media;
pub(crate) mod order;
pub(crate) mod presign;
pub(crate) mod shuffle;
pub(crate) mod store;
