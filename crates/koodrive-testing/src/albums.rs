//! Albums, generated and custom, and the files in them. Nothing here knows requests or cursors.

pub(crate) mod details;
pub(crate) mod file;
pub(crate) mod generated;
pub(crate) mod info;
pub(crate) mod item;
pub(crate) mod media;
pub(crate) mod object;
pub(crate) mod order;
pub(crate) mod presign;
pub(crate) mod shuffle;
pub(crate) mod store;
pub(crate) mod stored;
