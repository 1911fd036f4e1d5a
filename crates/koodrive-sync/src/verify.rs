//! Whether a copy still is what was fetched. Offline.

use std::{fs, io, path::Path};

use serde::Serialize;

use crate::{
    disk::{
        Found,
        folder::{digest, find},
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

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// It has the digest that it had.
    Whole,
    /// It got its digest now.
    Hashed,
    /// It is not there, or not as it was left.
    Other,
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
    let folder = root.join(".koodrive");
    let (_lock, mut manifest, is_writable) = open(&folder)?;
    let mut found = Verification::default();
    for offset in manifest.offsets(true) {
        let mut entry = manifest.entry_at(offset).map_err(SyncError::at(&folder))?;
        let thumbnail = entry.thumbnail_path();
        let state = found.check(root, &entry.path, &mut entry.local);
        let of_thumbnail = found.check(root, &thumbnail, &mut entry.thumbnail);
        found.whole = found.whole.saturating_add(u64::from(state == State::Whole));
        found.hashed = found.hashed.saturating_add(u64::from(state == State::Hashed));
        let has_thumbnail = of_thumbnail != State::Other;
        found.thumbnails = found.thumbnails.saturating_add(u64::from(has_thumbnail));
        if [state, of_thumbnail].contains(&State::Hashed) {
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

/// What is at a path, with its digest if it is a file.
fn look(place: &Path) -> io::Result<Option<(Found, String)>> {
    let Some(found) = find(place)? else { return Ok(None) };
    let digest = match found {
        Found::File { .. } => hex::encode(digest(place)?),
        Found::Other => String::new(),
    };
    Ok(Some((found, digest)))
}

impl Verification {
    /// Looks at a file, notes its path if it is not as it was left, and gives it a digest if it has none.
    fn check(&mut self, root: &Path, path: &str, left: &mut Option<Local>) -> State {
        let Some(left) = left else { return State::Other };
        let (size, modified, digest) = match look(&root.join(path)) {
            Ok(Some((Found::File { size, modified }, digest))) => (size, modified, digest),
            other => {
                self.list_of(&other).push(path.to_owned());
                return State::Other;
            }
        };
        let is_same_size = size == left.size;
        match &left.sha256 {
            Some(known) if *known == digest => return State::Whole,
            None if is_same_size => {
                (left.modified, left.sha256) = (modified, Some(digest));
                return State::Hashed;
            }
            Some(_) if is_same_size && modified == left.modified => {
                self.damaged.push(path.to_owned());
            }
            _ => self.changed.push(path.to_owned()),
        }
        State::Other
    }

    /// Where the path of what is no file belongs.
    fn list_of<T>(&mut self, looked: &io::Result<Option<T>>) -> &mut Vec<String> {
        match looked {
            Ok(None) => &mut self.missing,
            Ok(Some(_)) => &mut self.changed,
            Err(_) => &mut self.unreadable,
        }
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
