//! The calls, one module each: what is asked, and what is answered.

pub(crate) mod cursor;
pub(crate) mod download;
pub(crate) mod list;
pub(crate) mod list_query;
pub(crate) mod refresh;
