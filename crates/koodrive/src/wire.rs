//! One exchange with the service: where requests go, through what, and at what time.

pub mod endpoint;

pub(crate) mod clock;
mod server_time;
pub(crate) mod trace_id;
pub(crate) mod transport;
