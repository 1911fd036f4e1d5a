//! One exchange with the service: what an operation is, where requests go, and at what time.
//!
//! Nothing here knows how often an exchange is tried, nor where its authorization comes from.

pub(crate) mod authorization;
pub(crate) mod backoff;
pub(crate) mod clock;
pub mod endpoint;
pub(crate) mod exchange;
pub(crate) mod operation;
pub(crate) mod recent;
mod server_time;
pub(crate) mod storage;
pub(crate) mod sync;
pub(crate) mod trace_id;
pub(crate) mod transport;
