//! The loop: files from the stream, through the layout, to the keeper, a batch at a time.
//!
//! A batch goes out when it is as long as a page, and whenever the stream would have to wait.

use std::io;

use futures::{FutureExt as _, StreamExt as _};
use koodrive::{AlbumContent, AlbumContentStream, Error, ErrorKind, Progress};

use super::keeper::Keeper;
use crate::{
    account::Album, choices::Choices, exit::Exit, failure, layout::Layout, progress::Bar,
    stop::Stop, text, token::Token,
};

/// As many as there are on a page.
const BATCH: u64 = 100;

pub(super) struct Listing {
    files: AlbumContentStream,
    layout: Box<dyn Layout>,
    keeper: Keeper,
    bar: Bar,
    batch: Vec<u8>,
    /// How many files led to what is in the batch, those that it leaves out included.
    batched: u64,
    printed: u64,
}

/// Why the loop ended.
enum End {
    Complete,
    Stopped(Exit),
    Failed(Error),
}

impl Listing {
    pub(super) fn new(album: &Album, keeper: Keeper, bar: Bar) -> Self {
        let (layout, printed) = (keeper.layout(), keeper.state.printed());
        let files = stream(album, &keeper);
        Self { files, layout, keeper, bar, batch: Vec::new(), batched: 0, printed }
    }

    pub(super) async fn run(mut self, stop: &mut Stop) -> Exit {
        let outcome = match self.advance(stop).await {
            Ok(end) => self.close(end),
            Err(error) => Err(error),
        };
        outcome.unwrap_or_else(|error| self.give_up(&error))
    }

    /// # Errors
    ///
    /// What was listed could not be written.
    async fn advance(&mut self, stop: &mut Stop) -> anyhow::Result<End> {
        while self.is_wanted() {
            if let Some(reason) = stop.reason() {
                return Ok(End::Stopped(reason));
            }
            let next = match self.files.next().now_or_never() {
                Some(next) => next,
                None => {
                    self.commit()?;
                    tokio::select! {
                        next = self.files.next() => next,
                        reason = stop.wait() => return Ok(End::Stopped(reason)),
                    }
                }
            };
            match next {
                None => return Ok(End::Complete),
                Some(Ok(file)) => self.take(&file)?,
                Some(Err(error)) if error.is_skippable() => self.skip(&error),
                Some(Err(error)) => return Ok(End::Failed(error)),
            }
            if self.batched >= BATCH {
                self.commit()?;
            }
        }
        Ok(End::Complete)
    }

    fn is_wanted(&self) -> bool {
        self.keeper.state.choices.limit.is_none_or(|limit| self.printed < limit)
    }

    fn take(&mut self, file: &AlbumContent) -> io::Result<()> {
        self.batched = self.batched.saturating_add(1);
        let types = self.keeper.state.choices.types.as_deref();
        let file_type = file.file_type();
        if types.is_some_and(|types| !types.iter().any(|kind| kind.includes(file_type.as_ref()))) {
            return Ok(());
        }
        let is_first = self.printed == 0;
        if is_first {
            self.layout.begin(&mut self.batch)?;
        }
        self.layout.file(file, is_first, &mut self.batch)?;
        self.printed = self.printed.saturating_add(1);
        Ok(())
    }

    fn skip(&mut self, error: &Error) {
        self.batched = self.batched.saturating_add(1);
        let unreadable = &mut self.keeper.state.unreadable;
        *unreadable = unreadable.saturating_add(1);
        self.bar.suspend(|| failure::warn(&error.to_string()));
    }

    /// Writes the batch and keeps the place behind it.
    fn commit(&mut self) -> anyhow::Result<()> {
        let progress = self.files.progress();
        self.bar.show(progress, self.total(progress));
        if self.batched == 0 {
            return Ok(());
        }
        let token = Token { printed: self.printed, checkpoint: self.files.checkpoint() };
        let Self { bar, keeper, batch, .. } = self;
        if keeper.sink.is_terminal() {
            bar.suspend(|| keeper.commit(batch, token))?;
        } else {
            keeper.commit(batch, token)?;
        }
        self.batch.clear();
        self.batched = 0;
        Ok(())
    }

    /// How many files the listing will come to, as far as anybody knows.
    fn total(&self, progress: Progress) -> Option<u64> {
        let Choices { limit, types, since, .. } = &self.keeper.state.choices;
        match (since, types, limit) {
            (Some(_), ..) => None,
            (None, None, Some(limit)) => progress.total.map(|total| total.min(*limit)),
            _ => progress.total,
        }
    }

    fn close(&mut self, end: End) -> anyhow::Result<Exit> {
        self.commit()?;
        self.bar.clear();
        match end {
            End::Complete => self.complete(),
            End::Stopped(reason) => {
                self.keeper.close()?;
                if self.keeper.way_on().is_none() {
                    failure::note("stopped before the first file");
                }
                self.tell_way_on();
                Ok(reason)
            }
            End::Failed(error) => {
                self.keeper.close()?;
                Ok(self.fail(error))
            }
        }
    }

    /// What was refused would be refused again, and pages that do not fit would not fit again.
    fn fail(&self, error: Error) -> Exit {
        let is_vain = matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Paging);
        let exit = failure::report_listing(error);
        if !is_vain {
            self.tell_way_on();
        }
        exit
    }

    fn complete(&mut self) -> anyhow::Result<Exit> {
        let mut text = Vec::new();
        if self.printed == 0 {
            self.layout.begin(&mut text)?;
        }
        self.layout.end(&mut text)?;
        self.keeper.complete(&text)?;
        Ok(self.keeper.state.exit())
    }

    /// Writing failed. A reader that has enough is no failure.
    fn give_up(&mut self, error: &anyhow::Error) -> Exit {
        self.bar.clear();
        let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
        if kind == Some(io::ErrorKind::BrokenPipe) {
            return Exit::Complete;
        }
        let exit = failure::report(error);
        self.tell_way_on();
        exit
    }

    fn tell_way_on(&self) {
        let Some(command) = self.keeper.way_on() else { return };
        let state = &self.keeper.state;
        let append = if self.keeper.sink.is_redirected() { " >> …" } else { "" };
        let files = text::files(state.printed());
        failure::note(&format!("stopped after {files}; to go on:\n  {command}{append}"));
    }
}

fn stream(album: &Album, keeper: &Keeper) -> AlbumContentStream {
    let Choices { sort, direction, since, limit, types, .. } = &keeper.state.choices;
    let mut list = album.client.list_album_content(&album.id);
    if let Some(sort) = sort {
        list = list.sort_type((*sort).into());
    }
    if let Some(direction) = direction {
        list = list.sort_direction((*direction).into());
    }
    if let Some(since) = since {
        list = list.edited_since(since.system_time());
    }
    // With a filter, nobody knows how many files it takes.
    if let (Some(limit), None) = (limit, types) {
        list = list.max_items(limit.saturating_sub(keeper.state.printed()));
    }
    if let Some(token) = &keeper.state.token {
        list = list.resume(token.checkpoint.clone());
    }
    list.stream()
}
