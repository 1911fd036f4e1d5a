//! The main loop: reads files from the stream, lays them out, and writes them in batches.
//!
//! A batch is written when it is as long as a page, and whenever the stream has to wait.

use std::io;

use futures::FutureExt as _;
use koodrive::{AlbumContent, AlbumContentStream, Error, ErrorKind, SortDirection};

use super::resumable_output::ResumableOutput;
use crate::{
    album::Album,
    exit::{Ended, Exit},
    layout::Layout,
    options::ListOptions,
    progress::ProgressDisplay,
    reader::Reader,
    report,
    resume_token::ResumeToken,
    stop_signal::StopSignal,
    text,
};

/// As many files as on a page.
const BATCH: u64 = 100;

pub(super) struct Listing<'a> {
    reader: Reader<'a, AlbumContent>,
    layout: Box<dyn Layout<AlbumContent>>,
    output: ResumableOutput,
    batch: Vec<u8>,
    /// How many files had been listed when the last batch was written.
    committed: u64,
    printed: u64,
    /// Files that earlier runs could not read.
    unreadable_before: u64,
}

/// Why the loop ended.
enum End {
    Complete,
    Stopped(Exit),
    Failed(Error),
}

impl<'a> Listing<'a> {
    pub(super) fn new(album: &'a Album, output: ResumableOutput, display: ProgressDisplay) -> Self {
        let ListOptions { limit, filter, .. } = &output.state.options;
        let (files, most) = (stream(album, &output), filter.most(*limit));
        let reader = Reader::new(&album.service, files, display, most);
        Self {
            layout: output.layout(),
            batch: Vec::new(),
            committed: listed(&reader),
            printed: output.state.printed(),
            unreadable_before: output.state.unreadable,
            reader,
            output,
        }
    }

    pub(super) async fn run(mut self, stop: &mut StopSignal) -> Exit {
        let outcome = self.advance(stop).await.and_then(|end| self.close(end));
        outcome.unwrap_or_else(|error| self.fail_writing(&error))
    }

    /// # Errors
    ///
    /// If the output cannot be written.
    async fn advance(&mut self, stop: &mut StopSignal) -> anyhow::Result<End> {
        while self.is_below_limit() {
            if let Some(reason) = stop.reason() {
                return Ok(End::Stopped(reason));
            }
            let next = match self.reader.next().now_or_never() {
                Some(next) => next,
                None => {
                    self.commit()?;
                    match stop.unless(self.reader.next()).await {
                        Ok(next) => next,
                        Err(Ended(reason)) => return Ok(End::Stopped(reason)),
                    }
                }
            };
            match next {
                Ok(None) => return Ok(End::Complete),
                Ok(Some(file)) => self.take(&file)?,
                Err(error) => return Ok(End::Failed(error)),
            }
            if listed(&self.reader).saturating_sub(self.committed) >= BATCH {
                self.commit()?;
            }
        }
        Ok(End::Complete)
    }

    fn is_below_limit(&self) -> bool {
        self.output.state.options.limit.is_none_or(|limit| self.printed < limit)
    }

    fn take(&mut self, file: &AlbumContent) -> io::Result<()> {
        if !self.output.state.options.filter.includes(file) {
            return Ok(());
        }
        let is_first = self.printed == 0;
        if is_first {
            self.layout.begin(&mut self.batch)?;
        }
        self.layout.item(file, is_first, &mut self.batch)?;
        self.printed = self.printed.saturating_add(1);
        Ok(())
    }

    /// Writes the batch, then saves the position after it.
    fn commit(&mut self) -> anyhow::Result<()> {
        let listed = listed(&self.reader);
        if listed == self.committed {
            return Ok(());
        }
        let Self { reader, output, batch, .. } = self;
        let token = ResumeToken { printed: self.printed, checkpoint: reader.items.checkpoint() };
        output.state.unreadable = self.unreadable_before.saturating_add(reader.unreadable());
        if output.sink.is_terminal() {
            reader.display.suspend(|| output.commit(batch, token))?;
        } else {
            // To hide the bar at each page would make it flicker.
            output.commit(batch, token)?;
        }
        self.batch.clear();
        self.committed = listed;
        Ok(())
    }

    fn close(&mut self, end: End) -> anyhow::Result<Exit> {
        self.commit()?;
        self.reader.display.clear();
        match end {
            End::Complete => self.complete(),
            End::Stopped(reason) => {
                self.output.close()?;
                if self.output.resume_command().is_none() {
                    report::note("stopped before the first file");
                }
                self.print_resume_command();
                Ok(reason)
            }
            End::Failed(error) => {
                self.output.close()?;
                Ok(self.fail(error))
            }
        }
    }

    /// Prints the error, and how to resume unless resuming would fail in the same way.
    fn fail(&self, error: Error) -> Exit {
        let is_permanent = matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Paging);
        let Ended(exit) = self.reader.fail(error);
        if !is_permanent {
            self.print_resume_command();
        }
        exit
    }

    fn complete(&mut self) -> anyhow::Result<Exit> {
        let mut text = Vec::new();
        if self.printed == 0 {
            self.layout.begin(&mut text)?;
        }
        self.layout.end(&mut text)?;
        self.output.complete(&text)?;
        Ok(self.output.state.exit())
    }

    /// Ends a listing whose output cannot be written. A reader that closed the pipe early is not an error.
    fn fail_writing(&mut self, error: &anyhow::Error) -> Exit {
        self.reader.display.clear();
        let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
        if kind == Some(io::ErrorKind::BrokenPipe) {
            return Exit::Complete;
        }
        let exit = report::error(error);
        self.print_resume_command();
        exit
    }

    fn print_resume_command(&self) {
        let Some(command) = self.output.resume_command() else { return };
        let state = &self.output.state;
        let append = if self.output.sink.is_redirected() { " >> …" } else { "" };
        let files = text::files(state.printed());
        report::note(&format!("stopped after {files}; to resume:\n  {command}{append}"));
    }
}

/// How many files were listed, including those that a filter leaves out and those that cannot be read.
fn listed<T>(reader: &Reader<'_, T>) -> u64 {
    reader.items.progress().items.saturating_add(reader.unreadable())
}

fn stream(album: &Album, output: &ResumableOutput) -> AlbumContentStream {
    let ListOptions { sort, asc, desc, limit, filter, .. } = &output.state.options;
    let mut list = album.service.client.list_album_content(album.id());
    if let Some(sort) = sort {
        list = list.sort_type((*sort).into());
    }
    if *asc {
        list = list.sort_direction(SortDirection::Ascending);
    }
    if *desc {
        list = list.sort_direction(SortDirection::Descending);
    }
    if let Some(bound) = filter.bound() {
        list = list.edited_since(bound);
    }
    // With another filter, the number of files to request is unknown.
    if let Some(limit) = limit.filter(|_| !filter.is_beyond_bound()) {
        list = list.max_items(limit.saturating_sub(output.state.printed()));
    }
    if let Some(token) = &output.state.token {
        list = list.resume(token.checkpoint.clone());
    }
    list.stream()
}
