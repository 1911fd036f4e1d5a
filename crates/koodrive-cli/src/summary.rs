//! `koodrive summary`: totals of an album. The order of the files does not matter, so the album is listed
//! from both ends at once.

mod page;
mod tally;

use std::io::{self, IsTerminal as _};

use console::Term;
use futures::StreamExt as _;
use koodrive::Result;

use self::tally::Tally;
use crate::{
    account::Album,
    args::{SummaryArgs, SummaryFormat},
    exit::Exit,
    notices::ConnectionNotice,
    patience::Patience,
    pipe,
    progress::ProgressDisplay,
    report,
    stop_signal::StopSignal,
    text::escaped,
};

pub(crate) async fn run(args: SummaryArgs) -> anyhow::Result<Exit> {
    let mut stop = StopSignal::listen()?;
    let album = Album::open(args.album.demo, args.album.album.as_deref(), None).await?;
    let tally = tokio::select! {
        tally = count(&album, args.album.quiet) => Ok(tally),
        reason = stop.wait() => Err(reason),
    };
    album.client.settle().await;
    let tally = match tally {
        Ok(Ok(tally)) => tally,
        Ok(Err(error)) => return Ok(report::listing_error(error, &album.hint())),
        Err(reason) => return Ok(reason),
    };
    let text = match args.format {
        SummaryFormat::Text => {
            page::page(&tally, Term::stdout().size_checked().map(|(_, columns)| columns))
        }
        SummaryFormat::Json => json(&tally)?,
    };
    pipe::print(text.as_bytes(), anstream::stdout())?;
    Ok(if tally.unreadable == 0 { Exit::Complete } else { Exit::Failed })
}

fn json(tally: &Tally) -> serde_json::Result<String> {
    let text = serde_json::to_string_pretty(tally)? + "\n";
    Ok(if io::stdout().is_terminal() { escaped(&text).into_owned() } else { text })
}

async fn count(album: &Album, is_quiet: bool) -> Result<Tally> {
    let (notice, mut patience) = (ConnectionNotice::listen(), Patience::default());
    let display = ProgressDisplay::new(is_quiet, 0);
    let mut tally = Tally::new(&album.id);
    let mut files = album.client.list_album_content(&album.id).unordered().stream();
    loop {
        let next = tokio::select! {
            next = files.next() => next,
            () = notice.wait() => {
                display.suspend(|| report::cannot_connect(&album.hint()));
                continue;
            }
        };
        match next {
            None => return Ok(tally),
            Some(Ok(file)) => {
                patience.restore();
                tally.add(&file);
            }
            Some(Err(error)) if error.is_skippable() => {
                tally.unreadable = tally.unreadable.saturating_add(1);
                display.suspend(|| report::warning(&error.to_string()));
            }
            Some(Err(error)) if patience.allows(&error) => {}
            Some(Err(error)) => return Err(error),
        }
        let progress = files.progress();
        if progress.items.is_multiple_of(100) {
            display.show(progress, progress.total);
        }
    }
}
