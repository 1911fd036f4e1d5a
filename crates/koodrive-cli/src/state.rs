//! `--state`: how far a listing got, in a file that is always whole.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};
use serde::{Deserialize, Serialize};

use crate::{exit::Exit, options::ListOptions, resume_token::ResumeToken, sink::OutputPosition};

/// How far a listing got.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    pub(crate) options: ListOptions,
    /// Where it goes on; `None` before the first file.
    pub(crate) token: Option<ResumeToken>,
    /// How many files could not be read.
    pub(crate) unreadable: u64,
    pub(crate) is_complete: bool,
    /// The program ended by itself, so that nothing was written after this was.
    pub(crate) is_closed: bool,
    /// The table's column for names, which is as wide as the first terminal allowed.
    pub(crate) name_width: Option<usize>,
    /// How much was written, where that can be told.
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

    /// How many files were listed, those included that were not printed.
    pub(crate) fn listed(&self) -> u64 {
        self.token.as_ref().map_or(0, |token| token.checkpoint.items())
    }

    /// How a listing ends that came to its end.
    pub(crate) fn exit(&self) -> Exit {
        if self.unreadable == 0 { Exit::Complete } else { Exit::Failed }
    }
}

/// The file that a state is kept in.
pub(crate) struct StateFile(PathBuf);

impl StateFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// What it holds; `None` if there is no such file.
    pub(crate) fn load(&self) -> anyhow::Result<Option<State>> {
        let path = self.0.display();
        let text = match fs::read(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text.with_context(|| format!("cannot read the state file {path}"))?,
        };
        // The parser's own words may repeat what is in the file.
        serde_json::from_slice(&text).map(Some).map_err(|error| {
            let line = error.line();
            anyhow!("{path} is no state file of this version of the command (line {line}); name another, or delete it to begin again")
        })
    }

    /// Puts the state in the place of the one before, all or nothing. Only its owner can read it: it holds
    /// a cursor.
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
