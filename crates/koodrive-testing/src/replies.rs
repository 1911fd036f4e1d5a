//! Replies: the general form, refusals, and faults from the test.

pub(crate) mod fault;
pub(crate) mod refusal;
pub(crate) mod reply;
