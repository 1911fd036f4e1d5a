//! A copy of a KooDrive album in a folder.
//!
//! [`AlbumSync`] fetches what the folder lacks of an album; [`verify`] says later whether the copy is still what
//! was fetched. [`koodrive`] is the client that both albums and files come from.
//!
//! ```
//! use koodrive_sync::AlbumSync;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use koodrive_testing::{AlbumFile, AlbumServer};
//! # let files = [AlbumFile::new("F1").file_name("sea.jpg").media_type("text/plain").content("the sea")];
//! # let server = AlbumServer::builder().album("holidays", files).start().await;
//! # let (client, folder) = (server.client(), tempfile::tempdir()?);
//! let report = AlbumSync::new(client, "holidays", folder.path()).run(|_| ()).await?;
//! assert_eq!((report.fetched, report.failed), (1, 0));
//!
//! assert!(koodrive_sync::verify(folder.path())?.is_intact());
//! # Ok(())
//! # }
//! ```
//!
//! # What it promises
//!
//! - **A name in the folder is a whole, right file**, after a kill or a power cut at any moment.
//! - **Nobody else's file is overwritten or removed.** What somebody changed is left alone and reported.
//! - **Nothing is written through a symbolic link** in the folder, which could lead out of it.
//! - **A file that fails costs that file.** The next run tries it again.
//! - **A second run costs a listing**: no download, nothing written, one look at each file.
//! - **Names are safe on every disk**, and a file keeps the path that it once had.
//! - **Nothing is removed** but by a [`mirror`](AlbumSync::mirror), after a listing that is complete beyond doubt,
//!   up to a limit, and into a trash.
//! - **No link and no token** in the folder, in an [`Event`] or in a [`Report`].
//! - **Flat memory**: one page of the album, and less than 200 bytes for each file.
//!
//! # What it keeps in the folder
//!
//! `.koodrive/manifest.ndjson` has a line for each file: its id, its path, its size, its times and its SHA-256. If it
//! is lost, files are recognised by name and size, and hashed by [`verify`]. [`AlbumCopy`] reads it; so can a query
//! engine, as the command's [page on metadata] shows.
//! `.koodrive/thumbnails` has the [`thumbnails`](AlbumSync::thumbnails), `.koodrive/trash` what a mirror removed, and
//! `.koodrive/lock` keeps a second run out. While a file is fetched, a part lies beside its place, with a dot
//! before its name.
//!
//! [page on metadata]: https://github.com/koodrive/koodrive-rs/blob/main/crates/koodrive-cli/METADATA.md
//!
//! # How it is built
//!
//! `names` decides where a file goes and `plan` what happens to it: pure functions, without a disk. `manifest` says
//! what the copy holds, and `disk` is what is written to. `planner` puts the plan into practice for a page of files at
//! a time, `transfer` fetches what it says, several files side by side, and `mirror` removes what the album no longer
//! has. What is going to be fetched is written down first, and made durable once a page: so a file that was complete
//! before its line was is recognised.

mod copy;
mod disk;
mod error;
mod manifest;
mod mirror;
mod names;
mod page;
mod plan;
mod planner;
mod report;
#[cfg(test)]
mod simulation;
mod sync;
mod transfer;
mod verify;

pub use self::{
    copy::{AlbumCopy, CopiedFile, album_in},
    error::SyncError,
    names::Names,
    page::is_page,
    report::{Event, MaxDelete, Refusal, Report},
    sync::AlbumSync,
    verify::{Verification, verify},
};

/// Runs the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
