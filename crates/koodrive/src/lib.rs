//! KooDrive albums as a stream.
//!
//! [KooDrive](https://www.huaweicloud.com/intl/en-us/product/koodrive.html) (Huawei Cloud) keeps
//! people's photos in albums, and lists an album a hundred files at a time, behind an opaque cursor.
//! This crate turns that into a [`Stream`](futures_core::Stream) of [`AlbumContent`], for the
//! combinators of the `futures` crate:
//!
//! ```no_run
//! use futures::TryStreamExt;
//! use koodrive::{AccessToken, Client, SortDirection, SortType};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder()
//!     .user_id("1765263620687613825")
//!     .credentials(AccessToken::new(std::env::var("KOODRIVE_ACCESS_TOKEN")?))
//!     .build()?;
//!
//! let mut files = client
//!     .list_album_content("1795607640592646273")
//!     .sort_type(SortType::ShootingTime)
//!     .sort_direction(SortDirection::Ascending)
//!     .stream();
//! while let Some(file) = files.try_next().await? {
//!     println!("{} {:?}", file.file_name().unwrap_or("?"), file.size());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What to count on
//!
//! - A listing never ends early without saying so. It ends when the service says that there is no
//!   further page; a cursor that leads round in a circle, a body that is not a page and a lost
//!   connection are errors, not ends.
//! - A page is handed out only when it was read whole and checked, so that no fault loses or doubles a
//!   file. A file that makes no sense costs that file, not its page.
//! - What may pass is tried again, as the [`RetryPolicy`] and the [`Timeouts`] say. An error that is left can
//!   be polled past if it is [retryable](Error::is_retryable), or resumed from: it carries a [`Checkpoint`].
//! - An [`AccessToken`] lives 20 or 30 minutes. A [`Session`] renews itself, [`AppCredentials`] sign each
//!   request, and a [`TokenProvider`] is a source of your own; whoever still has a token that holds
//!   never waits for the next.
//! - This machine's clock need not be right: dates follow the service's own.
//! - No token, cursor or pre-signed URL shows in any `Debug`, `Display` or error.
//! - The next page comes while the files of this one are worked on:
//!   [`read_ahead`](ListAlbumContent::read_ahead). [`unordered`](ListAlbumContent::unordered) lists from both
//!   ends at once, [`edited_since`](ListAlbumContent::edited_since) only what changed.
//! - Memory is two pages, however long the album, and a few dozen bytes per page to tell circles. An unordered
//!   listing holds three, and 16 bytes for each file.
//!
//! [Why it is as it is](design) answers the questions that this raises.
//!
#![doc = include_str!("guide/tasks.md")]
#![doc = include_str!("guide/features.md")]
#![doc = include_str!("guide/troubleshooting.md")]

mod albums;
mod auth;
#[cfg(koodrive_bench)]
#[doc(hidden)]
#[allow(missing_docs, reason = "seen by benchmarks only")]
pub mod benching;
mod calls;
mod checkpoint;
mod client;
mod cursor;
mod error;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(test)]
mod guide;
mod input;
mod paging;
#[cfg(test)]
mod simulation;
mod telemetry;
mod wire;

pub use albums::{
    content::AlbumContent,
    file_type::FileType,
    list_content::ListAlbumContent,
    presigned_url::PresignedUrl,
    sort::{SortDirection, SortType},
    timestamp::Timestamp,
};
pub use auth::{
    app::AppCredentials,
    credentials::{AccessToken, Credentials},
    provider::TokenProvider,
    session::{Session, SessionTokens},
};
pub use calls::{policy::RetryPolicy, timeouts::Timeouts};
pub use checkpoint::Checkpoint;
pub use client::{Client, ClientBuilder};
pub use error::{Error, ErrorKind, Result, codes::CodeMeaning};
pub use paging::{
    items::AlbumContentStream,
    page::{AlbumContentPage, PageItems},
    pages::AlbumContentPages,
    position::Progress,
    split::{AlbumContents, Outcome, Summary},
};
pub use wire::{clock::TimeSource, endpoint};

/// Nothing to use: the design of this crate, as a list of whys.
#[cfg(doc)]
#[doc = include_str!("../DESIGN.md")]
pub mod design {}

/// The README's examples compile. Its program and the tests of that run in `koodrive-testing`.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// So does that of the package.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct PackageReadme;
