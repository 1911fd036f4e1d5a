//! `koodrive verify`: whether a copy still is what was fetched. Offline.

use std::{io, path::Path};

use koodrive_sync::{Verification, verify};
use tokio::task::spawn_blocking;

use crate::{
    args::VerifyArgs,
    exit::Exit,
    pipe, report,
    stop_signal::StopSignal,
    text::{files, sanitized},
};

pub(crate) async fn run(args: VerifyArgs) -> anyhow::Result<Exit> {
    let mut stop = StopSignal::listen()?;
    let directory = args.directory.clone();
    let found = stop.unless(spawn_blocking(move || verify(directory))).await???;
    pipe::print(lines(&found).as_bytes(), io::stdout())?;
    report::note(&summary(&found, &args.directory));
    Ok(if found.is_intact() { Exit::Complete } else { Exit::Failed })
}

/// A line for each file that needs a look.
fn lines(found: &Verification) -> String {
    let groups = [
        ("damaged", &found.damaged),
        ("changed", &found.changed),
        ("missing", &found.missing),
        ("strange", &found.strange),
    ];
    let lines = groups.iter().flat_map(|(what, paths)| {
        paths.iter().map(move |path| format!("{what}: {}\n", sanitized(path)))
    });
    lines.collect()
}

fn summary(found: &Verification, directory: &Path) -> String {
    let count = |paths: &Vec<String>| u64::try_from(paths.len()).unwrap_or(u64::MAX);
    let mut text = format!("{}: {} as they were fetched", directory.display(), files(found.whole));
    for (count, what) in [
        (found.hashed, "hashed for the first time"),
        (count(&found.damaged), "damaged"),
        (count(&found.changed), "changed"),
        (count(&found.missing), "missing"),
        (count(&found.strange), "not part of the copy"),
    ] {
        if count > 0 {
            text += &format!("; {} {what}", files(count));
        }
    }
    text
}
