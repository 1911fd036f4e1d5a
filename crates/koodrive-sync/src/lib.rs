//! wip
mod names;
