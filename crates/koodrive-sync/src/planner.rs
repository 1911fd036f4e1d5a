//! The plan of a run, put into practice: files get their paths, and what happens to them gets its lines. All of
//! it blocks, but for the transfers, which are left to `transfer`.

use std::{io, sync::Arc};

use koodrive::{AlbumContent, Timestamp};

use crate::{
    disk::{Failure, Fetched, Found, Scope, Store, folder::milliseconds},
    manifest::{Entry, Local, Lock, Manifest, Version, sidecar},
    names::{Fields, Template},
    plan::{self, Action, Listing, Removal},
    report::{Event, MaxDelete, Refusal},
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

/// A file to fetch. It holds a link.
pub(crate) struct Job {
    pub(crate) file: AlbumContent,
    pub(crate) entry: Entry,
    pub(crate) replace: bool,
    pub(crate) tries: u32,
}

impl<S: Store> Planner<S> {
    /// Decides about a page of files, and writes down what is going to be fetched before it is.
    pub(crate) fn plan(&mut self, page: Page) -> io::Result<Vec<Step>> {
        self.listing.add_page(page.unreadable.len(), page.total);
        let told =
            page.unreadable.into_iter().map(|reason| Step::Told(Event::Unreadable { reason }));
        let mut steps: Vec<Step> = told.collect();
        for file in page.files {
            if self.filter.as_ref().is_some_and(|is_wanted| !is_wanted(&file)) {
                continue;
            }
            steps.extend(self.plan_file(file)?);
        }
        if !self.is_dry_run {
            self.manifest.sync()?;
        }
        let files = self.listing.files;
        steps.push(Step::Told(Event::Listed { files, total: page.total }));
        Ok(steps)
    }

    fn plan_file(&mut self, file: AlbumContent) -> io::Result<Option<Step>> {
        if !self.manifest.list(file.id()) {
            self.listing.repeated = self.listing.repeated.saturating_add(1);
            return Ok(None);
        }
        self.listing.files = self.listing.files.saturating_add(1);
        let version = version(&file);
        let entry = self.manifest.entry(file.id())?;
        match self.place(&file, &version, entry) {
            Ok((entry, found, action)) => self.step(file, version, entry, found, action).map(Some),
            Err(error) => Ok(Some(Step::Told(failed(file.id(), "", &Failure::of_disk(&error))))),
        }
    }

    /// The path of a file, and what happens there.
    fn place(
        &self,
        file: &AlbumContent,
        version: &Version,
        entry: Option<Entry>,
    ) -> io::Result<(Entry, Option<Found>, Action)> {
        let at = |entry: Entry| {
            let found = self.store.find(&entry.path)?;
            let action = plan::action(version, &entry, found);
            io::Result::Ok((entry, found, action))
        };
        if let Some(placed) = entry.map(at).transpose()?.filter(|placed| placed.2 != Action::Avoid)
        {
            return Ok(placed);
        }
        let is_free = |path: &String| {
            let is_free_beside = !self.has_sidecars || !self.manifest.is_taken(&sidecar(path));
            is_free_beside && !self.manifest.is_taken(path)
        };
        let paths = self.template.candidates(&fields(file, &self.album)).filter(is_free);
        let mut places = paths.map(|path| at(Entry::new(file.id(), &path)));
        let mut preferred = places.find(|placed| !matches!(placed, Ok((.., Action::Avoid))));
        // Without its line, a file with a digest in its name is more surely this one than one without.
        if let Some(Ok((.., Action::Adopt))) = preferred
            && let Some(Ok(next)) = places.next()
            && next.2 == Action::Adopt
        {
            preferred = Some(Ok(next));
        }
        preferred.unwrap_or_else(|| Err(io::ErrorKind::AlreadyExists.into()))
    }

    fn step(
        &mut self,
        file: AlbumContent,
        version: Version,
        mut entry: Entry,
        found: Option<Found>,
        action: Action,
    ) -> io::Result<Step> {
        let (id, path) = (entry.id.clone(), entry.path.clone());
        match (action, found) {
            (Action::Keep, _) => {
                return Ok(Step::Told(self.settle(
                    &file,
                    entry,
                    false,
                    Event::Kept { id, path },
                )?));
            }
            (Action::Adopt, Some(Found::File { size, modified })) => {
                entry.local = Some(Local { size, modified, edited: version.edited, sha256: None });
                return Ok(Step::Told(self.settle(
                    &file,
                    entry,
                    true,
                    Event::Adopted { id, path },
                )?));
            }
            (Action::Compare, Some(Found::File { modified, .. })) if self.is_as_left(&entry) => {
                // Only its time is another.
                entry.local.iter_mut().for_each(|local| local.modified = modified);
                self.manifest.put(&entry)?;
                let action = plan::action(&version, &entry, found);
                return self.step(file, version, entry, found, action);
            }
            (Action::Fetch | Action::Replace, _) => {
                // What is replaced is known for as long as the next version may fail to come.
                entry.local = entry.coming(found).or(entry.local);
                entry.next = Some(version);
                entry.has_sidecar |= self.has_sidecars;
                self.manifest.put(&entry)?;
                let replace = action == Action::Replace;
                return Ok(Step::Transfer(Box::new(Job { file, entry, replace, tries: 0 })));
            }
            _ => {}
        }
        Ok(Step::Told(Event::Left { id, path }))
    }

    fn is_as_left(&self, entry: &Entry) -> bool {
        let digest = self.store.digest(&entry.path).map(hex::encode).ok();
        digest.is_some() && entry.local.as_ref().map(|local| &local.sha256) == Some(&digest)
    }

    /// Writes down that a file is there, with its sidecar if there is to be one.
    fn settle(
        &mut self,
        file: &AlbumContent,
        mut entry: Entry,
        is_new: bool,
        event: Event,
    ) -> io::Result<Event> {
        let needs_sidecar = self.has_sidecars && !self.is_dry_run && (is_new || !entry.has_sidecar);
        let described = match needs_sidecar {
            true => self.store.describe(&entry.sidecar(), file),
            false => Ok(()),
        };
        if needs_sidecar {
            entry.has_sidecar = described.is_ok();
        }
        if is_new || needs_sidecar && described.is_ok() {
            entry.next = None;
            self.manifest.put(&entry)?;
        }
        Ok(match described {
            Ok(()) => event,
            Err(error) => failed(&entry.id, &entry.sidecar(), &Failure::of_disk(&error)),
        })
    }

    /// Writes down what came of a transfer.
    pub(crate) fn record(
        &mut self,
        job: Job,
        outcome: Result<Fetched, Failure>,
    ) -> io::Result<Event> {
        let Job { file, mut entry, replace, .. } = job;
        let (id, path) = (entry.id.clone(), entry.path.clone());
        let fetched = match outcome {
            Ok(fetched) => fetched,
            Err(failure) => return Ok(failed(&id, &path, &failure)),
        };
        let Ok(Some(Found::File { size, modified })) = self.store.find(&path) else {
            let reason = "the file was gone as soon as it had been fetched".to_owned();
            return Ok(failed(&id, &path, &Failure { reason, scope: Scope::File }));
        };
        let Fetched { bytes, sha256, resumed_from, is_size_known } = fetched;
        let edited = entry.next.take().and_then(|next| next.edited);
        let sha256 = Some(hex::encode(sha256));
        entry.local = Some(Local { size, modified, edited, sha256 });
        let event = match replace {
            true => Event::Changed { id, path, bytes, resumed_from, is_size_known },
            false => Event::Fetched { id, path, bytes, resumed_from, is_size_known },
        };
        self.settle(&file, entry, true, event)
    }

    /// Moves what the album no longer has to the trash, or says why not. Only after the end of the listing.
    pub(crate) fn mirror(&mut self, limit: MaxDelete) -> io::Result<(Vec<Event>, Option<Refusal>)> {
        let mut removals = Vec::new();
        for offset in self.manifest.offsets(false) {
            let entry = self.manifest.entry_at(offset)?;
            let removal = plan::removal(&entry, self.store.find(&entry.path)?);
            removals.push((offset, removal));
        }
        let discarded = removals.iter().filter(|(_, removal)| *removal == Removal::Discard).count();
        let [discarded, files] =
            [discarded, self.manifest.len()].map(|count| u64::try_from(count).unwrap_or(u64::MAX));
        let refusal = plan::refusal(&self.listing, discarded, files, limit);
        if refusal.is_some() || !self.listing.is_complete() {
            return Ok((Vec::new(), refusal));
        }
        let mut events = Vec::new();
        for (offset, removal) in removals {
            events.extend(self.remove(self.manifest.entry_at(offset)?, removal)?);
        }
        Ok((events, None))
    }

    fn remove(&mut self, mut entry: Entry, removal: Removal) -> io::Result<Option<Event>> {
        let (id, path) = (entry.id.clone(), entry.path.clone());
        if removal == Removal::Leave {
            return Ok(Some(Event::Left { id, path }));
        }
        if removal == Removal::Discard && !self.is_dry_run {
            self.store.discard(&path)?;
            if entry.has_sidecar && self.store.describes(&entry.sidecar(), &id)? {
                self.store.discard(&entry.sidecar())?;
            }
        }
        entry.is_removed = true;
        self.manifest.put(&entry)?;
        Ok((removal == Removal::Discard).then_some(Event::Removed { id, path }))
    }

    pub(crate) fn finish(self) -> io::Result<()> {
        if self.is_dry_run { Ok(()) } else { self.manifest.finish() }
    }
}

impl Job {
    pub(crate) fn started(&self) -> Event {
        let Entry { id, path, .. } = self.entry.clone();
        Event::Started { id, path, size: self.file.size() }
    }

    /// What would come of it.
    pub(crate) fn would_be(self) -> Event {
        let (id, path, size) = (self.entry.id, self.entry.path, self.file.size());
        let (bytes, resumed_from, is_size_known) = (size.unwrap_or(0), 0, size.is_some());
        match self.replace {
            true => Event::Changed { id, path, bytes, resumed_from, is_size_known },
            false => Event::Fetched { id, path, bytes, resumed_from, is_size_known },
        }
    }
}

fn failed(id: &str, path: &str, failure: &Failure) -> Event {
    let (id, path) = (id.to_owned(), path.to_owned());
    Event::Failed { id, path, reason: failure.reason.clone() }
}

fn version(file: &AlbumContent) -> Version {
    let edited = file.edited_time().map(|time| time.as_str().to_owned());
    let time = taken(file).and_then(Timestamp::to_system_time).map(milliseconds);
    Version { size: file.size(), edited, time }
}

fn fields<'a>(file: &'a AlbumContent, album: &'a str) -> Fields<'a> {
    Fields {
        name: file.file_name(),
        id: file.id(),
        album,
        kind: file.file_type().map_or_else(|| "unknown".to_owned(), |kind| kind.to_string()),
        taken: taken(file).and_then(Timestamp::to_system_time),
    }
}

/// When a file was taken, or else created: the modification time that a download sets.
fn taken(file: &AlbumContent) -> Option<Timestamp<'_>> {
    let is_known = |time: &Timestamp<'_>| time.to_system_time().is_some();
    file.take_time().filter(is_known).or_else(|| file.created_time())
}
