//! Printing to a pipe whose reader may close it early, which is not an error.

use std::io::{self, Write};

use anyhow::Context as _;

/// Prints to standard output.
pub(crate) fn print(text: &[u8], mut out: impl Write) -> anyhow::Result<()> {
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed.context("cannot write to standard output"),
    }
}
