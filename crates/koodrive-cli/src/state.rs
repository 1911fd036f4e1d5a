//! `--state`: the progress of a listing, in a file that is replaced atomically.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow, bail};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    exit::Exit,
    file_lock::FileLock,
    filter::Filter,
    options::ListOptions,
    paths::{self, FileId},
    private_file,
    report::usage,
    resume_token::ResumeToken,
    since::Cutoff,
    sink::OutputPosition,
};

/// How much the next listing with `--since` overlaps the last: the service's clock may differ, and a change
/// may take a moment until it is listed.
const OVERLAP: SignedDuration = SignedDuration::from_mins(5);

/// The progress of a listing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    pub(crate) options: ListOptions,
    /// When the listing began, by this machine's clock.
    pub(crate) began: Timestamp,
    /// What is listed, wherever its name came from.
    pub(crate) source: Option<Source>,
    /// Where to resume; `None` before the first file.
    pub(crate) token: Option<ResumeToken>,
    /// How many files could not be read.
    pub(crate) unreadable: u64,
    pub(crate) is_complete: bool,
    /// The width of a table, from the terminal of the first run.
    pub(crate) width: Option<usize>,
    /// How much was written; `None` for a pipe or a terminal.
    pub(crate) output: Option<OutputPosition>,
}

impl State {
    pub(crate) fn new(options: ListOptions, began: Timestamp) -> Self {
        Self { options, began, ..Self::default() }
    }

    /// The listing after a complete one with `--since`: it continues where that one began, or where its
    /// `--until` was, so that nothing between them is missed.
    pub(crate) fn next(earlier: &Self, now: Timestamp) -> Self {
        let mut options = earlier.options.clone();
        let Filter { since, until, .. } = &mut options.filter;
        let end = until.as_ref().map_or(earlier.began, |until| until.instant.min(earlier.began));
        let instant = end.saturating_sub(OVERLAP).unwrap_or(end);
        *since = since.take().map(|since| Cutoff { instant, ..since });
        *until = until.take().map(|until| until.clone().at(now).unwrap_or(until));
        Self::new(options, now)
    }

    pub(crate) fn printed(&self) -> u64 {
        self.token.as_ref().map_or(0, |token| token.printed)
    }

    /// How many files were listed, including those that a filter left out.
    pub(crate) fn listed(&self) -> u64 {
        self.token.as_ref().map_or(0, |token| token.checkpoint.items())
    }

    /// The exit code of a complete listing.
    pub(crate) fn exit(&self) -> Exit {
        Exit::unless(self.unreadable > 0)
    }
}

/// What a listing lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    /// The id of the album.
    pub(crate) album: String,
    /// The name that it was found by, if it was not named by its id.
    pub(crate) name: Option<String>,
    /// `None` for the demo.
    pub(crate) account: Option<SourceAccount>,
}

/// Whose album it is, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceAccount {
    pub(crate) user_id: String,
    pub(crate) endpoint: String,
}

/// The file in which a state is saved, locked against other runs.
pub(crate) struct StateFile {
    /// As the user wrote it.
    name: PathBuf,
    /// Where a link leads: saving replaces the file, not the link.
    path: PathBuf,
    _lock: FileLock,
}

impl StateFile {
    /// Locks the file. It need not exist yet, but its folder must.
    pub(crate) fn lock(name: PathBuf) -> anyhow::Result<Self> {
        let display = name.display().to_string();
        // A device may be read for ever.
        if fs::metadata(&name).is_ok_and(|there| !there.is_file()) {
            bail!(usage(format!(
                "cannot use {display} as the state file: it is no file; expected a path such as list.state"
            )));
        }
        let locked =
            paths::resolved(&name).and_then(|path| Ok((FileLock::try_acquire(&path)?, path)));
        match locked.with_context(|| format!("cannot write the state file {display}"))? {
            (Ok(lock), path) => Ok(Self { name, path, _lock: lock }),
            (Err(holder), _) => bail!(usage(format!(
                "{display} is in use by another koodrive{holder}; wait for it, or pass a different file to --state"
            ))),
        }
    }

    /// As the user wrote it, for messages and commands.
    pub(crate) fn name(&self) -> &Path {
        &self.name
    }

    /// Whether an output is in the same file as the state or its lock.
    pub(crate) fn is_at(&self, output: &Path) -> bool {
        [&self.path, &FileLock::path_of(&self.path)]
            .iter()
            .any(|own| paths::is_same_file(own, output))
    }

    /// Whether the file is this one.
    pub(crate) fn is(&self, id: &FileId) -> bool {
        FileId::at(&self.path).as_ref() == Some(id)
    }

    /// The saved state; `None` if the file does not exist.
    pub(crate) fn load(&self) -> anyhow::Result<Option<State>> {
        let path = self.name.display();
        let text = match fs::read(&self.path) {
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
        private_file::replace(&self.path, state)
            .with_context(|| format!("cannot write the state file {}", self.name.display()))
    }
}
