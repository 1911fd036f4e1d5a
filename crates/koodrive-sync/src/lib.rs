//! wip
mod disk;
mod error;
mod manifest;
mod names;
mod report;

pub use self::{error::SyncError, report::Report};
