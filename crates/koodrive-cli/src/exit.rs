//! The exit codes of the command.

use std::process::ExitCode;

/// An exit code, as documented in `--help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything was printed.
    Complete = 0,
    /// The command failed, or its output is incomplete.
    Failed = 1,
    /// Invalid arguments; the same code as clap's.
    Usage = 2,
    /// Ctrl-C.
    Interrupted = 130,
    /// SIGTERM.
    Terminated = 143,
}

impl Exit {
    /// Complete, unless something is missing.
    pub(crate) fn unless(is_missing: bool) -> Self {
        if is_missing { Self::Failed } else { Self::Complete }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The command ends here, with this exit code. As an error, nothing is left to report.
#[derive(Debug, thiserror::Error)]
#[error("the command has ended")]
pub(crate) struct Ended(pub(crate) Exit);
