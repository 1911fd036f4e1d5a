//! `koodrive list`: prepares a listing from the arguments and runs it.

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
    // Not parsed by clap: its errors repeat the value, which may hold a cursor.
    let token = args.resume.map(|text| text.parse()).transpose()?;
    let state = starting_state(file.as_ref(), token, options)?;
    if state.is_complete {
        return Ok(already_complete(&state));
    }
    // Opened before the output, so that a configuration error leaves an existing file untouched.
    let album = open_album(&state).await?;
    let display = ProgressDisplay::new(args.album.quiet, state.listed());
    let output = ResumableOutput::begin(file, state)?;
    Ok(Listing::new(&album, output, display).run(&mut stop).await)
}

/// Saving the state replaces its file, so the output must not be in the same one.
fn check_distinct_files(args: &ListArgs) -> Result<(), UsageError> {
    let absolute = |path: &PathBuf| std::path::absolute(path).ok();
    let (state, output) = (args.state.as_ref(), args.output.as_ref());
    match (state.and_then(absolute), output.and_then(absolute)) {
        (Some(state), Some(output)) if state == output => Err(UsageError(
            "--state and --output are the same file; pass a different file to --state".to_owned(),
        )),
        _ => Ok(()),
    }
}

/// The state from which a listing starts: the beginning, a token's position, or that of the state file.
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
            "{option} differs from the listing saved in {path}\n  \
             to resume that listing: {command}\n  \
             to start another, pass a different file to --state"
        ))
    })?;
    Ok(State { options, ..earlier })
}

/// A resumed listing needs no album id: its checkpoint has one.
async fn open_album(state: &State) -> anyhow::Result<Album> {
    let known = state.token.as_ref().map(|token| token.checkpoint.album_id());
    Album::open(state.options.demo, state.options.album.as_deref().or(known)).await
}

fn already_complete(state: &State) -> Exit {
    let (files, unreadable) =
        (text::files(state.printed()), text::unreadable_suffix(state.unreadable));
    report::note(&format!("already complete: {files}{unreadable}"));
    state.exit()
}
