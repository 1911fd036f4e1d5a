//! How a command ended, as a number for the shell.

use std::process::ExitCode;

/// An exit code, as `--help` explains them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All of it.
    Complete = 0,
    /// Nothing, or not all of it.
    Failed = 1,
    /// The arguments cannot be used; clap's own number.
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
