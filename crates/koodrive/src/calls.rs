//! From an operation to its outcome, in as many attempts as it takes and the policy grants.

pub(crate) mod budget;
pub(crate) mod call;
pub(crate) mod policy;
pub(crate) mod retry_state;
pub(crate) mod timeouts;
