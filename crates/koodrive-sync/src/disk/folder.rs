//! A copy in a folder, downloaded by the SDK.

use std::{
    error::Error as StdError,
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use jiff::Timestamp;
use koodrive::{AlbumContent, Client, Error, ErrorKind};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;
use tokio::task::spawn_blocking;

use super::{Failure, Fetched, Found, Scope, Store, Wanted, description};

/// How long to wait for a service that does not say how long it is busy.
const PAUSE: Duration = Duration::from_secs(5);

pub(crate) struct Folder {
    client: Client,
    root: PathBuf,
}

impl Folder {
    pub(crate) fn new(client: Client, root: PathBuf) -> Self {
        Self { client, root }
    }
}

impl Store for Folder {
    fn find(&self, path: &str) -> io::Result<Option<Found>> {
        find(&self.root.join(path))
    }

    fn digest(&self, path: &str) -> io::Result<[u8; 32]> {
        digest(&self.root.join(path))
    }

    fn discard(&self, path: &str) -> io::Result<()> {
        let today = Timestamp::now().strftime("%Y-%m-%d");
        let trash = format!(".koodrive/trash/{today}/{path}");
        let mut new = trash.clone();
        for number in 2_u64.. {
            if self.find(&new)?.is_none() {
                break;
            }
            new = format!("{trash}.{number}");
        }
        let (old, new) = (place(&self.root, path)?, place(&self.root, &new)?);
        make_folder(parent(&new))?;
        fs::rename(&old, &new)?;
        sync_folder(parent(&new))?;
        sync_folder(parent(&old))
    }

    fn describe(&self, path: &str, file: &AlbumContent) -> io::Result<()> {
        if self.find(path)?.is_some() && !self.describes(path, file.id())? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let path = place(&self.root, path)?;
        let mut new = new_file(parent(&path))?;
        new.write_all(&description(file)?)?;
        new.as_file().sync_all()?;
        new.persist(&path)?;
        sync_folder(parent(&path))
    }

    fn describes(&self, path: &str, id: &str) -> io::Result<bool> {
        let Some(Found::File { .. }) = self.find(path)? else { return Ok(false) };
        let found: Result<AlbumContent, _> =
            serde_json::from_slice(&fs::read(self.root.join(path))?);
        Ok(found.is_ok_and(|found| found.id() == id))
    }

    async fn fetch(
        &self,
        file: &AlbumContent,
        wanted: Wanted,
        path: &str,
        replace: bool,
        on_bytes: impl Fn(u64) + Send + Sync + 'static,
    ) -> Result<Fetched, Failure> {
        let (root, path) = (self.root.clone(), path.to_owned());
        let made = spawn_blocking(move || {
            let path = place(&root, &path)?;
            make_folder(parent(&path))?;
            io::Result::Ok(path)
        });
        let path = made.await.map_err(io::Error::other)??;
        let before = AtomicU64::new(u64::MAX);
        // The first number is what an earlier download left.
        let on_progress =
            move |len: u64| on_bytes(len.saturating_sub(before.swap(len, Ordering::Relaxed)));
        let download = self.client.download(file).thumbnail(wanted == Wanted::Thumbnail);
        let download = download.overwrite(replace).on_progress(on_progress);
        let downloaded = download.to_path(path).await?;
        Ok(Fetched {
            bytes: downloaded.bytes,
            sha256: downloaded.sha256,
            resumed_from: downloaded.resumed_from,
            is_size_known: downloaded.is_size_known,
            etag: downloaded.etag,
        })
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let scope = match (error.kind(), error.status()) {
            (ErrorKind::Throttled, _) | (_, Some(429 | 503)) => {
                Scope::Busy(error.retry_after().unwrap_or(PAUSE))
            }
            (ErrorKind::Io, _) => {
                causes(&error).find_map(|cause| cause.downcast_ref()).map_or(Scope::File, Scope::of)
            }
            _ => Scope::File,
        };
        Self { reason: chain(&error), scope }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self { reason: chain(&error), scope: Scope::of(&error) }
    }
}

impl Scope {
    fn of(error: &io::Error) -> Self {
        use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        match error.kind() {
            kind @ (StorageFull | QuotaExceeded | ReadOnlyFilesystem) => Self::Disk(kind),
            _ => Self::File,
        }
    }
}

/// An error and its causes in one line.
fn chain(error: &(dyn StdError + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// Where to write what has this path in a folder. Nothing is written through a link: whoever put it there would
/// choose what is.
pub(crate) fn place(folder: &Path, path: &str) -> io::Result<PathBuf> {
    let mut place = folder.to_owned();
    for part in Path::new(path) {
        place.push(part);
        if fs::symlink_metadata(&place).is_ok_and(|found| found.is_symlink()) {
            let link = place.display();
            return Err(io::Error::other(format!("nothing is written through the link {link}")));
        }
    }
    Ok(place)
}

/// Opens what is written for as long as a run lasts.
pub(crate) fn open(folder: &Path, name: &str, create: bool) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(create).truncate(false);
    options.open(place(folder, name)?)
}

/// A new file that others may read as they may read the pictures.
fn new_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".koodrive-").suffix(".part"); // `verify` knows it, should a kill leave it
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666)); // less the umask
    builder.tempfile_in(folder)
}

