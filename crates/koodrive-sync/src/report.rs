//! What a run says about its work. No link and no token in it.

use serde::Serialize;

/// What happened to a file, or to the listing.
///
/// It serialises to an object with its kind in `event`: `{"event":"fetched","id":"F1","path":"sea.jpg",…}`.
/// Paths are relative to the folder of the copy, with `/` between their parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A page of the album was listed.
    Listed {
        /// Files so far.
        files: u64,
        /// How many files the album has, by the service's own count. For display only.
        total: Option<u64>,
    },
    /// A file of the album could not be read. It is not part of the copy.
    Unreadable {
        /// Why not.
        reason: String,
    },
    /// A file is being fetched, for the first time or once more after the service was too busy.
    Started {
        /// The file's id.
        id: String,
        /// Where it will be.
        path: String,
        /// Its size, if the album says it.
        size: Option<u64>,
    },
    /// Some more bytes of a file arrived. If a transfer has to start over, all of them arrive again.
    Received {
        /// The file's id.
        id: String,
        /// How many.
        bytes: u64,
    },
    /// The service is too busy, so no transfer begins for a while.
    Waiting {
        /// For how long, in seconds: as the service asks, or 5 if it does not say.
        seconds: u64,
    },
    /// The file was fetched. It is whole and durable.
    Fetched {
        /// The file's id.
        id: String,
        /// Where it is.
        path: String,
        /// Its size.
        bytes: u64,
        /// How many of the bytes an earlier run had left.
        resumed_from: u64,
        /// Whether the size was compared with the one that the album or the storage announced.
        is_size_known: bool,
    },
    /// The album has another version than the copy had. The file was fetched again, like
    /// [`Fetched`](Self::Fetched).
    Changed {
        /// The file's id.
        id: String,
        /// Where it is.
        path: String,
        /// Its size.
        bytes: u64,
        /// How many of the bytes an earlier run had left.
        resumed_from: u64,
        /// Whether the size was compared with the one that the album or the storage announced.
        is_size_known: bool,
    },
    /// The thumbnail of a file was fetched.
    Thumbnail {
        /// The file's id.
        id: String,
        /// Where the thumbnail is.
        path: String,
        /// Its size. In a dry run 0, as nothing announces it.
        bytes: u64,
    },
    /// The file was there, as it was left.
    Kept {
        /// The file's id.
        id: String,
        /// Where it is.
        path: String,
    },
    /// A file of its name and size was there, and is taken for it. [`verify`](crate::verify) hashes it.
    Adopted {
        /// The file's id.
        id: String,
        /// Where it is.
        path: String,
    },
    /// The file on the disk is not as it was left, so it is not touched.
    Left {
        /// The file's id.
        id: String,
        /// Where it is.
        path: String,
    },
    /// The file could not be copied, or not be removed. The next run tries again.
    Failed {
        /// The file's id.
        id: String,
        /// Where it would be.
        path: String,
        /// Why.
        reason: String,
    },
    /// The album no longer has the file. It was moved to `.koodrive/trash`.
    Removed {
        /// The file's id.
        id: String,
        /// Where it was.
        path: String,
    },
}

/// What a run did, in numbers of files. In a dry run, what it would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Files of the album, without those that the filter left out.
    pub listed: u64,
    /// Files of the album that could not be read.
    pub unreadable: u64,
    /// Files fetched for the first time.
    pub fetched: u64,
    /// Files fetched again, because the album has another version.
    pub changed: u64,
    /// Files that were there, as they were left.
    pub kept: u64,
    /// Files recognised by name and size.
    pub adopted: u64,
    /// Files that somebody changed on the disk.
    pub left: u64,
    /// Files that could not be copied.
    pub failed: u64,
    /// Files moved to the trash.
    pub removed: u64,
    /// Thumbnails fetched.
    pub thumbnails: u64,
    /// Bytes in the files and thumbnails fetched.
    pub bytes: u64,
    /// Of the files fetched, those whose size neither the album nor the storage announced.
    pub unknown_sizes: u64,
    /// Why files that the album no longer has were not removed.
    pub refusal: Option<Refusal>,
    /// Whether nothing was done.
    pub is_dry_run: bool,
}

/// Why [`mirror`](crate::AlbumSync::mirror) removed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// The listing may not be complete: a filter, files that could not be read or were listed twice, or another
    /// number of files than the service's own count.
    Incomplete {
        /// How many files would be removed.
        files: u64,
    },
    /// There are more than [`max_delete`](crate::AlbumSync::max_delete) allows.
    TooMany {
        /// How many files would be removed.
        files: u64,
        /// How many may be.
        limit: u64,
    },
}

/// How many files [`mirror`](crate::AlbumSync::mirror) may remove in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaxDelete {
    /// This many.
    Files(u64),
    /// This share of the files of the copy, from 0 to 100, rounded up: one file of a small copy may go.
    Percent(u8),
}

impl Default for MaxDelete {
    fn default() -> Self {
        Self::Percent(10)
    }
}

impl Report {
    /// Whether the folder now has what the album has, as far as the filter lets it: no file was unreadable or
    /// failed, and none was left or kept against the setting.
    pub fn is_complete(&self) -> bool {
        self.unreadable == 0 && self.failed == 0 && self.left == 0 && self.refusal.is_none()
    }

    /// Adds what another run did: to sum up the copies of several albums. [`refusal`](Self::refusal) stays the first.
    pub fn add(&mut self, other: &Self) {
        let counts = [
            (&mut self.listed, other.listed),
            (&mut self.unreadable, other.unreadable),
            (&mut self.fetched, other.fetched),
            (&mut self.changed, other.changed),
            (&mut self.kept, other.kept),
            (&mut self.adopted, other.adopted),
            (&mut self.left, other.left),
            (&mut self.failed, other.failed),
            (&mut self.removed, other.removed),
            (&mut self.thumbnails, other.thumbnails),
            (&mut self.bytes, other.bytes),
            (&mut self.unknown_sizes, other.unknown_sizes),
        ];
        for (count, other) in counts {
            *count = count.saturating_add(other);
        }
        self.refusal = self.refusal.or(other.refusal);
        self.is_dry_run |= other.is_dry_run;
    }

    /// Counts what an event says.
    pub(crate) fn count(&mut self, event: &Event) {
        let counter = match event {
            Event::Listed { .. }
            | Event::Started { .. }
            | Event::Received { .. }
            | Event::Waiting { .. } => return,
            Event::Unreadable { .. } => &mut self.unreadable,
            Event::Fetched { .. } => &mut self.fetched,
            Event::Changed { .. } => &mut self.changed,
            Event::Thumbnail { bytes, .. } => {
                self.bytes = self.bytes.saturating_add(*bytes);
                &mut self.thumbnails
            }
            Event::Kept { .. } => &mut self.kept,
            Event::Adopted { .. } => &mut self.adopted,
            Event::Left { .. } => &mut self.left,
            Event::Failed { .. } => &mut self.failed,
            Event::Removed { .. } => &mut self.removed,
        };
        *counter = counter.saturating_add(1);
        if let Event::Fetched { bytes, is_size_known, .. }
        | Event::Changed { bytes, is_size_known, .. } = event
        {
            self.bytes = self.bytes.saturating_add(*bytes);
            self.unknown_sizes = self.unknown_sizes.saturating_add(u64::from(!is_size_known));
        }
    }
}
