//! Requests as they were received. This layer imports nothing from the others.

pub(crate) mod log;
pub(crate) mod query;
pub(crate) mod received;
pub(crate) mod route;
