//! The files of an album that are selected, as they are listed.

use anyhow::anyhow;
use koodrive::AlbumContent;

use super::selection::Selection;
use crate::{
    album::Album, args::GetArgs, exit::Ended, filter::Filter, progress::ProgressDisplay,
    reader::Reader, text::sanitized,
};

pub(super) struct Search<'a> {
    pub(super) reader: Reader<'a, AlbumContent>,
    filter: Filter,
    selection: Selection,
}

impl<'a> Search<'a> {
    pub(super) fn new(album: &'a Album, args: &GetArgs, filter: Filter) -> Self {
        let files = album.service.client.list_album_content(album.id());
        let files = match filter.bound() {
            Some(bound) => files.edited_since(bound),
            None => files,
        };
        let display = ProgressDisplay::new(args.service.quiet, "files", 0);
        let reader = Reader::new(&album.service, files.stream(), display, filter.most(None));
        Self { reader, filter, selection: Selection::new(&args.files) }
    }

    /// The next selected file; `None` after the last. Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// If the listing fails, which is then reported.
    pub(super) async fn next(&mut self) -> Result<Option<AlbumContent>, Ended> {
        while !self.selection.is_settled() {
            match self.reader.next().await {
                Ok(None) => break,
                Ok(Some(file)) if self.filter.includes(&file) && self.selection.takes(&file) => {
                    return Ok(Some(file));
                }
                Ok(Some(_)) => {}
                Err(error) => return Err(self.reader.fail(error)),
            }
        }
        Ok(None)
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
        let which = if self.filter.is_set() { " that meets the filters" } else { "" };
        Err(anyhow!("no file{which} has the id or a name like {}", missing.join(" or ")))
    }
}
