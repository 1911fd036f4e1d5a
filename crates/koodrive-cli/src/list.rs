//! `koodrive list`: from the arguments to a listing that ended, one way or another.

mod listing;
mod resumable_output;

use std::path::PathBuf;

use jiff::Timestamp;

use self::{listing::Listing, resumable_output::ResumableOutput};
use crate::{
    account::Album,
    args::ListArgs,
    demo,
    exit::Exit,
    options::ListOptions,
    progress::ProgressDisplay,
    report::{self, UsageError},
    resume_token::ResumeToken,
    state::{State, StateFile},
    stop_signal::StopSignal,
    text,
};

pub(crate) async fn run(args: ListArgs) -> anyhow::Result<Exit> {
    let mut stop = StopSignal::listen()?;
    check_distinct_files(&args)?;
    let now = args.album.demo.map_or_else(Timestamp::now, |_| demo::NOW);
    let options = ListOptions::new(&args, now)?;
    let file = args.state.map(StateFile::new);
    // Not by clap, which would repeat what it cannot read; it may hold a cursor.
    let token = args.resume.map(|text| text.parse()).transpose()?;
    let state = starting_state(file.as_ref(), token, options)?;
    if state.is_complete {
        return Ok(already_complete(&state));
    }
    // Nothing is written before it is known where the files come from.
    let album = open_album(&state).await?;
    let display = ProgressDisplay::new(args.album.quiet, state.listed());
    let output = ResumableOutput::begin(file, state)?;
    Ok(Listing::new(&album, output, display).run(&mut stop).await)
}

/// Each time the place is kept, its file is replaced, and with it what was written to it.
fn check_distinct_files(args: &ListArgs) -> Result<(), UsageError> {
    let whole = |path: &PathBuf| std::path::absolute(path).ok();
    let (state, output) = (args.state.as_ref(), args.output.as_ref());
    match (state.and_then(whole), output.and_then(whole)) {
        (Some(state), Some(output)) if state == output => Err(UsageError(
            "--state and --output name the same file; name another one after --state".to_owned(),
        )),
        _ => Ok(()),
    }
}

/// Where a listing stands before it begins: at its start, at a token, or where its state file says.
fn starting_state(
    file: Option<&StateFile>,
    token: Option<ResumeToken>,
    options: ListOptions,
) -> anyhow::Result<State> {
    let (Some(file), Some(earlier)) = (file, file.map_or(Ok(None), StateFile::load)?) else {
        return Ok(State { token, ..State::new(options) });
    };
    let options = options.resumed_from(earlier.options.clone()).map_err(|option| {
        let (path, command) = (file.path().display(), earlier.options.state_command(file.path()));
        UsageError(format!(
            "{option} is not what the listing in {path} was begun with\n  \
             to go on with that one: {command}\n  \
             for another one, name another file after --state"
        ))
    })?;
    Ok(State { options, ..earlier })
}

/// A listing that goes on needs no name for its album.
async fn open_album(state: &State) -> anyhow::Result<Album> {
    let known = state.token.as_ref().map(|token| token.checkpoint.album_id());
    Album::open(state.options.demo, state.options.album.as_deref().or(known)).await
}

fn already_complete(state: &State) -> Exit {
    let (files, but) = (text::files(state.printed()), text::unreadable_suffix(state.unreadable));
    report::note(&format!("already complete: {files}{but}"));
    state.exit()
}
