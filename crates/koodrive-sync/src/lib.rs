//! A copy of a KooDrive album in a folder.
mod disk;
mod error;
mod manifest;
mod names;
mod plan;
mod planner;
mod report;
mod sync;
mod transfer;
mod verify;

pub use self::{
    error::SyncError,
    report::{Event, MaxDelete, Refusal, Report},
    sync::AlbumSync,
    verify::{Verification, verify},
};
