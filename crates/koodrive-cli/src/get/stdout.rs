//! Writes a file to standard output.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::Context as _;
use futures::TryStreamExt as _;
use koodrive::AlbumContent;

use super::search::Search;
use crate::{
    exit::{Ended, Exit},
    report::{self, UsageError, usage},
    stop_signal::StopSignal,
    text::sanitized,
};

/// # Errors
///
/// If standard output is a terminal.
pub(super) fn check() -> Result<(), UsageError> {
    if io::stdout().is_terminal() {
        return Err(usage("a file would garble the terminal; redirect the output"));
    }
    Ok(())
}

/// Writes the only selected file. Nothing is written if several are.
pub(super) async fn write(mut search: Search<'_>, stop: &mut StopSignal) -> anyhow::Result<Exit> {
    let two = async { Ok::<_, Ended>((search.next().await?, search.next().await?)) };
    let (file, other) = stop.unless(two).await??;
    search.reader.display.clear();
    if let (Some(file), Some(other)) = (&file, other) {
        let ids = [file.id(), other.id()].map(sanitized).join(", ");
        let text = format!("`--output -` takes one file, but several are selected: {ids}, …");
        return Err(usage(text).into());
    }
    search.check_all_found()?;
    let file = file.context("no file is selected")?;
    stop.unless(copy(&search, &file)).await??;
    Ok(Exit::Complete)
}

/// A reader that closes the pipe early is not an error.
async fn copy(search: &Search<'_>, file: &AlbumContent) -> anyhow::Result<()> {
    let name = sanitized(file.file_name().unwrap_or(file.id()));
    let line = search.reader.display.begin_file(name.to_string(), file.size());
    let mut bytes = search.reader.service.client.download(file).stream();
    loop {
        let piece = bytes.try_next().await;
        let what = || format!("cannot fetch {name}");
        let piece =
            piece.map_err(|error| report::failed(&what(), error, &search.reader.service.hint))?;
        let Some(piece) = piece else { return Ok(()) };
        let mut stdout = io::stdout().lock();
        match stdout.write_all(&piece).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            written => written.context("cannot write to standard output")?,
        }
        line.inc(u64::try_from(piece.len()).unwrap_or(u64::MAX));
    }
}
