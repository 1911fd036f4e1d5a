//! `koodrive list`: prepares a listing from the arguments and runs it.

mod listing;
mod resumable_output;

use std::{
    path::{Path, PathBuf},
    slice::from_ref,
};

use self::{listing::Listing, resumable_output::ResumableOutput};
use crate::{
    account::Account,
    album::{Album, Wanted},
    args::ListArgs,
    demo::{self, Demo},
    exit::Exit,
    options::{Difference, ListOptions, unchanged},
    progress::ProgressDisplay,
    report::{self, UsageError, usage},
    service::Owner,
    sink::Sink,
    state::{Source, State, StateFile},
    stop_signal::StopSignal,
    text,
};

pub(crate) async fn run(args: ListArgs) -> anyhow::Result<Exit> {
    let mut stop = StopSignal::listen()?;
    let now = demo::now(args.album.service.demo);
    let options = args.options(now)?;
    // Not parsed by clap: its errors repeat the value, which may hold a cursor.
    let token = args.resume.map(|text| text.parse()).transpose()?;
    let file = args.state.map(StateFile::lock).transpose()?;
    let earlier = file.as_ref().map_or(Ok(None), StateFile::load)?;
    let output = options.output.as_ref();
    let output = output.or(earlier.as_ref().and_then(|earlier| earlier.options.output.as_ref()));
    check_distinct_files(file.as_ref(), output.map(PathBuf::as_path))?;
    let demo = options.demo.or(earlier.as_ref().and_then(|earlier| earlier.options.demo));
    let owner = Owner::load(demo.map(Demo::Steady))?;
    let state = match (&file, earlier) {
        (Some(file), Some(earlier)) => resumed(file, earlier, options, owner.account())?,
        _ => State { token, ..State::new(options, now) },
    };
    let sink = state.options.output.as_deref().map_or_else(|| Ok(Sink::stdout()), Sink::file)?;
    let state = match state.output.as_ref() {
        _ if !state.is_complete => state,
        _ if state.options.filter.since.is_some() => State::next(&state, now),
        Some(saved) if sink.has_lost(saved) => State::new(state.options, now),
        _ => return Ok(already_complete(&state)),
    };
    let album = stop.unless(Album::open(owner, wanted(&state))).await??;
    let display = ProgressDisplay::new(args.album.service.quiet, "files", state.listed());
    let source = state.source.clone().or_else(|| Some(album.source.clone()));
    let output = ResumableOutput::new(file, State { source, ..state }, sink)?;
    let exit = Listing::new(&album, output, display).run(&mut stop).await;
    album.service.client.settle().await;
    Ok(exit)
}

/// Saving the state replaces its file, so the output must not be in the same one.
fn check_distinct_files(file: Option<&StateFile>, output: Option<&Path>) -> Result<(), UsageError> {
    let is_same = file.is_some_and(|file| match output {
        Some(output) => file.is_at(output),
        None => Sink::stdout().id().is_some_and(|id| file.is(&id)),
    });
    if is_same {
        return Err(usage(
            "--state and the output are the same file; pass a different file to --state",
        ));
    }
    Ok(())
}

/// The saved state, if what is asked now is the same listing.
fn resumed(
    file: &StateFile,
    earlier: State,
    options: ListOptions,
    account: Option<&Account>,
) -> Result<State, UsageError> {
    let album = options.album.clone().or_else(|| account?.album());
    let options = options.resumed_from(earlier.options.clone()).and_then(|options| {
        unchanged_source(album, account, earlier.source.as_ref()).map(|()| options)
    });
    match options {
        Ok(options) => Ok(State { options, ..earlier }),
        Err(difference) => Err(refusal(file, &earlier, &difference)),
    }
}

fn unchanged_source(
    album: Option<String>,
    account: Option<&Account>,
    earlier: Option<&Source>,
) -> Result<(), Difference> {
    let Some(earlier) = earlier else { return Ok(()) };
    // The name that it was found by stands for it, so that nothing needs to be looked up again.
    let album = album.filter(|words| earlier.name.as_ref() != Some(words));
    unchanged("the album", album.as_slice(), from_ref(&earlier.album))?;
    if let Some((account, earlier)) = account.zip(earlier.account.as_ref()) {
        unchanged("the user", account.user_id().as_slice(), from_ref(&earlier.user_id))?;
        unchanged("the endpoint", &[account.endpoint()], from_ref(&earlier.endpoint))?;
    }
    Ok(())
}

fn refusal(file: &StateFile, earlier: &State, difference: &Difference) -> UsageError {
    // An album from a variable or the configuration file is named: they may say another one now.
    let listed = earlier.source.as_ref().filter(|source| source.account.is_some());
    let album = earlier.options.album.clone().or_else(|| Some(listed?.album.clone()));
    let options = ListOptions { album, ..earlier.options.clone() };
    let (path, command) = (file.name().display(), options.state_command(file.name()));
    let (what, values) = (difference.what, difference.values());
    usage(format!(
        "{what} differs from the listing saved in {path}: {values}\n  \
         to resume that listing: {command}\n  \
         to start another, pass a different file to --state"
    ))
}

/// A resumed listing knows the album's id. A token has one, too, unless another album is asked for.
fn wanted(state: &State) -> Option<Wanted> {
    if let Some(source) = &state.source {
        return Some(Wanted::Id(source.album.clone()));
    }
    let of_token = state.token.as_ref().map(|token| token.checkpoint.album_id().to_owned());
    match &state.options.album {
        Some(words) if of_token.as_ref() != Some(words) => Some(Wanted::Words(words.clone())),
        _ => of_token.map(Wanted::Id),
    }
}

fn already_complete(state: &State) -> Exit {
    let (files, unreadable) =
        (text::files(state.printed()), text::unreadable_suffix(state.unreadable));
    report::note(&format!("already complete: {files}{unreadable}"));
    state.exit()
}
