//! `--state`: the progress of a listing, in a file that is replaced atomically.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};
use serde::{Deserialize, Serialize};

use crate::{exit::Exit, options::ListOptions, resume_token::ResumeToken, sink::OutputPosition};

/// The progress of a listing.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    pub(crate) options: ListOptions,
    /// Where to resume; `None` before the first file.
    pub(crate) token: Option<ResumeToken>,
    /// How many files could not be read.
    pub(crate) unreadable: u64,
    pub(crate) is_complete: bool,
    /// The run ended without being killed, so nothing was written after this state was saved.
    pub(crate) is_closed: bool,
    /// The width of a table's names, from the terminal of the first run.
    pub(crate) name_width: Option<usize>,
    /// How much was written; `None` for a pipe or a terminal.
    pub(crate) output: Option<OutputPosition>,
}

impl State {
    pub(crate) fn new(options: ListOptions) -> Self {
        Self {
            options,
            token: None,
            unreadable: 0,
            is_complete: false,
            is_closed: false,
            name_width: None,
            output: None,
        }
    }

    pub(crate) fn printed(&self) -> u64 {
        self.token.as_ref().map_or(0, |token| token.printed)
    }

    /// How many files were listed, including those that `--type` left out.
    pub(crate) fn listed(&self) -> u64 {
        self.token.as_ref().map_or(0, |token| token.checkpoint.items())
    }

    /// The exit code of a complete listing.
    pub(crate) fn exit(&self) -> Exit {
        if self.unreadable == 0 { Exit::Complete } else { Exit::Failed }
    }
}

/// The file in which a state is saved.
pub(crate) struct StateFile(PathBuf);

impl StateFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The saved state; `None` if the file does not exist.
    pub(crate) fn load(&self) -> anyhow::Result<Option<State>> {
        let path = self.0.display();
        let text = match fs::read(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text.with_context(|| format!("cannot read the state file {path}"))?,
        };
        // The parser's own message may repeat the content of the file.
        serde_json::from_slice(&text).map(Some).map_err(|error| {
            let line = error.line();
            anyhow!("{path} is not a state file of this version of koodrive (line {line}); pass a different file, or delete it to start again")
        })
    }

    /// Replaces the saved state atomically. Only the owner can read the file, because it holds a cursor.
    pub(crate) fn save(&self, state: &State) -> anyhow::Result<()> {
        self.replace(state)
            .with_context(|| format!("cannot write the state file {}", self.0.display()))
    }

    fn replace(&self, state: &State) -> io::Result<()> {
        let directory = self.0.parent().filter(|path| !path.as_os_str().is_empty());
        let mut file = tempfile::Builder::new()
            .prefix(".koodrive-state-")
            .tempfile_in(directory.unwrap_or(Path::new(".")))?;
        serde_json::to_writer_pretty(&mut file, state)?;
        file.persist(&self.0)?;
        Ok(())
    }
}
