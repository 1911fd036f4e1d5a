//! `koodrive summary`: totals of an album. The order of the files does not matter, so the album is listed
//! from both ends at once.

mod page;
mod tally;

use console::Term;
use futures::StreamExt as _;
use koodrive::Result;

use self::tally::Tally;
use crate::{
    account::Album,
    args::{SummaryArgs, SummaryFormat},
    exit::Exit,
    pipe,
    progress::ProgressDisplay,
    report,
    stop_signal::StopSignal,
};

pub(crate) async fn run(args: SummaryArgs) -> anyhow::Result<Exit> {
    let mut stop = StopSignal::listen()?;
    let album = Album::open(args.album.demo, args.album.album.as_deref(), None).await?;
    let tally = tokio::select! {
        tally = count(&album, args.album.quiet) => tally,
        reason = stop.wait() => return Ok(reason),
    };
    let tally = match tally {
        Ok(tally) => tally,
        Err(error) => return Ok(report::listing_error(error)),
    };
    let text = match args.format {
        SummaryFormat::Text => {
            page::page(&tally, Term::stdout().size_checked().map(|(_, columns)| columns))
        }
        SummaryFormat::Json => format!("{}\n", serde_json::to_string_pretty(&tally)?),
    };
    pipe::print(text.as_bytes(), anstream::stdout())?;
    Ok(if tally.unreadable == 0 { Exit::Complete } else { Exit::Failed })
}

async fn count(album: &Album, is_quiet: bool) -> Result<Tally> {
    let display = ProgressDisplay::new(is_quiet, 0);
    let mut tally = Tally::new(&album.id);
    let mut files = album.client.list_album_content(&album.id).unordered().stream();
    while let Some(file) = files.next().await {
        match file {
            Ok(file) => tally.add(&file),
            Err(error) if error.is_skippable() => {
                tally.unreadable = tally.unreadable.saturating_add(1);
                display.suspend(|| report::warning(&error.to_string()));
            }
            Err(error) => return Err(error),
        }
        let progress = files.progress();
        if progress.items.is_multiple_of(100) {
            display.show(progress, progress.total);
        }
    }
    Ok(tally)
}
