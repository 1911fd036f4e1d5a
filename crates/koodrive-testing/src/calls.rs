//! What each call reads from its request and writes into its reply.

pub(crate) mod albums;
pub(crate) mod cursor;
pub(crate) mod list;
pub(crate) mod list_query;
pub(crate) mod login;
pub(crate) mod refresh;
