//! What a user of the library sees of a run: its settings, its start and its end.

use std::{collections::VecDeque, fmt, io, path::PathBuf, sync::Arc};

use futures::StreamExt as _;
use koodrive::{AlbumContent, AlbumContentPage, Client, SortDirection, SortType};
use tokio::{runtime::Handle, task::spawn_blocking};

use crate::{
    disk::folder::{Folder, make_folder, place},
    error::SyncError,
    manifest::{Lock, Manifest},
    names::Template,
    plan::Listing,
    planner::{Page, Planner, Settings},
    report::{Event, MaxDelete, Report},
    transfer::{Pace, Run},
};

/// Keeps a copy of an album in a folder.
///
/// Each [`run`](Self::run) lists the whole album and fetches what the folder lacks. A file has its name only
/// once it is whole and durable, so a run can be stopped at any moment: drop it, or end the process. The next
/// run continues.
///
/// ```
/// use koodrive_sync::{AlbumSync, Event};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use koodrive_testing::{AlbumFile, AlbumServer};
/// # let files = [AlbumFile::new("F1").file_name("sea.jpg").content("the sea")];
/// # let server = AlbumServer::builder().album("holidays", files).start().await;
/// # let (client, folder) = (server.client(), tempfile::tempdir()?);
/// let report = AlbumSync::new(client, "holidays", folder.path())
///     .names("{taken:%Y}/{name}")
///     .run(|event| {
///         if let Event::Fetched { path, bytes, .. } = event {
///             println!("{path}: {bytes} bytes");
///         }
///     })
///     .await?;
/// assert!(report.is_complete());
/// # assert_eq!(std::fs::read_to_string(folder.path().join("2025/sea.jpg"))?, "the sea");
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is done before `run`"]
pub struct AlbumSync {
    client: Client,
    album_id: String,
    directory: PathBuf,
    jobs: usize,
    names: String,
    mirror: bool,
    max_delete: MaxDelete,
    rate_limit: Option<u64>,
    settings: Settings,
}

impl AlbumSync {
    /// A copy of the album with this id in `directory`, which is created if it does not exist.
    pub fn new(client: Client, album_id: impl Into<String>, directory: impl Into<PathBuf>) -> Self {
        let album_id = album_id.into();
        Self {
            client,
            settings: Settings { album: album_id.clone(), ..Settings::default() },
            album_id,
            directory: directory.into(),
            jobs: 4,
            names: "{name}".to_owned(),
            mirror: false,
            max_delete: MaxDelete::default(),
            rate_limit: None,
        }
    }

    /// How many files are fetched side by side, from 1. Default: 4. They are fewer while the service is too busy.
    pub fn jobs(mut self, files: usize) -> Self {
        self.jobs = files;
        self
    }

    /// The template of the paths, with `/` between their parts. Default: `{name}`.
    ///
    /// Its fields are `{name}`, `{id}`, `{album}`, `{type}` and `{taken:…}`, a date in UTC in the format of
    /// strftime: `{taken:%Y/%m}/{name}`. The date is that of the creation, or `undated`, if the album does not
    /// say when a picture was taken. Each part of a path is made safe for all disks. Where two files would have
    /// one name, the later one has a digest of its id in it, and a name without a suffix gets that of the file.
    /// A file keeps the path that it once had.
    pub fn names(mut self, template: &str) -> Self {
        template.clone_into(&mut self.names);
        self
    }

    /// What `{album}` stands for. Default: the id of the album.
    pub fn album_name(mut self, name: impl Into<String>) -> Self {
        self.settings.album = name.into();
        self
    }

    /// Copies only these files. After such a run, [`mirror`](Self::mirror) removes nothing.
    pub fn filter(
        mut self,
        is_wanted: impl Fn(&AlbumContent) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.settings.filter = Some(Box::new(is_wanted));
        self
    }

    /// Whether files that the album no longer has are moved to `.koodrive/trash/<date>/`. Default: no.
    ///
    /// Only files of the copy that are as they were left, only those that two complete listings in a row did not
    /// have, and no more than [`max_delete`](Self::max_delete). [`Report::refusal`] says why none was removed.
    pub fn mirror(mut self, mirror: bool) -> Self {
        self.mirror = mirror;
        self
    }

    /// How many files [`mirror`](Self::mirror) may remove. If there are more, none is. Default: 10 %, and
    /// at least one.
    pub fn max_delete(mut self, limit: MaxDelete) -> Self {
        self.max_delete = limit;
        self
    }

