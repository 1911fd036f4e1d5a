//! Transient faults: what the client recovers from itself, and what it returns to the caller.

mod attempts;
mod resume;
