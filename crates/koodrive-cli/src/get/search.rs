//! The files of an album that are selected, as they are listed.

use anyhow::anyhow;
use koodrive::{AlbumContent, Client};

use super::selection::Selection;
use crate::{
    album::Album, exit::Ended, progress::ProgressDisplay, reader::Reader, report,
    report::AccountHint, stop_signal::StopSignal, text::sanitized,
};

pub(super) struct Search<'a> {
    pub(super) client: &'a Client,
    reader: Reader<'a, AlbumContent>,
    selection: Selection,
    /// How many files could not be read.
    pub(super) unreadable: u64,
}

impl<'a> Search<'a> {
    pub(super) fn new(album: &'a Album, arguments: &[String], is_quiet: bool) -> Self {
        let client = &album.service.client;
        let files = client.list_album_content(album.id()).stream();
        let reader = Reader::new(&album.service, files, ProgressDisplay::new(is_quiet, 0));
        Self { client, reader, selection: Selection::new(arguments), unreadable: 0 }
    }

    /// The next selected file; `None` after the last.
    ///
    /// # Errors
    ///
    /// If a signal arrives, or the listing fails, which is then reported.
    pub(super) async fn next(
        &mut self,
        stop: &mut StopSignal,
    ) -> Result<Option<AlbumContent>, Ended> {
        while !self.selection.is_settled() {
            let next = stop.unless(self.reader.next()).await?;
            let progress = self.reader.items.progress();
            self.display().show(progress, progress.total);
            match next {
                None => break,
                Some(Ok(file)) if self.selection.takes(&file) => return Ok(Some(file)),
                Some(Ok(_)) => {}
                Some(Err(error)) if error.is_skippable() => {
                    self.unreadable = self.unreadable.saturating_add(1);
                }
                Some(Err(error)) => {
                    self.display().clear();
                    return Err(report::listing_error(error, self.hint()));
                }
            }
        }
        Ok(None)
    }

    pub(super) fn display(&self) -> &ProgressDisplay {
        &self.reader.display
    }

    pub(super) fn hint(&self) -> &'a AccountHint {
        self.reader.hint()
    }

    /// # Errors
    ///
    /// After the last file, if an argument selected nothing.
    pub(super) fn check_all_found(&self) -> anyhow::Result<()> {
        let missing: Vec<_> =
            self.selection.missing().map(|words| format!("`{}`", sanitized(words))).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(anyhow!("no file has the id or a name like {}", missing.join(" or ")))
    }
}
