//! `koodrive list`: from the arguments to a listing that ended, one way or another.

mod keeper;
mod listing;

use std::path::PathBuf;

use jiff::Timestamp;

use self::{keeper::Keeper, listing::Listing};
use crate::{
    account::Album,
    args::ListArgs,
    choices::Choices,
    demo,
    exit::Exit,
    failure::{self, Usage},
    progress::Bar,
    state::{State, StateFile},
    stop::Stop,
    text,
};

pub(crate) async fn run(args: ListArgs) -> anyhow::Result<Exit> {
    let mut stop = Stop::listen()?;
    part_files(&args)?;
    let now = args.album.demo.map_or_else(Timestamp::now, |_| demo::NOW);
    let choices = Choices::new(&args, now)?;
    let file = args.state.map(StateFile::new);
    // Not by clap, which would repeat what it cannot read; it may hold a cursor.
    let token = args.resume.map(|text| text.parse()).transpose()?;
    let state = keeper::state(file.as_ref(), token, choices)?;
    if state.is_complete {
        return Ok(already_complete(&state));
    }
    // Nothing is written before it is known where the files come from.
    let album = open(&state).await?;
    let bar = Bar::new(args.album.quiet, state.listed());
    let keeper = Keeper::begin(file, state)?;
    Ok(Listing::new(&album, keeper, bar).run(&mut stop).await)
}

/// Each time the place is kept, its file is replaced, and with it what was written to it.
fn part_files(args: &ListArgs) -> Result<(), Usage> {
    let whole = |path: &PathBuf| std::path::absolute(path).ok();
    let (state, output) = (args.state.as_ref(), args.output.as_ref());
    match (state.and_then(whole), output.and_then(whole)) {
        (Some(state), Some(output)) if state == output => Err(Usage(
            "--state and --output name the same file; name another one after --state".to_owned(),
        )),
        _ => Ok(()),
    }
}

/// A listing that goes on needs no name for its album.
async fn open(state: &State) -> anyhow::Result<Album> {
    let known = state.token.as_ref().map(|token| token.checkpoint.album_id());
    Album::open(state.choices.demo, state.choices.album.as_deref().or(known)).await
}

fn already_complete(state: &State) -> Exit {
    let (files, but) = (text::files(state.printed()), text::but_unreadable(state.unreadable));
    failure::note(&format!("already complete: {files}{but}"));
    state.exit()
}
