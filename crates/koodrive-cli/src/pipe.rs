//! Printing to a pipe whose reader may close it early, which is not an error.

use std::io::{self, Write};

pub(crate) fn print(text: &[u8], mut out: impl Write) -> io::Result<()> {
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}
