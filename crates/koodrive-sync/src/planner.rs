//! The plan of a run, put into practice: files get their paths, and what happens to them gets its lines. All of
//! it blocks, but for the transfers, which are left to `transfer`.

use std::{collections::VecDeque, io, sync::Arc};

use koodrive::{AlbumContent, FileType, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::{
    disk::{Failure, Fetched, Found, Scope, Store, Wanted, description},
    manifest::{About, Entry, Local, Lock, Manifest, Version, sidecar, taken_time},
    names::{Fields, Template},
    plan::{self, Action, Listing},
    report::Event,
};

/// Which files belong to the copy.
pub(crate) type Filter = Box<dyn Fn(&AlbumContent) -> bool + Send + Sync>;

/// What belongs to the copy.
#[derive(Default)]
pub(crate) struct Settings {
    /// What `{album}` stands for.
    pub(crate) album: String,
    pub(crate) filter: Option<Filter>,
    pub(crate) has_sidecars: bool,
    pub(crate) has_thumbnails: bool,
    pub(crate) is_dry_run: bool,
}

pub(crate) struct Planner<S> {
    pub(crate) store: Arc<S>,
    pub(crate) manifest: Manifest,
    pub(crate) template: Template,
    pub(crate) settings: Settings,
    pub(crate) listing: Listing,
    /// What is to be fetched, until a run takes it, and what is to be told.
    pub(crate) jobs: VecDeque<Job>,
    pub(crate) events: Vec<Event>,
    /// Held until the last line is written.
    pub(crate) _lock: Option<Lock>,
}

/// A page of the album.
pub(crate) struct Page {
    pub(crate) files: Vec<AlbumContent>,
    /// Why files of it could not be read.
    pub(crate) unreadable: Vec<String>,
    pub(crate) total: Option<u64>,
}

/// A file to fetch, or its thumbnail. It holds a link.
pub(crate) struct Job {
    pub(crate) file: AlbumContent,
    pub(crate) wanted: Wanted,
    pub(crate) entry: Entry,
    pub(crate) replace: bool,
    pub(crate) tries: u32,
}

/// Where a file goes.
struct Place {
    entry: Entry,
    found: Option<Found>,
    action: Action,
}

impl<S: Store> Planner<S> {
    /// Decides about a page of files, and writes down what is going to be fetched before it is.
    pub(crate) fn plan(&mut self, page: Page) -> io::Result<()> {
        self.listing.add_page(page.unreadable.len(), page.total);
        let unreadable = page.unreadable.into_iter();
        self.events.extend(unreadable.map(|reason| Event::Unreadable { reason }));
        for file in page.files {
            let is_wanted = self.settings.filter.as_ref().is_none_or(|is_wanted| is_wanted(&file));
            if is_wanted && self.listing.add(self.manifest.list(file.id())) && !is_folder(&file) {
                self.plan_file(file)?;
            }
        }
        if !self.settings.is_dry_run {
            self.manifest.sync()?;
        }
        let listed = Event::Listed { files: self.listing.files, total: page.total };
        self.events.insert(0, listed); // before what becomes of its files
        Ok(())
    }

    fn plan_file(&mut self, file: AlbumContent) -> io::Result<()> {
        let known = self.manifest.entry(file.id())?;
        match self.place(&file, known) {
            Ok(place) => self.act(file, place)?,
            Err(error) => self.fail(file.id(), "", error.into()),
        }
        Ok(())
    }

    fn fail(&mut self, id: &str, path: &str, failure: Failure) {
        let (id, path) = (id.to_owned(), path.to_owned());
        self.events.push(Event::Failed { id, path, reason: failure.reason });
    }

    /// The path of a file, and what happens there.
    fn place(&self, file: &AlbumContent, known: Option<Entry>) -> io::Result<Place> {
        let version = Version::of(file);
        let at = |entry: Entry| {
            let found = self.store.find(&entry.path)?;
            let action = plan::action(&version, &entry, found);
            io::Result::Ok(Place { entry, found, action })
        };
        let known = known.map(at).transpose()?;
        if let Some(place) = known.filter(|place| place.action != Action::Avoid) {
            return Ok(place);
        }
        let paths = self.template.candidates(&fields(file, &self.settings.album));
        let paths = paths.filter(|path| self.is_free(path));
        let places = paths.map(|path| at(Entry::new(file.id(), &path)));
        let mut places =
            places.filter(|place| !matches!(place, Ok(Place { action: Action::Avoid, .. })));
        let first = places.next().unwrap_or_else(|| Err(io::ErrorKind::AlreadyExists.into()))?;
        // Without its line, a file with a digest in its name is more surely this one than one without.
        if first.action == Action::Adopt
            && let Some(Ok(next)) = places.next()
            && next.action == Action::Adopt
        {
            return Ok(next);
        }
        Ok(first)
    }

    fn is_free(&self, path: &str) -> bool {
        let is_free_beside = !self.settings.has_sidecars || !self.manifest.is_taken(&sidecar(path));
        is_free_beside && !self.manifest.is_taken(path)
    }

    fn act(&mut self, file: AlbumContent, place: Place) -> io::Result<()> {
        let Place { mut entry, found, action } = place;
        let (id, path, version) = (entry.id.clone(), entry.path.clone(), Version::of(&file));
        match (action, found) {
            (Action::Keep, _) => self.settle(file, entry, false, Event::Kept { id, path })?,
            (Action::Adopt, Some(found)) => {
                if entry.local.is_none() && entry.next.is_none() {
                    let thumbnail = self.store.find(&entry.thumbnail_path())?;
                    entry.thumbnail = thumbnail.and_then(|it| it.as_left(version.edited.clone()));
                }
                entry.local = found.as_left(version.edited);
                self.settle(file, entry, true, Event::Adopted { id, path })?;
            }
            (Action::Compare, Some(Found::File { modified, .. })) if self.is_as_left(&entry) => {
                // Only its time is another.
                entry.local.iter_mut().for_each(|local| local.modified = modified);
                self.manifest.put(&entry)?;
                self.plan_file(file)?;
            }
            (Action::Fetch | Action::Replace, _) => {
                // What is replaced is known for as long as the next version may fail to come.
                let coming = found.and_then(|found| entry.coming(found));
                entry.local = coming.or(entry.local);
                entry.next = Some(version);
                entry.has_sidecar |= self.settings.has_sidecars;
                self.manifest.put(&entry)?;
                let (wanted, replace) = (Wanted::Content, action == Action::Replace);
                self.want(Job { file, wanted, entry, replace, tries: 0 })?;
            }
            _ => self.events.push(Event::Left { id, path }),
        }
        Ok(())
    }

    /// Puts a transfer into the queue. A dry run tells what would come of it instead.
    fn want(&mut self, job: Job) -> io::Result<()> {
        if !self.settings.is_dry_run {
            self.jobs.push_back(job);
            return Ok(());
        }
        let size = job.size();
        self.events.push(job.came(size.unwrap_or(0), 0, size.is_some()));
        match job.wanted {
            Wanted::Content => self.want_thumbnail(job.file, job.entry),
            Wanted::Thumbnail => Ok(()),
        }
    }

    fn is_as_left(&self, entry: &Entry) -> bool {
        let digest = self.store.digest(&entry.path).map(hex::encode).ok();
        digest.is_some() && entry.local.as_ref().map(|local| &local.sha256) == Some(&digest)
    }

    /// Writes down that a file is there, with what belongs to it. Its thumbnail may still have to be fetched.
    fn settle(
        &mut self,
        file: AlbumContent,
        mut entry: Entry,
        is_new: bool,
        event: Event,
    ) -> io::Result<()> {
        let sidecar = match self.settings.has_sidecars {
            true => Some(hex::encode(Sha256::digest(description(&file)?))),
            false => entry.about.sidecar.clone(),
        };
        let about = About::of(&file, sidecar);
        let mut is_changed = is_new || entry.about != about;
        entry.about = about;
        let is_wanted = self.settings.has_sidecars && !self.settings.is_dry_run;
        let mut failure = None;
        if is_wanted && (is_changed || !entry.has_sidecar || self.is_gone(&entry.sidecar())) {
            failure = self.describe(&entry, &file).err();
            entry.has_sidecar = failure.is_none();
            is_changed |= entry.has_sidecar;
        }
        match failure {
            Some(error) => self.fail(&entry.id, &entry.sidecar(), error.into()),
            None => self.events.push(event),
        }
        if is_changed {
            entry.next = None;
            self.manifest.put(&entry)?;
        }
        self.want_thumbnail(file, entry)
    }

    /// Not in the place of a file of the album, whether it is there or not.
    fn describe(&self, entry: &Entry, file: &AlbumContent) -> io::Result<()> {
        if self.manifest.is_file(&entry.sidecar()) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.store.describe(&entry.sidecar(), file)
    }

    fn is_gone(&self, path: &str) -> bool {
        matches!(self.store.find(path), Ok(None))
    }

    /// Has the thumbnail of a file fetched, unless it is there.
    fn want_thumbnail(&mut self, file: AlbumContent, entry: Entry) -> io::Result<()> {
        if !self.settings.has_thumbnails || file.thumbnail_url().is_none() {
            return Ok(());
        }
        let edited = Version::of(&file).edited;
        let found = self.store.find(&entry.thumbnail_path())?;
        let is_there = entry.thumbnail.as_ref().zip(found).is_some_and(|(known, found)| {
            found.size() == Some(known.size) && known.edited == edited
        });
        if is_there {
            return Ok(());
        }
        // A run that was dropped may still bring one.
        let (wanted, replace) = (Wanted::Thumbnail, true);
        self.want(Job { file, wanted, entry, replace, tries: 0 })
    }

    /// Writes down what came of a transfer.
    pub(crate) fn record(&mut self, job: Job, outcome: Result<Fetched, Failure>) -> io::Result<()> {
        let found = self.store.find(&job.path()).ok().flatten();
        let left = found.and_then(|found| found.as_left(Version::of(&job.file).edited));
        let is_content = job.wanted == Wanted::Content;
        let is_coming = is_content && found.is_some_and(|it| job.entry.coming(it).is_some());
        let (fetched, left) = match (outcome, left) {
            (Ok(fetched), Some(left)) => (fetched, left),
            // The last write of a run that was dropped came first.
            (Err(_), _) if is_coming => return self.plan_file(job.file),
            (outcome, _) => {
                let reason = "the file was gone as soon as it had been fetched".to_owned();
                let gone = Failure { reason, scope: Scope::File };
                self.fail(&job.entry.id, &job.path(), outcome.err().unwrap_or(gone));
                return Ok(());
            }
        };
        let Fetched { bytes, sha256, resumed_from, is_size_known, etag } = fetched;
        let event = job.came(bytes, resumed_from, is_size_known);
        let Job { file, wanted, mut entry, .. } = job;
        let local = Some(Local { etag, sha256: Some(hex::encode(sha256)), ..left });
        match wanted {
            Wanted::Content => {
                entry.local = local;
                self.settle(file, entry, true, event)
            }
            Wanted::Thumbnail => {
                entry.thumbnail = local;
                self.events.push(event);
                self.manifest.put(&entry)
            }
        }
    }
}

impl Job {
    pub(crate) fn path(&self) -> String {
        match self.wanted {
            Wanted::Content => self.entry.path.clone(),
            Wanted::Thumbnail => self.entry.thumbnail_path(),
        }
    }

    /// Its size, if that is announced: that of a thumbnail is not.
    pub(crate) fn size(&self) -> Option<u64> {
        self.file.size().filter(|_| self.wanted == Wanted::Content)
    }

    /// What is told once it was fetched.
    fn came(&self, bytes: u64, resumed_from: u64, is_size_known: bool) -> Event {
        let (id, path) = (self.entry.id.clone(), self.path());
        match self.wanted {
            Wanted::Thumbnail => Event::Thumbnail { id, path, bytes },
            Wanted::Content if self.replace => {
                Event::Changed { id, path, bytes, resumed_from, is_size_known }
            }
            Wanted::Content => Event::Fetched { id, path, bytes, resumed_from, is_size_known },
        }
    }
}

/// Folders have no content.
fn is_folder(file: &AlbumContent) -> bool {
    matches!(file.file_type(), Some(FileType::Folder | FileType::SmartFolder))
}

fn fields<'a>(file: &'a AlbumContent, album: &'a str) -> Fields<'a> {
    Fields {
        name: file.file_name(),
        id: file.id(),
        album,
        kind: file.file_type().map_or_else(|| "unknown".to_owned(), |kind| kind.to_string()),
        taken: taken_time(file).and_then(Timestamp::to_system_time),
    }
}
