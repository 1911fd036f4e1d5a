//! Faults that pass: what the client makes good by itself, and what it hands to the caller.

mod attempts;
mod resume;
