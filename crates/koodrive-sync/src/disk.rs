//! What a copy is written to. `Store` is all that a run knows about it; `Folder` is the only one there is.

pub(crate) mod folder;

use std::{future::Future, io, time::Duration};

use koodrive::AlbumContent;

/// A place for files. Paths are relative, with `/` between their parts.
///
/// All but [`fetch`](Self::fetch) blocks. What it says it has done is durable.
pub(crate) trait Store: Send + Sync + 'static {
    /// What is at a path.
    fn find(&self, path: &str) -> io::Result<Option<Found>>;

    /// The SHA-256 of a file.
    fn digest(&self, path: &str) -> io::Result<[u8; 32]>;

    /// Moves a file to the trash.
    fn discard(&self, path: &str) -> io::Result<()>;

    /// Writes what the album says about a file, unless something else is at this path.
    fn describe(&self, path: &str, file: &AlbumContent) -> io::Result<()>;

    /// Whether at this path is what the album said about the file with this id.
    fn describes(&self, path: &str, id: &str) -> io::Result<bool>;

    /// Fetches a file or its thumbnail: the whole of it, or nothing of it. Only if `replace` is set, another file may
    /// be there. Calls `on_bytes` with the number of bytes whenever some arrive.
    fn fetch(
        &self,
        file: &AlbumContent,
        wanted: Wanted,
        path: &str,
        replace: bool,
        on_bytes: impl Fn(u64) + Send + Sync + 'static,
    ) -> impl Future<Output = Result<Fetched, Failure>> + Send;
}

/// What a sidecar says: all that the album does, without links.
pub(crate) fn description(file: &AlbumContent) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec_pretty(&file.without_urls())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Content,
    Thumbnail,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    File {
        size: u64,
        /// In milliseconds since 1970.
        modified: i64,
    },
    /// A folder, a link or a device.
    Other,
}

pub(crate) struct Fetched {
    pub(crate) bytes: u64,
    pub(crate) sha256: [u8; 32],
    pub(crate) resumed_from: u64,
    pub(crate) is_size_known: bool,
    pub(crate) etag: Option<String>,
}

/// Why a file was not fetched.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) reason: String,
    pub(crate) scope: Scope,
}

/// What a failure is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Scope {
    /// This file.
    File,
    /// The service is too busy, for that long.
    Busy(Duration),
    /// No other file would fare better on this disk.
    Disk(io::ErrorKind),
}
