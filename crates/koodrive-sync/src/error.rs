//! Why a run ended before its end. What happens to one file is an event instead.

use std::{
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
};

use crate::report::Report;

/// Why a run or a verification could not be brought to its end.
///
/// What it had done by then is safe. Print it with its [`source`](Error::source)s.
#[derive(Debug)]
#[non_exhaustive]
pub enum SyncError {
    /// A setting is not acceptable. Nothing was sent or written.
    InvalidInput(String),
    /// Another run works on this folder.
    InUse {
        /// What it wrote about itself: its process id, and since when it runs.
        holder: String,
    },
    /// The folder holds the copy of another album.
    OtherAlbum {
        /// The id of that album.
        album_id: String,
    },
    /// The manifest is of another version of this library, or no manifest at all.
    Manifest {
        /// Where it is.
        path: PathBuf,
    },
    /// The folder cannot be read or written.
    Io {
        /// Where that failed.
        path: PathBuf,
        /// How it failed.
        source: io::Error,
    },
    /// The album could not be listed to its end. All files that were listed until then were dealt with.
    Listing {
        /// What ended the listing.
        source: koodrive::Error,
        /// What was done until then.
        report: Box<Report>,
    },
}

impl SyncError {
    /// For `map_err`: the error of a call about `path`.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { path: path.to_owned(), source }
    }
}

impl fmt::Display for SyncError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidInput(reason) => f.write_str(reason),
            Self::InUse { holder } => write!(f, "the folder is in use by another run ({holder})"),
            Self::OtherAlbum { album_id } => {
                write!(f, "the folder holds a copy of another album, {album_id:?}")
            }
            Self::Manifest { path } => write!(
                f,
                "{} is not a manifest that this version can read; without it, files are recognised by \
                 name and size",
                path.display()
            ),
            Self::Io { path, .. } => write!(f, "cannot read or write {}", path.display()),
            Self::Listing { .. } => f.write_str("the album could not be listed to its end"),
        }
    }
}

impl Error for SyncError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Listing { source, .. } => Some(source),
            _ => None,
        }
    }
}
