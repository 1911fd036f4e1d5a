//! `koodrive summary`: totals of an album. The order of the files does not matter, so the album is listed
//! from both ends at once.

mod page;
mod tally;

use std::io::{self, IsTerminal as _};

use console::Term;
use koodrive::Result;

use self::tally::Tally;
use crate::{
    album::{Album, Wanted},
    args::{ServiceArgs, SummaryArgs, SummaryFormat},
    demo::Demo,
    exit::Exit,
    pipe,
    progress::ProgressDisplay,
    reader::Reader,
    report,
    stop_signal::StopSignal,
    text::escaped,
};

pub(crate) async fn run(args: SummaryArgs) -> anyhow::Result<Exit> {
    let mut stop = StopSignal::listen()?;
    let ServiceArgs { demo, quiet } = args.album.service;
    let wanted = args.album.album.map(Wanted::Words);
    let album = stop.unless(Album::open(demo.map(Demo::steady), wanted, None)).await??;
    let counted = stop.unless(count(&album, ProgressDisplay::new(quiet, 0))).await;
    album.service.client.settle().await;
    let hint = &album.service.hint;
    let tally = counted?.map_err(|error| report::listing_error(error, hint))?;
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

async fn count(album: &Album, display: ProgressDisplay) -> Result<Tally> {
    let files = album.service.client.list_album_content(album.id()).unordered().stream();
    let mut reader = Reader::new(&album.service, files, display);
    let mut tally = Tally::new(album.id());
    while let Some(next) = reader.next().await {
        match next {
            Ok(file) => tally.add(&file),
            Err(error) if error.is_skippable() => {
                tally.unreadable = tally.unreadable.saturating_add(1);
            }
            Err(error) => return Err(error),
        }
        let progress = reader.items.progress();
        if progress.items.is_multiple_of(100) {
            reader.display.show(progress, progress.total);
        }
    }
    Ok(tally)
}
