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

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