/// What is at a path.
pub(crate) fn find(path: &Path) -> io::Result<Option<Found>> {
    use io::ErrorKind::{NotADirectory, NotFound};
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => {
            let modified = milliseconds(found.modified()?);
            Ok(Some(Found::File { size: found.len(), modified }))
        }
        Ok(_) => Ok(Some(Found::Other)),
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The SHA-256 of a file.
pub(crate) fn digest(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let (mut buffer, mut digest) = (vec![0; 256 * 1024], Sha256::new());
    loop {
        let read = file.read(&mut buffer)?;
        match buffer.get(..read).filter(|bytes| !bytes.is_empty()) {
            Some(bytes) => digest.update(bytes),
            None => return Ok(digest.finalize().into()),
        }
    }
}

/// Milliseconds since 1970.
pub(crate) fn milliseconds(time: SystemTime) -> i64 {
    Timestamp::try_from(time).map_or(i64::MAX, Timestamp::as_millisecond)
}

/// Makes a folder and those that it is in, durably. Others may be making them too.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if parent(folder) != Path::new(".") {
        make_folder(parent(folder))?;
    }
    match fs::create_dir(folder) {
        Err(_) if folder.is_dir() => {}
        made => made?,
    }
    sync_folder(parent(folder))
}

/// Makes new names in a folder durable. Some file systems cannot sync a folder, and some folders cannot be
/// read.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    use io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    if cfg!(not(unix)) {
        return Ok(());
    }
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Err(error) if matches!(error.kind(), InvalidInput | PermissionDenied | Unsupported) => {
            Ok(())
        }
        synced => synced,
    }
}

/// The folder that holds `path`.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Folder) {
        let root = tempfile::tempdir().unwrap();
        let client = Client::builder()
            .endpoint("http://127.0.0.1:1")
            .user_id("1")
            .credentials(koodrive::AccessToken::new("t"))
            .build()
            .unwrap();
        let folder = Folder::new(client, root.path().to_owned());
        (root, folder)
    }

    fn file(json: &str) -> AlbumContent {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn what_is_at_a_path_is_a_file_something_else_or_nothing() {
        let (root, folder) = folder();
        fs::create_dir(root.path().join("a")).unwrap();
        fs::write(root.path().join("b"), "sea").unwrap();
        let epoch = SystemTime::UNIX_EPOCH;
        let b = File::options().write(true).open(root.path().join("b")).unwrap();
        b.set_modified(epoch - Duration::from_secs(3)).unwrap();
        assert_eq!(folder.find("a").unwrap(), Some(Found::Other));
        assert_eq!(folder.find("b").unwrap(), Some(Found::File { size: 3, modified: -3_000 }));
        assert_eq!((folder.find("c").unwrap(), folder.find("b/c").unwrap()), (None, None));
        assert!(folder.find(&"c".repeat(300)).is_err());
    }

    #[test]
    fn a_folder_that_two_make_at_once_is_made() {
        let root = tempfile::tempdir().unwrap();
        for round in 0..100 {
            let start = std::sync::Barrier::new(4);
            let make = &|name| {
                start.wait();
                make_folder(&root.path().join(format!("{round}/a/b/{name}"))).unwrap();
            };
            std::thread::scope(|scope| {
                for name in ["c", "c", "d", "e"] {
                    scope.spawn(move || make(name));
                }
            });
        }
    }

    #[test]
    fn the_trash_keeps_all_that_was_discarded() {
        let (root, folder) = folder();
        for content in ["one", "two"] {
            fs::create_dir_all(root.path().join("a")).unwrap();
            fs::write(root.path().join("a/b"), content).unwrap();
            folder.discard("a/b").unwrap();
            assert_eq!(folder.find("a/b").unwrap(), None);
        }
        let trash = root.path().join(".koodrive/trash");
        let today = fs::read_dir(trash).unwrap().next().unwrap().unwrap().path();
        let kept = ["a/b", "a/b.2"].map(|path| fs::read_to_string(today.join(path)).unwrap());
        assert_eq!(kept, ["one", "two"]);
    }

    #[test]
    fn verify_does_not_take_for_a_stranger_what_a_kill_leaves_of_a_sidecar() {
        let (root, _) = folder();
        let new = new_file(root.path()).unwrap();
        assert!(crate::verify::is_part(new.path().file_name().unwrap().to_str().unwrap()));
    }

    #[test]
    fn a_sidecar_has_no_link_and_replaces_only_one_of_the_same_file() {
        let (root, folder) = folder();
        let text = || fs::read_to_string(root.path().join("a.json")).unwrap();
        let link = r#""contentUrl":"https://a.example/?secret","thumbnailUrl":"https://a.example/?secret""#;
        folder.describe("a.json", &file(&format!(r#"{{"id":"1","size":5,{link}}}"#))).unwrap();
        assert!(text().contains("\"size\": 5") && !text().contains("secret"), "{}", text());

        folder.describe("a.json", &file(r#"{"id":"1","size":6}"#)).unwrap();
        assert!(text().contains("\"size\": 6"), "{}", text());

        let refusal = folder.describe("a.json", &file(r#"{"id":"2"}"#)).unwrap_err();
        assert_eq!(refusal.kind(), io::ErrorKind::AlreadyExists);
        fs::write(root.path().join("a.json"), "my notes").unwrap();
        folder.describe("a.json", &file(r#"{"id":"1"}"#)).unwrap_err();
        assert_eq!(text(), "my notes");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }
}
