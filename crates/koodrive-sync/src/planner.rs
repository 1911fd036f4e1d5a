//! The plan of a run, put into practice: files get their paths, and what happens to them gets its lines. All of
//! it blocks, but for the transfers, which are left to `transfer`.

use std::{io, sync::Arc};

use koodrive::{AlbumContent, FileType, Timestamp};

use crate::{
    disk::{Failure, Fetched, Found, Scope, Store, Wanted},
    manifest::{About, Entry, Local, Lock, Manifest, Version, sidecar, taken_time},
    names::{Fields, Template},
    plan::{self, Action, Listing},
    report::Event,
};

/// Which files belong to the copy.
pub(crate) type Filter = Box<dyn Fn(&AlbumContent) -> bool + Send + Sync>;

pub(crate) struct Planner<S> {
    pub(crate) store: Arc<S>,
    pub(crate) manifest: Manifest,
    pub(crate) template: Template,
    pub(crate) album: String,
    pub(crate) filter: Option<Filter>,
    pub(crate) has_sidecars: bool,
    pub(crate) has_thumbnails: bool,
    pub(crate) is_dry_run: bool,
    pub(crate) listing: Listing,
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

pub(crate) enum Step {
    /// A file that needs no transfer, or what else is to be reported.
    Told(Event),
    Transfer(Box<Job>),
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
    pub(crate) fn plan(&mut self, page: Page) -> io::Result<Vec<Step>> {
        self.listing.add_page(page.unreadable.len(), page.total);
        let unreadable = page.unreadable.into_iter();
        let told = unreadable.map(|reason| Step::Told(Event::Unreadable { reason }));
        let mut steps: Vec<Step> = told.collect();
        for file in page.files {
            let is_wanted = self.filter.as_ref().is_none_or(|is_wanted| is_wanted(&file));
            if is_wanted && self.listing.add(self.manifest.list(file.id())) && !is_folder(&file) {
                steps.extend(self.plan_file(file)?);
            }
        }
        if !self.is_dry_run {
            self.manifest.sync()?;
        }
        let listed = Event::Listed { files: self.listing.files, total: page.total };
        steps.insert(0, Step::Told(listed)); // before what becomes of its files
        Ok(steps)
    }

    fn plan_file(&mut self, file: AlbumContent) -> io::Result<Vec<Step>> {
        let known = self.manifest.entry(file.id())?;
        match self.place(&file, known) {
            Ok(place) => self.act(file, place),
            Err(error) => Ok(vec![failed(file.id(), "", Failure::of_disk(&error))]),
        }
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
        let paths = self.template.candidates(&fields(file, &self.album));
        let paths = paths.filter(|path| self.is_free(path));
        let mut places = paths.map(|path| at(Entry::new(file.id(), &path)));
        let is_possible =
            |place: &io::Result<Place>| !matches!(place, Ok(Place { action: Action::Avoid, .. }));
        let mut preferred = places.find(is_possible);
        // Without its line, a file with a digest in its name is more surely this one than one without.
        if matches!(preferred, Some(Ok(Place { action: Action::Adopt, .. })))
            && let Some(Ok(next)) = places.next()
            && next.action == Action::Adopt
        {
            preferred = Some(Ok(next));
        }
        preferred.unwrap_or_else(|| Err(io::ErrorKind::AlreadyExists.into()))
    }

    fn is_free(&self, path: &str) -> bool {
        let is_free_beside = !self.has_sidecars || !self.manifest.is_taken(&sidecar(path));
        is_free_beside && !self.manifest.is_taken(path)
    }

