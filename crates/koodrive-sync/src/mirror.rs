//! What the album no longer has: only what two listings in a row did not have goes to the trash.
//!
//! The service pages by position. If a file that was listed goes and another one comes while the album is listed,
//! one in between is never handed out, and nothing shows it: not even the total.

use std::{io, pin::pin};

use futures::{Stream, TryStreamExt as _};

use crate::{
    disk::{Failure, Store},
    manifest::Entry,
    plan::{self, Listing, Removal},
    planner::{Page, Planner},
    report::{Event, MaxDelete, Refusal},
};

impl<S: Store> Planner<S> {
    /// Lists the album once more, if something would be removed otherwise.
    pub(crate) async fn list_again(
        &mut self,
        pages: impl Stream<Item = koodrive::Result<Page>>,
    ) -> koodrive::Result<()> {
        if !self.listing.is_complete() || self.manifest.offsets(false).is_empty() {
            return Ok(());
        }
        self.manifest.begin_listing();
        self.listing = Listing::default();
        let mut pages = pin!(pages);
        while let Some(page) = pages.try_next().await? {
            self.listing.add_page(page.unreadable.len(), page.total);
            for file in page.files {
                self.listing.add(self.manifest.list(file.id()));
            }
        }
        Ok(())
    }

    /// Moves what the album no longer has to the trash, or says why not. Only after the end of the listing.
    fn mirror(&mut self, limit: MaxDelete) -> io::Result<Option<Refusal>> {
        let mut removals = Vec::new();
        for offset in self.manifest.offsets(false) {
            let entry = self.manifest.entry_at(offset)?;
            let found = self.store.find(&entry.path);
            removals.push((offset, found.map(|found| plan::removal(&entry, found))));
        }
        let is_discarded = |removal: &io::Result<_>| matches!(removal, Ok(Removal::Discard));
        let discarded = removals.iter().filter(|(_, removal)| is_discarded(removal)).count();
        let [discarded, files] =
            [discarded, self.manifest.len()].map(|count| u64::try_from(count).unwrap_or(u64::MAX));
        let refusal = plan::refusal(&self.listing, discarded, files, limit);
        if refusal.is_none() && self.listing.is_complete() {
            for (offset, removal) in removals {
                self.remove(self.manifest.entry_at(offset)?, removal)?;
            }
        }
        Ok(refusal)
    }

    /// A file that cannot be removed costs that file.
    fn remove(&mut self, mut entry: Entry, removal: io::Result<Removal>) -> io::Result<()> {
        let removed = removal.and_then(|removal| self.discard(&entry, removal));
        let (id, path) = (entry.id.clone(), entry.path.clone());
        if matches!(removed, Ok(Removal::Discard | Removal::Forget)) {
            entry.is_removed = true;
            self.manifest.put(&entry)?;
        }
        self.events.extend(match removed {
            Ok(Removal::Discard) => Some(Event::Removed { id, path }),
            Ok(Removal::Forget) => None,
            Ok(Removal::Leave) => Some(Event::Left { id, path }),
            Err(error) => {
                let reason = format!("cannot be removed: {}", Failure::from(error).reason);
                Some(Event::Failed { id, path, reason })
            }
        });
        Ok(())
    }

    /// With what belongs to it.
    fn discard(&self, entry: &Entry, removal: Removal) -> io::Result<Removal> {
        if self.settings.is_dry_run || removal == Removal::Leave {
            return Ok(removal);
        }
        let (sidecar, thumbnail) = (entry.sidecar(), entry.thumbnail_path());
        if removal == Removal::Discard {
            self.store.discard(&entry.path)?;
            if entry.has_sidecar && self.store.describes(&sidecar, &entry.id)? {
                self.store.discard(&sidecar)?;
            }
        }
        // Also one whose line got lost.
        if self.store.find(&thumbnail)?.is_some() {
            self.store.discard(&thumbnail)?;
        }
        Ok(removal)
    }

    /// Brings the run to its end, with a mirror if there is a limit for it.
    pub(crate) fn finish(
        mut self,
        limit: Option<MaxDelete>,
    ) -> io::Result<(Vec<Event>, Option<Refusal>)> {
        let refusal = limit.map(|limit| self.mirror(limit)).transpose()?.flatten();
        if !self.settings.is_dry_run {
            self.manifest.finish()?;
        }
        Ok((self.events, refusal))
    }
}
