//! From an operation to its outcome, in as many attempts as it takes and the policy allows.
//!
//! Nothing here knows what an operation does, nor what a page is.

pub(crate) mod attempts;
pub(crate) mod budget;
pub(crate) mod call;
pub(crate) mod context;
pub(crate) mod policy;
pub(crate) mod retry_state;
pub(crate) mod stopwatch;
pub(crate) mod timeouts;
