//! The operations on albums, and the types that they hand out.

pub(crate) mod content;
pub(crate) mod decode;
pub(crate) mod entries;
pub(crate) mod file_type;
pub(crate) mod lenient;
pub(crate) mod list_content;
pub(crate) mod listing;
pub(crate) mod plan;
pub(crate) mod presigned_url;
pub(crate) mod sort;
pub(crate) mod timestamp;
