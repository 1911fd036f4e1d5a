//! What goes back over the wire.

pub(crate) mod fault;
pub(crate) mod refusal;
pub(crate) mod reply;
