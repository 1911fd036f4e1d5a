//! `koodrive verify`: whether a copy still is what was fetched. Offline.

use std::{io, path::Path};

use koodrive_sync::{Verification, verify};

use crate::{
    args::VerifyArgs,
    detached::detached,
    exit::Exit,
    pipe, report,
    stop_signal::StopSignal,
    sync::albums,
    text::{counted, files, sanitized},
};

pub(crate) async fn run(args: VerifyArgs) -> anyhow::Result<Exit> {
    let mut stop = StopSignal::listen()?;
    let mut exit = Exit::Complete;
    for (directory, folder) in albums::folders_in(&args.directory)? {
        // What its paths begin with.
        let prefix = folder.map(|folder| format!("{}/", sanitized(&folder))).unwrap_or_default();
        let copy = directory.clone();
        let found = match stop.unless(detached(|| verify(copy))).await?? {
            Ok(found) => found,
            // One of several copies costs that copy.
            Err(error) if !prefix.is_empty() => {
                exit = report::error(
                    &anyhow::Error::new(error).context(format!("cannot verify {prefix}")),
                );
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        pipe::print(lines(&found, &prefix).as_bytes(), io::stdout())?;
        report::note(&summary(&found, &directory));
        if !found.is_intact() {
            exit = Exit::Failed;
        }
    }
    Ok(exit)
}

/// The files that need a look: what each is, what all of them are, and their paths.
fn groups(found: &Verification) -> [(&'static str, &'static str, &[String]); 5] {
    [
        ("damaged", "damaged", &found.damaged),
        ("changed", "changed", &found.changed),
        ("unreadable", "unreadable", &found.unreadable),
        ("missing", "missing", &found.missing),
        ("strange", "not part of the copy", &found.strange),
    ]
}

fn lines(found: &Verification, prefix: &str) -> String {
    let lines = groups(found).into_iter().flat_map(|(what, _, paths)| {
        paths.iter().map(move |path| format!("{what}: {prefix}{}\n", sanitized(path)))
    });
    lines.collect()
}

fn summary(found: &Verification, directory: &Path) -> String {
    let count = |paths: &[String]| u64::try_from(paths.len()).unwrap_or(u64::MAX);
    let bad = groups(found).map(|(_, what, paths)| (count(paths), what));
    let hashed = counted(&[(found.hashed, "hashed for the first time")]);
    let (whole, bad) = (files(found.whole), counted(&bad));
    format!("{}: {whole} as they were fetched{hashed}{bad}", directory.display())
}
