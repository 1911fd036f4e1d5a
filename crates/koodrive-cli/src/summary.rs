//! `koodrive summary`: totals of an album. The order of the files does not matter, so the album is listed
//! from both ends at once, unless `--since` ends the listing early.

mod page;
mod tally;

use std::io::{self, IsTerminal as _};

use console::Term;
use koodrive::Result;

use self::tally::Tally;
use crate::{
    album::{Album, Wanted},
    args::{ServiceArgs, SummaryArgs},
    choices::SummaryFormat,
    demo::{self, Demo},
    exit::Exit,
    filter::Filter,
    pipe,
    progress::ProgressDisplay,
    reader::Reader,
    report,
    service::Owner,
    stop_signal::StopSignal,
    text::escaped,
};

pub(crate) async fn run(args: SummaryArgs) -> anyhow::Result<Exit> {
    let mut stop = StopSignal::listen()?;
    let filter = args.filter.at(demo::now(args.album.service.demo))?;
    let ServiceArgs { demo, quiet } = args.album.service;
    let wanted = args.album.album.map(Wanted::Words);
    let owner = Owner::load(demo.map(Demo::Steady))?;
    let album = stop.unless(Album::open(owner, wanted)).await??;
    let counted =
        stop.unless(count(&album, &filter, ProgressDisplay::new(quiet, "files", 0))).await;
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
    Ok(Exit::unless(tally.unreadable > 0))
}

fn json(tally: &Tally) -> serde_json::Result<String> {
    let text = serde_json::to_string_pretty(tally)? + "\n";
    Ok(if io::stdout().is_terminal() { escaped(&text).into_owned() } else { text })
}

async fn count(album: &Album, filter: &Filter, display: ProgressDisplay) -> Result<Tally> {
    let files = album.service.client.list_album_content(album.id());
    let files = match filter.bound() {
        Some(bound) => files.edited_since(bound),
        None => files.unordered(),
    };
    let mut reader = Reader::new(&album.service, files.stream(), display, filter.most(None));
    let mut tally = Tally::new(album.id());
    while let Some(file) = reader.next().await? {
        if filter.includes(&file) {
            tally.add(&file);
        }
    }
    tally.unreadable = reader.unreadable();
    Ok(tally)
}