    fn act(&mut self, file: AlbumContent, place: Place) -> io::Result<Vec<Step>> {
        let Place { mut entry, found, action } = place;
        let (id, path, version) = (entry.id.clone(), entry.path.clone(), Version::of(&file));
        match (action, found) {
            (Action::Keep, _) => self.settle(file, entry, false, Event::Kept { id, path }),
            (Action::Adopt, Some(found)) => {
                if entry.local.is_none() && entry.next.is_none() {
                    let thumbnail = self.store.find(&entry.thumbnail_path())?;
                    entry.thumbnail = thumbnail.and_then(|it| it.as_left(version.edited.clone()));
                }
                entry.local = found.as_left(version.edited);
                self.settle(file, entry, true, Event::Adopted { id, path })
            }
            (Action::Compare, Some(Found::File { modified, .. })) if self.is_as_left(&entry) => {
                // Only its time is another.
                entry.local.iter_mut().for_each(|local| local.modified = modified);
                self.manifest.put(&entry)?;
                let action = plan::action(&version, &entry, found);
                self.act(file, Place { entry, found, action })
            }
            (Action::Fetch | Action::Replace, _) => {
                // What is replaced is known for as long as the next version may fail to come.
                entry.local = entry.coming(found).or(entry.local);
                entry.next = Some(version);
                entry.has_sidecar |= self.has_sidecars;
                self.manifest.put(&entry)?;
                // A run plans it once the file is there.
                let thumbnail = match self.is_dry_run {
                    true => self.thumbnail(file.clone(), entry.clone())?,
                    false => None,
                };
                let (wanted, replace) = (Wanted::Content, action == Action::Replace);
                let job = Box::new(Job { file, wanted, entry, replace, tries: 0 });
                Ok([job].into_iter().chain(thumbnail).map(Step::Transfer).collect())
            }
            _ => Ok(vec![Step::Told(Event::Left { id, path })]),
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
    ) -> io::Result<Vec<Step>> {
        let mut step = Step::Told(event);
        let about = About::of(&file);
        let mut is_changed = is_new || entry.about != about;
        entry.about = about;
        let is_wanted = self.has_sidecars && !self.is_dry_run;
        if is_wanted && (is_changed || !entry.has_sidecar || self.is_gone(&entry.sidecar())) {
            let described = self.describe(&entry, &file);
            entry.has_sidecar = described.is_ok();
            is_changed |= entry.has_sidecar;
            if let Err(error) = described {
                step = failed(&entry.id, &entry.sidecar(), Failure::of_disk(&error));
            }
        }
        if is_changed {
            entry.next = None;
            self.manifest.put(&entry)?;
        }
        let thumbnail = self.thumbnail(file, entry)?.map(Step::Transfer);
        Ok([step].into_iter().chain(thumbnail).collect())
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

    /// What fetches the thumbnail of a file, unless it is there.
    fn thumbnail(&self, file: AlbumContent, entry: Entry) -> io::Result<Option<Box<Job>>> {
        if !self.has_thumbnails || file.thumbnail_url().is_none() {
            return Ok(None);
        }
        let edited = Version::of(&file).edited;
        let found = self.store.find(&entry.thumbnail_path())?;
        let is_there = entry.thumbnail.as_ref().zip(found).is_some_and(|(known, found)| {
            found.size() == Some(known.size) && known.edited == edited
        });
        if is_there {
            return Ok(None);
        }
        let (wanted, replace) = (Wanted::Thumbnail, found.is_some());
        Ok(Some(Box::new(Job { file, wanted, entry, replace, tries: 0 })))
    }

    /// Writes down what came of a transfer.
    pub(crate) fn record(
        &mut self,
        job: Job,
        outcome: Result<Fetched, Failure>,
    ) -> io::Result<Vec<Step>> {
        let (id, path) = (job.entry.id.clone(), job.path());
        let fetched = match outcome {
            Ok(fetched) => fetched,
            Err(failure) => return Ok(vec![failed(&id, &path, failure)]),
        };
        let found = self.store.find(&path).ok().flatten();
        let Some(local) = found.and_then(|found| found.as_left(None)) else {
            let reason = "the file was gone as soon as it had been fetched".to_owned();
            let failure = Failure { reason, scope: Scope::File };
            return Ok(vec![failed(&id, &path, failure)]);
        };
        let Job { file, wanted, mut entry, replace, .. } = job;
        let Fetched { bytes, sha256, resumed_from, is_size_known, etag } = fetched;
        let local = Local { etag, sha256: Some(hex::encode(sha256)), ..local };
        if wanted == Wanted::Thumbnail {
            let edited = Version::of(&file).edited;
            entry.thumbnail = Some(Local { edited, ..local });
            self.manifest.put(&entry)?;
            return Ok(vec![Step::Told(Event::Thumbnail { id, path, bytes })]);
        }
        let edited = entry.next.take().and_then(|next| next.edited);
        entry.local = Some(Local { edited, ..local });
        let event = match replace {
            true => Event::Changed { id, path, bytes, resumed_from, is_size_known },
            false => Event::Fetched { id, path, bytes, resumed_from, is_size_known },
        };
        self.settle(file, entry, true, event)
    }
}

impl Job {
    pub(crate) fn path(&self) -> String {
        match self.wanted {
            Wanted::Content => self.entry.path.clone(),
            Wanted::Thumbnail => self.entry.thumbnail_path(),
        }
    }

    pub(crate) fn started(&self) -> Event {
        let size = self.file.size().filter(|_| self.wanted == Wanted::Content);
        Event::Started { id: self.entry.id.clone(), path: self.path(), size }
    }

    /// What would come of it. Nothing announces the size of a thumbnail.
    pub(crate) fn would_be(self) -> Event {
        let (path, size) = (self.path(), self.file.size());
        let id = self.entry.id;
        if self.wanted == Wanted::Thumbnail {
            return Event::Thumbnail { id, path, bytes: 0 };
        }
        let (bytes, resumed_from, is_size_known) = (size.unwrap_or(0), 0, size.is_some());
        match self.replace {
            true => Event::Changed { id, path, bytes, resumed_from, is_size_known },
            false => Event::Fetched { id, path, bytes, resumed_from, is_size_known },
        }
    }
}

fn failed(id: &str, path: &str, failure: Failure) -> Step {
    let (id, path) = (id.to_owned(), path.to_owned());
    Step::Told(Event::Failed { id, path, reason: failure.reason })
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
