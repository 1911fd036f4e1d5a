//! The output of a listing and the saved position in it. Each write is followed by saving its position.

use anyhow::Context as _;
use koodrive::AlbumContent;

use crate::{
    choices::Format,
    formats::{self, Surface},
    layout::Layout,
    options::ListOptions,
    resume_token::ResumeToken,
    sink::Sink,
    state::{State, StateFile},
};

/// An output, with the state from which a later run resumes it.
pub(super) struct ResumableOutput {
    pub(super) state: State,
    file: Option<StateFile>,
    pub(super) sink: Sink,
    /// Whether the output was created, emptied or cut, as the listing needs it.
    has_begun: bool,
}

impl ResumableOutput {
    /// Checks that the output is the one that the state describes. Nothing is created or changed before the
    /// first write.
    pub(super) fn new(
        file: Option<StateFile>,
        mut state: State,
        sink: Sink,
    ) -> anyhow::Result<Self> {
        if let Some(position) = &state.output {
            sink.check(position)?;
        }
        fix_defaults(&mut state, &sink, file.is_some());
        Ok(Self { state, file, sink, has_begun: false })
    }

    /// Prepares the output, and saves the position before anything is written.
    fn begin(&mut self) -> anyhow::Result<()> {
        if self.has_begun {
            return Ok(());
        }
        self.sink.begin(self.state.output.as_ref(), self.state.token.is_none())?;
        self.has_begun = true;
        self.save(false)
    }

    pub(super) fn layout(&self) -> Box<dyn Layout<AlbumContent>> {
        let ListOptions { format, columns, .. } = self.state.options.clone();
        let format = format.unwrap_or(Format::Ndjson);
        formats::layout(format, columns, Surface::new(self.sink.is_terminal(), self.state.width))
    }

    /// Writes the text up to `token`, then saves that position.
    pub(super) fn commit(&mut self, text: &[u8], token: ResumeToken) -> anyhow::Result<()> {
        self.write(text)?;
        self.state.token = Some(token);
        self.save(false)
    }

    /// Writes the text after the last file, and marks the listing as complete.
    pub(super) fn complete(&mut self, text: &[u8]) -> anyhow::Result<()> {
        self.write(text)?;
        self.state.is_complete = true;
        self.save(true)
    }

    /// Saves that nothing more will be written in this run.
    pub(super) fn close(&mut self) -> anyhow::Result<()> {
        if self.has_begun { self.save(true) } else { Ok(()) }
    }

    fn write(&mut self, text: &[u8]) -> anyhow::Result<()> {
        self.begin()?;
        self.sink.write(text).context("cannot write the listing")
    }

    fn save(&mut self, is_closed: bool) -> anyhow::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        self.state.output = self.sink.position(is_closed)?;
        file.save(&self.state)
    }

    /// The command that resumes; `None` if it would start from the beginning.
    pub(super) fn resume_command(&self) -> Option<String> {
        let State { options, source, token, .. } = &self.state;
        let token = token.as_ref()?;
        if let Some(file) = &self.file {
            return Some(options.state_command(file.name()));
        }
        // With the album's id in place of its name, resuming needs no request for it.
        let id = source.as_ref().map(|source| source.album.clone());
        let options = ListOptions { album: options.album.clone().and(id), ..options.clone() };
        token.is_past_start().then(|| options.resume_command(&token.to_string()))
    }
}

/// Fills in the options that the user left open, once for all runs of a listing.
///
/// Only a state file keeps the width of a table; a resume token does not.
fn fix_defaults(state: &mut State, sink: &Sink, is_kept: bool) {
    let usual = if sink.is_terminal() { Format::Table } else { Format::Ndjson };
    let format = *state.options.format.get_or_insert(usual);
    let is_decided = is_kept && state.printed() > 0;
    if format == Format::Table && sink.is_terminal() && !is_decided {
        state.width = Some(formats::terminal_width());
    }
}
