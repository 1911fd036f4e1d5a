//! Whether a copy still is what was fetched. Offline.

use std::{fs, io, path::Path};

use serde::Serialize;

use crate::{
    disk::{
        Found,
        folder::{digest, find, place},
    },
    error::SyncError,
    manifest::{Local, Lock, Manifest},
    page::is_page,
};

/// What [`verify`] found. Paths are relative to the folder, with `/` between their parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verification {
    /// Files with the digest that they had when they were fetched.
    pub whole: u64,
    /// Files recognised by name and size, which were hashed now for the first time.
    pub hashed: u64,
    /// Thumbnails with their digest.
    pub thumbnails: u64,
    /// Files with other bytes but of the size and time that they were left with: the disk lost them.
    pub damaged: Vec<String>,
    /// Files that somebody changed.
    pub changed: Vec<String>,
    /// Files that could not be read.
    pub unreadable: Vec<String>,
    /// Files that are gone.
    pub missing: Vec<String>,
    /// Files in the folder that are not part of the copy, nor a page [to look at it](crate::is_page).
    pub strange: Vec<String>,
}

/// How a file is, compared with how it was left.
enum State {
    Whole,
    /// It got its digest now.
    Hashed,
    Damaged,
    Changed,
    Missing,
}

impl Verification {
    /// Whether nothing is damaged, changed, unreadable or missing.
    pub fn is_intact(&self) -> bool {
        let lists = [&self.damaged, &self.changed, &self.unreadable, &self.missing];
        lists.iter().all(|paths| paths.is_empty())
    }
}

/// Compares every file of the copy in `directory` with the digest that it had when it was fetched.
///
/// It reads all files and sends nothing, and it blocks. Files that were only recognised by name and size get
/// their digest now. It is kept, unless the copy cannot be written.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use koodrive_testing::{AlbumFile, AlbumServer};
/// # let files = [AlbumFile::new("F1").file_name("sea.jpg").content("the sea")];
/// # let server = AlbumServer::builder().album("holidays", files).start().await;
/// # let folder = tempfile::tempdir()?;
/// # let (client, folder) = (server.client(), folder.path());
/// koodrive_sync::AlbumSync::new(client, "holidays", folder).run(|_| ()).await?;
///
/// std::fs::write(folder.join("sea.jpg"), "a hill")?;
/// let found = koodrive_sync::verify(folder)?;
/// assert_eq!((found.whole, &*found.changed), (0, &["sea.jpg".to_owned()][..]));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Io`](SyncError::Io) if there is no manifest, or if it cannot be read;
/// [`InUse`](SyncError::InUse) and [`Manifest`](SyncError::Manifest).
pub fn verify(directory: impl AsRef<Path>) -> Result<Verification, SyncError> {
    let root = directory.as_ref();
    let folder = place(root, ".koodrive").map_err(SyncError::at(root))?;
    let (_lock, mut manifest, is_writable) = open(&folder)?;
    let mut found = Verification::default();
    for offset in manifest.offsets(true) {
        let mut entry = manifest.entry_at(offset).map_err(SyncError::at(&folder))?;
        let thumbnail = entry.thumbnail_path();
        let mut is_hashed = false;
        for (path, left, is_thumbnail) in
            [(&entry.path, &mut entry.local, false), (&thumbnail, &mut entry.thumbnail, true)]
        {
            let Some(left) = left else { continue };
            let state = State::of(&root.join(path), left);
            is_hashed |= matches!(state, Ok(State::Hashed));
            found.note(path, &state, is_thumbnail);
        }
        if is_hashed {
            manifest.put(&entry).map_err(SyncError::at(&folder))?;
        }
    }
    found.look_for_strangers(root, "", &manifest).map_err(SyncError::at(root))?;
    if is_writable {
        manifest.finish().map_err(SyncError::at(&folder))?;
    }
    Ok(found)
}

/// The manifest, and whether it can be written. If not, it is a copy of it: of a snapshot, or of another user.
fn open(folder: &Path) -> Result<(Option<Lock>, Manifest, bool), SyncError> {
    use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    match Lock::take(folder) {
        Err(SyncError::Io { source, .. })
            if matches!(source.kind(), PermissionDenied | ReadOnlyFilesystem) =>
        {
            Ok((Lock::share(folder)?, Manifest::open_copy(folder, None)?, false))
        }
        lock => Ok((Some(lock?), Manifest::open(folder, None)?, true)),
    }
}

impl State {
    /// Gives the file a digest if it has none.
    fn of(place: &Path, left: &mut Local) -> io::Result<Self> {
        let (size, modified) = match find(place)? {
            Some(Found::File { size, modified }) => (size, modified),
            Some(Found::Other) => return Ok(Self::Changed),
            None => return Ok(Self::Missing),
        };
        let digest = Some(hex::encode(digest(place)?));
        Ok(match &left.sha256 {
            known if *known == digest => Self::Whole,
            _ if size != left.size => Self::Changed,
            None => {
                (left.modified, left.sha256) = (modified, digest);
                Self::Hashed
            }
            Some(_) if modified == left.modified => Self::Damaged,
            Some(_) => Self::Changed,
        })
    }
}

impl Verification {
    /// Counts a file, or lists its path if it is not as it was left.
    fn note(&mut self, path: &str, state: &io::Result<State>, is_thumbnail: bool) {
        let count = match state {
            Ok(State::Whole | State::Hashed) if is_thumbnail => &mut self.thumbnails,
            Ok(State::Whole) => &mut self.whole,
            Ok(State::Hashed) => &mut self.hashed,
            Ok(State::Damaged) => return self.damaged.push(path.to_owned()),
            Ok(State::Changed) => return self.changed.push(path.to_owned()),
            Ok(State::Missing) => return self.missing.push(path.to_owned()),
            Err(_) => return self.unreadable.push(path.to_owned()),
        };
        *count = count.saturating_add(1);
    }

    fn look_for_strangers(
        &mut self,
        folder: &Path,
        prefix: &str,
        manifest: &Manifest,
    ) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                let prefix = format!("{path}/");
                // One that cannot be read, such as `lost+found`: files of the copy in it were told before.
                if path != ".koodrive"
                    && self.look_for_strangers(&entry.path(), &prefix, manifest).is_err()
                {
                    self.strange.push(path);
                }
            } else if !manifest.is_taken(&path) && !is_ours(&entry)? {
                self.strange.push(path);
            }
        }
        Ok(())
    }
}

/// Whether something beside the files of the copy comes from us. A pipe, say, is never opened.
fn is_ours(entry: &fs::DirEntry) -> io::Result<bool> {
    let name = entry.file_name().to_string_lossy().into_owned();
    let may_be_page = name.ends_with(".html") && entry.file_type()?.is_file();
    Ok(is_part(&name) || (may_be_page && is_page(entry.path()).unwrap_or(false)))
}

/// What an interrupted download leaves for the next one. No file of a copy begins with a dot.
pub(crate) fn is_part(name: &str) -> bool {
    name.starts_with('.') && (name.ends_with(".part") || name.ends_with(".part-record"))
}
