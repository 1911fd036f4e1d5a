//! What a run came to: in words, and as an exit code.

use indicatif::{BinaryBytes, HumanCount};
use koodrive_sync::{Refusal, Report};

use crate::{
    exit::Exit,
    report,
    text::{albums, counted, files, sanitized, unreadable_suffix},
};

/// What was done with all albums.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) report: Report,
    pub(super) albums: usize,
    pub(super) failed_albums: u64,
    /// Whether files were left out, so that nobody knows what an album no longer has.
    pub(super) has_filter: bool,
}

impl Outcome {
    /// Adds an album, and prints why nothing was removed of its copy.
    pub(super) fn add(&mut self, report: &Report, folder: Option<&str>) {
        self.albums = self.albums.saturating_add(1);
        self.report.add(report);
        let place = folder.map(|folder| format!("{}: ", sanitized(folder))).unwrap_or_default();
        let none_of =
            |count| format!("removed none of {} that the album no longer has", files(count));
        let what = match report.refusal {
            Some(Refusal::Incomplete { .. }) if self.has_filter => {
                "--mirror removed nothing: with a filter, it cannot know what the album no longer has"
                    .to_owned()
            }
            Some(Refusal::Incomplete { files }) => {
                format!("{}: the listing may not be complete", none_of(files))
            }
            Some(Refusal::TooMany { files, limit }) => {
                format!("{}: --max-delete allows {limit}", none_of(files))
            }
            _ => return,
        };
        report::warning(&format!("{place}{what}"));
    }

    /// Prints what was done.
    pub(super) fn finish(&self, is_quiet: bool, has_several: bool) -> Exit {
        if !is_quiet {
            let prefix = if has_several { self.albums_prefix() } else { String::new() };
            report::note(&format!("{prefix}{}", summary(&self.report)));
        }
        Exit::unless(!self.report.is_complete() || self.failed_albums > 0)
    }

    fn albums_prefix(&self) -> String {
        match self.failed_albums {
            0 => format!("{}: ", albums(self.albums)),
            failed => format!("{}, {failed} more failed: ", albums(self.albums)),
        }
    }
}

pub(super) fn summary(report: &Report) -> String {
    let done = |would: &'static str, did| if report.is_dry_run { would } else { did };
    let mut text = format!("{} {}", done("would fetch", "fetched"), files(report.fetched));
    if !report.is_dry_run {
        text += &format!(", {}", BinaryBytes(report.bytes));
    }
    if !report.is_dry_run && report.fetched.saturating_add(report.changed) > report.unknown_sizes {
        text += ", verified by size";
    }
    text += &counted(&[
        (report.changed, "changed"),
        (report.kept, "kept"),
        (report.adopted, "recognised, not verified yet"),
        (report.left, "left alone: changed on this disk"),
        (report.removed, "removed"),
        (report.failed, "failed"),
    ]);
    if report.thumbnails > 0 {
        text += &format!("; {} thumbnails", HumanCount(report.thumbnails));
    }
    text += &unreadable_suffix(report.unreadable);
    if report.unknown_sizes > 0 {
        text += &format!("; nothing announced the size of {}", files(report.unknown_sizes));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_names_what_was_done_and_nothing_else() {
        let mut report = Report::default();
        assert_eq!(summary(&report), "fetched 0 files, 0 B");
        (report.fetched, report.bytes, report.kept, report.failed) = (2, 2048, 1, 3);
        assert_eq!(
            summary(&report),
            "fetched 2 files, 2.00 KiB, verified by size; 1 file kept; 3 files failed"
        );
        report.is_dry_run = true;
        assert_eq!(summary(&report), "would fetch 2 files; 1 file kept; 3 files failed");
    }
}
