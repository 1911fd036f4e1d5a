//! Text for a reader that may close the pipe when it has enough, which is no error.

use std::io::{self, Write};

pub(crate) fn print(text: &[u8], mut out: impl Write) -> io::Result<()> {
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}
