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
//! # What it promises
//!
//! - **Complete, or an error.** A listing ends when the service says so. A repeated cursor, a body that is not
//!   a page, or a lost connection is an error, never an early end.
//! - **Nothing lost, nothing doubled.** Transient failures are retried, as [`RetryPolicy`] and [`Timeouts`]
//!   say. Any remaining error carries a [`Checkpoint`]. A listing that resumes from it yields exactly the rest.
//! - **A file that cannot be read is one error.** The rest of its page follows.
//! - **Tokens refresh before they expire.** One refresh serves every waiting request. A request with a valid
//!   token does not wait, except on a current-thread runtime. See [`Session`], [`AppCredentials`] and [`TokenProvider`].
//! - **A wrong clock does no harm.** Dates follow the service's own time.
//! - **No secret in any output**: no token, cursor or pre-signed URL in a `Debug`, `Display` or error.
//! - **Two pages of memory**, however long the album, and a few dozen bytes per page to detect a
//!   repeated cursor.
//!
//! The [guide] answers how to filter, download, resume, authenticate and test. The [design] explains why
//! the crate is as it is.

/// `Debug` for a type that is a secret: its name, and nothing of its content.
macro_rules! redacted {
    ($type:ident) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($type), "([redacted])"))
            }
        }
    };
}

/// `Debug` for a type that holds more than it should show: its name, and these fields.
macro_rules! debug_only {
    ($type:ident $(<$item:ident>)?, |$it:pat_param| $($field:ident: $value:expr),*) => {
        impl $(<$item>)? std::fmt::Debug for $type $(<$item>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let $it = self;
                let mut shown = f.debug_struct(stringify!($type));
                $(shown.field(stringify!($field), &$value);)*
                shown.finish_non_exhaustive()
            }
        }
    };
}

mod albums;
mod auth;
#[cfg(koodrive_bench)]
#[doc(hidden)]
#[allow(missing_docs, reason = "only benchmarks see it")]
pub mod benching;
#[cfg(feature = "blocking")]
pub mod blocking;
mod calls;
mod checkpoint;
mod client;
mod cursor;
mod download;
mod error;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
pub mod guide;
mod input;
mod paging;
#[cfg(test)]
mod simulation;
mod telemetry;
mod wire;

pub use albums::{
    album::{Album, AlbumKind, AlbumType},
    content::AlbumContent,
    file_type::FileType,
    list_albums::ListAlbums,
    list_content::ListAlbumContent,
    order::{SortDirection, SortType},
    presigned_url::PresignedUrl,
    timestamp::Timestamp,
};
pub use auth::{
    access_token::AccessToken, app::AppCredentials, credentials::Credentials, login::Login,
    provider::TokenProvider, session::Session, session_store::SessionStore,
    session_tokens::SessionTokens,
};
pub use calls::{policy::RetryPolicy, timeouts::Timeouts};
pub use checkpoint::Checkpoint;
pub use client::{Client, ClientBuilder};
pub use download::{Download, Downloaded, stream::DownloadStream};
pub use error::{Error, ErrorKind, Result, codes::CodeMeaning};
pub use paging::{
    items::ItemStream,
    page::{Page, PageItems},
    pages::{Pages, Progress},
    split::{Outcome, Summary, UntilError},
};
pub use secrecy::SecretString;
pub use wire::{clock::TimeSource, endpoint};

/// One page of an album's files.
pub type AlbumContentPage = Page<AlbumContent>;

/// The pages of an album, from [`ListAlbumContent::pages`].
pub type AlbumContentPages = Pages<AlbumContent>;

/// The files of an album, from [`ListAlbumContent::stream`].
pub type AlbumContentStream = ItemStream<AlbumContent>;

/// The design of this crate, as a list of reasons. There is nothing to use here.
#[cfg(doc)]
#[doc = include_str!("../DESIGN.md")]
pub mod design {}

/// The README's examples compile. Its program and the tests of it run in `koodrive-testing`.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// So do those of the package's README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct PackageReadme;
