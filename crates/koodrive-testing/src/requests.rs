//! What came over the wire.

pub(crate) mod log;
pub(crate) mod query;
pub(crate) mod received;
pub(crate) mod route;
