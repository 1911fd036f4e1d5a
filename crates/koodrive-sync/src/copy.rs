//! A copy, as others read it: a gallery, a search, a test. Nothing is locked or changed.

use std::{fmt, path::Path, time::SystemTime};

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    error::SyncError,
    manifest::{Entry, Manifest},
};

/// The id of the album of which this folder holds a copy. `None` if it holds none.
///
/// # Errors
///
/// [`Io`](SyncError::Io) and [`Manifest`](SyncError::Manifest).
pub fn album_in(directory: impl AsRef<Path>) -> Result<Option<String>, SyncError> {
    Manifest::album(&directory.as_ref().join(".koodrive"))
}

/// What a copy holds, by its manifest, as it was when it was opened.
///
/// ```
/// use koodrive_sync::{AlbumCopy, AlbumSync};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use koodrive_testing::{AlbumFile, AlbumServer};
/// # let files = [AlbumFile::new("F1").file_name("sea.jpg").media_type("image/jpeg").size(9_000)];
/// # let server = AlbumServer::builder().album("holidays", files).start().await;
/// # let folder = tempfile::tempdir()?;
/// # let (client, folder) = (server.client(), folder.path());
/// AlbumSync::new(client, "holidays", folder).thumbnails(true).run(|_| ()).await?;
///
/// for file in AlbumCopy::open(folder)?.files() {
///     let file = file?;
///     println!("{} {:?}", file.path, file.taken);
///     assert!(folder.join(file.thumbnail.unwrap()).exists());
/// }
/// # Ok(())
/// # }
/// ```
pub struct AlbumCopy {
    manifest: Manifest,
}

/// A file of a copy. Its paths are relative to the folder of the copy, with `/` between their parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CopiedFile {
    /// The file's id.
    pub id: String,
    /// Where the file is.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was taken, or else created, if the album says either.
    pub taken: Option<SystemTime>,
    /// When the album's version was edited, in the service's words.
    pub edited: Option<String>,
    /// The type as a word, as in [`FileType`](koodrive::FileType)'s `Display`: `image`.
    pub kind: Option<String>,
    /// Whether it is a favourite, if the album says so.
    pub favorite: Option<bool>,
    /// Where its thumbnail is.
    pub thumbnail: Option<String>,
    /// The storage's ETag of the version that was fetched.
    pub etag: Option<String>,
    /// In hexadecimal digits. `None` for a file that was only recognised by its name and size.
    pub sha256: Option<String>,
}

impl AlbumCopy {
    /// Opens the copy in this folder. A run may be under way.
    ///
    /// # Errors
    ///
    /// [`Io`](SyncError::Io) if there is none, or if it cannot be read; [`Manifest`](SyncError::Manifest).
    pub fn open(directory: impl AsRef<Path>) -> Result<Self, SyncError> {
        let manifest = Manifest::open_copy(&directory.as_ref().join(".koodrive"), None)?;
        Ok(Self { manifest })
    }

    /// The files, in the order in which they came. None but those that are there, as far as the copy knows.
    ///
    /// # Errors
    ///
    /// [`Io`](SyncError::Io), for each file, if it cannot be read.
    pub fn files(&self) -> impl Iterator<Item = Result<CopiedFile, SyncError>> {
        let entries = self.manifest.offsets(true).into_iter();
        let entries = entries.map(|offset| self.manifest.entry_at(offset));
        let at = SyncError::at(&self.manifest.path);
        entries.filter_map(move |entry| entry.map(CopiedFile::of).map_err(at).transpose())
    }
}

impl CopiedFile {
    fn of(entry: Entry) -> Option<Self> {
        let thumbnail = entry.thumbnail.as_ref().map(|_| entry.thumbnail_path());
        let (local, about) = (entry.local?, entry.about);
        Some(Self {
            id: entry.id,
            path: entry.path,
            size: local.size,
            taken: about
                .taken
                .and_then(|time| Some(Timestamp::from_millisecond(time).ok()?.into())),
            edited: local.edited,
            kind: about.kind,
            favorite: about.favorite,
            thumbnail,
            etag: local.etag,
            sha256: local.sha256,
        })
    }
}

impl fmt::Debug for AlbumCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlbumCopy").field("files", &self.manifest.len()).finish()
    }
}