    /// Whether each file gets another one beside it, `<name>.json`, with all that the album says about it, without
    /// its links. Default: no.
    pub fn sidecars(mut self, sidecars: bool) -> Self {
        self.settings.has_sidecars = sidecars;
        self
    }

    /// Whether the thumbnails that the service has of pictures and videos are fetched too, to
    /// `.koodrive/thumbnails/`. Default: no. [`AlbumCopy`](crate::AlbumCopy) says where each is.
    pub fn thumbnails(mut self, thumbnails: bool) -> Self {
        self.settings.has_thumbnails = thumbnails;
        self
    }

    /// At most this many bytes a second, from 1, for all transfers together, in the mean of some seconds.
    /// Default: as fast as it goes. Where a transfer gets less than some 10 kB a second, the storage may hang up.
    pub fn rate_limit(mut self, bytes_per_second: u64) -> Self {
        self.rate_limit = Some(bytes_per_second);
        self
    }

    /// Only reports what a run would do. Nothing is fetched or written. Default: no.
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.settings.is_dry_run = dry_run;
        self
    }

    /// Makes the folder a copy of the album.
    ///
    /// `on_event` receives what happens, file by file. What costs only one file is such an event, and the report
    /// counts it: ask [`Report::is_complete`].
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](SyncError::InvalidInput), also outside a Tokio runtime, [`InUse`](SyncError::InUse),
    /// [`OtherAlbum`](SyncError::OtherAlbum) and [`Manifest`](SyncError::Manifest) before anything is sent;
    /// [`Io`](SyncError::Io) if the folder cannot be used or the disk is full;
    /// [`Listing`](SyncError::Listing) if the album could not be listed to its end.
    pub async fn run(self, on_event: impl FnMut(Event)) -> Result<Report, SyncError> {
        self.check()?;
        let (jobs, pace, directory) =
            (self.jobs, Pace::new(self.rate_limit), self.directory.clone());
        let limit = self.mirror.then_some(self.max_delete);
        let album = self.client.list_album_content(&self.album_id);
        let album =
            album.sort_type(SortType::CreationTime).sort_direction(SortDirection::Ascending);
        let pages = || album.clone().pages().map(|page| page.map(Page::from));

        let at = SyncError::at(&directory);
        let planner = spawn_blocking(move || self.planner()).await.map_err(io::Error::other);
        let mut run = Run::new(planner.map_err(at)??, jobs, pace, on_event);
        run.drive(pages()).await.map_err(at)?;
        let (report, listing_error) = run.finish(pages(), limit).await.map_err(at)?;
        match listing_error {
            Some(source) => Err(SyncError::Listing { source, report: Box::new(report) }),
            None => Ok(report),
        }
    }

    fn check(&self) -> Result<(), SyncError> {
        let reason = if self.jobs == 0 || self.rate_limit == Some(0) {
            "0 `jobs` or a `rate_limit` of 0 would never fetch anything"
        } else if Handle::try_current().is_err() {
            "not in a Tokio runtime; await the run inside one, for example under `#[tokio::main]`"
        } else {
            return Ok(());
        };
        Err(SyncError::InvalidInput(reason.to_owned()))
    }

    /// Checks the template, and opens the folder.
    fn planner(self) -> Result<Planner<Folder>, SyncError> {
        let template = Template::parse(&self.names).map_err(|reason| {
            SyncError::InvalidInput(format!("the template `{}` is not valid: {reason}", self.names))
        })?;
        let folder = place(&self.directory, ".koodrive").map_err(SyncError::at(&self.directory))?;
        let (lock, manifest) = if self.settings.is_dry_run {
            (None, Manifest::open_copy(&folder, Some(&self.album_id))?)
        } else {
            make_folder(&folder).map_err(SyncError::at(&folder))?;
            (Some(Lock::take(&folder)?), Manifest::open(&folder, Some(&self.album_id))?)
        };
        Ok(Planner {
            store: Arc::new(Folder::new(self.client, self.directory)),
            manifest,
            template,
            listing: Listing { has_filter: self.settings.filter.is_some(), ..Listing::default() },
            settings: self.settings,
            jobs: VecDeque::new(),
            events: Vec::new(),
            _lock: lock,
        })
    }
}

impl From<AlbumContentPage> for Page {
    fn from(page: AlbumContentPage) -> Self {
        let unreadable = page.broken().map(ToString::to_string).collect();
        Self { unreadable, total: page.total(), files: page.into_contents() }
    }
}

impl fmt::Debug for AlbumSync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlbumSync")
            .field("album_id", &self.album_id)
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}
