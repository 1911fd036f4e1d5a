//! Why a run ended before its end. What happens to one file is an event instead.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::report::Report;

/// Why a run or a verification could not be brought to its end.
///
/// What it had done by then is safe. Print it with its [`source`](std::error::Error::source)s.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// A setting is not acceptable. Nothing was sent or written.
    #[error("{0}")]
    InvalidInput(String),
    /// Another run works on this folder.
    #[error("the folder is in use by another run ({holder})")]
    InUse {
        /// What it wrote about itself: its process id, and since when it runs.
        holder: String,
    },
    /// The folder holds the copy of another album.
    #[error("the folder holds a copy of another album, {album_id:?}")]
    OtherAlbum {
        /// The id of that album.
        album_id: String,
    },
    /// The manifest is of another version of this library, or no manifest at all.
    #[error(
        "{path} is not a manifest that this version can read; without it, files are recognised by \
         name and size",
        path = path.display()
    )]
    Manifest {
        /// Where it is.
        path: PathBuf,
    },
    /// The folder cannot be read or written.
    #[error("cannot read or write {path}", path = path.display())]
    Io {
        /// Where that failed.
        path: PathBuf,
        /// How it failed.
        source: io::Error,
    },
    /// The album could not be listed to its end. All files that were listed until then were dealt with.
    #[error("the album could not be listed to its end")]
    Listing {
        /// What ended the listing.
        source: koodrive::Error,
        /// What was done until then.
        report: Box<Report>,
    },
}

impl SyncError {
    /// For `map_err`: the error of a call about `path`.
    pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> Self + Copy {
        move |source| Self::Io { path: path.to_owned(), source }
    }
}
