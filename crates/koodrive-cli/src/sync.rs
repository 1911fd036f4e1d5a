//! `koodrive sync`: makes a folder a copy of an album. What is fetched, kept or removed is decided by
//! `koodrive_sync`.

mod display;

use indicatif::BinaryBytes;
use jiff::Timestamp;
use koodrive::AlbumContent;
use koodrive_sync::{AlbumSync, Refusal, Report, SyncError};

use self::display::Display;
use crate::{
    album::{Album, Wanted},
    args::SyncArgs,
    demo::Demo,
    exit::{Ended, Exit},
    filter::Filter,
    report::{self, AccountHint, UsageError},
    stop_signal::StopSignal,
    text::{files, sanitized, unreadable_suffix},
    type_filter::TypeFilter,
};

pub(crate) async fn run(args: SyncArgs) -> anyhow::Result<Exit> {
    let mut stop = StopSignal::listen()?;
    let filter = Filter::new(&args.filter, Timestamp::now())?;
    let mut display = Display::new(args.service.quiet, args.dry_run, args.report.as_deref())?;
    let wanted = args.album.clone().map(Wanted::Words);
    let demo = args.service.demo.map(Demo::small);
    let album = stop.unless(Album::open(demo, wanted, None)).await??;
    let run = sync(&args, &album, filter).run(|event| display.show(&event));
    let outcome = stop.unless(run).await;
    display.clear();
    album.service.client.settle().await;
    let exit = match outcome {
        Ok(Ok(done)) => finish(&done, args.service.quiet),
        Ok(Err(error)) => return Err(described(error, &album.service.hint)),
        Err(Ended(exit)) => {
            report::note("stopped; run the same command again to continue");
            exit
        }
    };
    display.finish()?;
    Ok(exit)
}

fn sync(args: &SyncArgs, album: &Album, filter: Filter) -> AlbumSync {
    let client = album.service.client.clone();
    let mut sync = AlbumSync::new(client, album.id(), &args.directory)
        .jobs(args.jobs)
        .names(&args.names)
        .album_name(album.source.name.as_deref().unwrap_or(album.id()))
        .mirror(args.mirror)
        .sidecars(args.sidecars)
        .dry_run(args.dry_run);
    if let Some(limit) = args.max_delete {
        sync = sync.max_delete(limit);
    }
    if let Some(rate) = args.limit_rate {
        sync = sync.rate_limit(rate);
    }
    if !filter.is_set() {
        return sync;
    }
    // Folders have no content, so they are never part of a copy.
    let is_folder = |file: &AlbumContent| TypeFilter::Folder.includes(file.file_type().as_ref());
    sync.filter(move |file| !is_folder(file) && filter.includes(file))
}

/// Prints what was done.
fn finish(report: &Report, is_quiet: bool) -> Exit {
    match report.refusal {
        Some(Refusal::Incomplete { files: count }) => report::warning(&format!(
            "removed none of {} that the album no longer has: the listing may not be complete",
            files(count)
        )),
        Some(Refusal::TooMany { files: count, limit }) => report::warning(&format!(
            "removed none of {} that the album no longer has: --max-delete allows {limit}",
            files(count)
        )),
        _ => {}
    }
    if !is_quiet {
        report::note(&summary(report));
    }
    if report.is_complete() { Exit::Complete } else { Exit::Failed }
}

fn summary(report: &Report) -> String {
    let done = |would: &'static str, did| if report.is_dry_run { would } else { did };
    let mut text = format!("{} {}", done("would fetch", "fetched"), files(report.fetched));
    if !report.is_dry_run {
        text += &format!(", {}", BinaryBytes(report.bytes));
    }
    for (count, what) in [
        (report.changed, "changed"),
        (report.kept, "kept"),
        (report.adopted, "recognised, not verified yet"),
        (report.left, "left alone: changed on this disk"),
        (report.removed, "removed"),
        (report.failed, "failed"),
    ] {
        if count > 0 {
            text += &format!("; {} {what}", files(count));
        }
    }
    text += &unreadable_suffix(report.unreadable);
    if report.unknown_sizes > 0 {
        text += &format!("; nothing announced the size of {}", files(report.unknown_sizes));
    }
    text
}

fn described(error: SyncError, account: &AccountHint) -> anyhow::Error {
    match error {
        SyncError::InvalidInput(reason) => UsageError(reason).into(),
        SyncError::Listing { source, report } => {
            report::note(&summary(&report));
            report::failed("cannot list the album to its end", source, account)
        }
        SyncError::OtherAlbum { album_id } => anyhow::anyhow!(
            "the folder holds a copy of another album, {}; use a folder for each album",
            sanitized(&album_id)
        ),
        error => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_names_what_was_done_and_nothing_else() {
        let mut report = Report::default();
        assert_eq!(summary(&report), "fetched 0 files, 0 B");
        (report.fetched, report.bytes, report.kept, report.failed) = (2, 2048, 1, 3);
        assert_eq!(summary(&report), "fetched 2 files, 2.00 KiB; 1 file kept; 3 files failed");
        report.is_dry_run = true;
        assert_eq!(summary(&report), "would fetch 2 files; 1 file kept; 3 files failed");
    }
}
