//! `koodrive sync`: makes a folder a copy of an album, or of each album. What is fetched, kept or removed is
//! decided by `koodrive_sync`.

pub(crate) mod albums;
mod display;
mod outcome;
mod report_file;

use std::{io, sync::Arc};

use koodrive::{AlbumContent, ErrorKind};
use koodrive_sync::{AlbumSync, SyncError};

use self::{
    albums::{Albums, Target},
    display::Display,
    outcome::{Outcome, summary},
};
use crate::{
    args::SyncArgs,
    demo,
    exit::{Ended, Exit},
    filter::Filter,
    report::{self, AccountHint, usage},
    service::Service,
    stop_signal::StopSignal,
    text::sanitized,
    type_filter::TypeFilter,
};

pub(crate) async fn run(args: SyncArgs) -> anyhow::Result<Exit> {
    let mut stop = StopSignal::listen()?;
    let filter = Arc::new(args.filter.clone().at(demo::now(args.service.demo))?);
    let mut display = Display::new(&args)?;
    let albums = stop.unless(Albums::open(&args)).await??;
    let outcome = stop.unless(copy(&args, &albums, &filter, &mut display)).await;
    display.clear();
    albums.service.client.settle().await;
    let exit = match outcome {
        Ok(outcome) => outcome?.finish(args.service.quiet, args.all),
        Err(Ended(exit)) => {
            report::note("stopped; run the same command again to continue");
            exit
        }
    };
    display.finish()?;
    Ok(exit)
}

/// Copies one album after another, so that `--jobs` and `--limit-rate` hold for all together. An album that fails
/// costs that album.
async fn copy(
    args: &SyncArgs,
    albums: &Albums,
    filter: &Arc<Filter>,
    display: &mut Display,
) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome { has_filter: filter.is_set(), ..Outcome::default() };
    outcome.report.unreadable = albums.unreadable;
    for target in &albums.targets {
        display.begin_album(target.folder.as_deref());
        let sync = sync(args, &albums.service, target, filter);
        match sync.run(|event| display.show(&event)).await {
            Ok(report) => outcome.add(&report, target.folder.as_deref()),
            Err(error) => {
                let is_final = !args.all || is_hopeless(&error);
                if let SyncError::Listing { report, .. } = &error {
                    outcome.report.add(report);
                }
                let error = described(error, target, &albums.service.hint);
                if is_final {
                    return Err(error);
                }
                outcome.failed_albums = outcome.failed_albums.saturating_add(1);
                display.progress.suspend(|| report::error(&error));
            }
        }
    }
    Ok(outcome)
}

fn sync(args: &SyncArgs, service: &Service, target: &Target, filter: &Arc<Filter>) -> AlbumSync {
    let mut sync = AlbumSync::new(service.client.clone(), &target.id, &target.directory)
        .jobs(args.jobs)
        .names(&args.names)
        .album_name(target.name.as_ref().unwrap_or(&target.id))
        .mirror(args.mirror)
        .sidecars(args.sidecars)
        .thumbnails(args.thumbnails)
        .max_delete(args.max_delete.unwrap_or_default())
        .dry_run(args.dry_run);
    if let Some(rate) = args.limit_rate {
        sync = sync.rate_limit(rate);
    }
    if !filter.is_set() {
        return sync;
    }
    // Folders have no content, so they are never part of a copy.
    let is_folder = |file: &AlbumContent| TypeFilter::Folder.includes(file.file_type().as_ref());
    let filter = Arc::clone(filter);
    sync.filter(move |file| !is_folder(file) && filter.includes(file))
}

/// Whether the next album would fail in the same way.
fn is_hopeless(error: &SyncError) -> bool {
    use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    match error {
        SyncError::InvalidInput(_) => true,
        SyncError::Io { source, .. } => {
            matches!(source.kind(), QuotaExceeded | ReadOnlyFilesystem | StorageFull)
        }
        SyncError::Listing { source, .. } => {
            matches!(source.kind(), ErrorKind::Credentials | ErrorKind::Unauthorized)
        }
        _ => false,
    }
}

fn described(error: SyncError, target: &Target, account: &AccountHint) -> anyhow::Error {
    let error = match error {
        SyncError::InvalidInput(reason) => return usage(reason).into(),
        SyncError::Listing { source, report } => {
            let what = match &target.folder {
                Some(folder) => format!("{}: cannot list the album to its end", sanitized(folder)),
                None => {
                    report::note(&summary(&report));
                    "cannot list the album to its end".to_owned()
                }
            };
            return report::failed(&what, source, account);
        }
        SyncError::OtherAlbum { album_id } => anyhow::anyhow!(
            "the folder holds a copy of another album, {}; use a folder for each album",
            sanitized(&album_id)
        ),
        error => error.into(),
    };
    match &target.folder {
        Some(folder) => error.context(format!("cannot copy {}", sanitized(folder))),
        None => error,
    }
}
