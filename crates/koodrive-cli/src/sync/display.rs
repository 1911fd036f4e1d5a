//! What a run shows while it works: lines of progress on a terminal, otherwise a plain line now and then.

use std::{
    collections::HashMap,
    io,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use indicatif::{BinaryBytes, ProgressBar};
use koodrive_sync::Event;

use super::report_file::ReportFile;
use crate::{
    args::SyncArgs,
    pipe,
    progress::ProgressDisplay,
    report,
    text::{files, sanitized},
};

/// A wait of so many seconds is told.
const LONG: u64 = 5;
/// Between two plain lines.
const PAUSE: Duration = Duration::from_secs(10);

pub(super) struct Display {
    pub(super) progress: ProgressDisplay,
    /// Where the album goes, if there are several.
    folder: Option<String>,
    /// Files of the albums before this one.
    earlier: u64,
    transfers: HashMap<String, ProgressBar>,
    started: Instant,
    bytes: u64,
    /// When the last plain line was printed; `None` where there are none.
    told: Option<Instant>,
    is_dry_run: bool,
    report: Option<ReportFile>,
}

impl Display {
    /// # Errors
    ///
    /// If the report file cannot be opened.
    pub(super) fn new(args: &SyncArgs) -> anyhow::Result<Self> {
        let is_silent = args.service.quiet || args.dry_run;
        let progress = ProgressDisplay::new(is_silent, "files", 0);
        let report = args.report.as_ref().map(|path| ReportFile::open(path, &args.directory));
        Ok(Self {
            told: (!is_silent && progress.is_hidden()).then(Instant::now),
            progress,
            folder: None,
            earlier: 0,
            transfers: HashMap::new(),
            started: Instant::now(),
            bytes: 0,
            is_dry_run: args.dry_run,
            report: report.transpose()?,
        })
    }

    /// The events that follow are about this album.
    pub(super) fn begin_album(&mut self, folder: Option<&str>) {
        self.folder = folder.map(str::to_owned);
        self.earlier = self.progress.whole.position();
        self.transfers.clear();
    }

    pub(super) fn show(&mut self, event: &Event) {
        self.report.iter_mut().for_each(ReportFile::begin);
        match event {
            Event::Listed { files, total } => {
                let files = total.unwrap_or_default().max(*files);
                let done = self.progress.whole.position();
                self.progress.show(done, Some(self.earlier.saturating_add(files)));
            }
            Event::Started { id, path, size } => {
                let line = self.progress.begin_file(self.place(path), *size);
                self.transfers.insert(id.clone(), line);
            }
            Event::Received { id, bytes } => self.receive(id, *bytes),
            Event::Failed { id, path, reason } => {
                let (id, path, reason) = (sanitized(id), self.place(path), sanitized(reason));
                self.warn(&format!("{path} (id {id}): {reason}"));
            }
            Event::Left { path, .. } => {
                let path = self.place(path);
                self.warn(&format!("{path} was changed on this disk, so it is left alone"));
            }
            Event::Unreadable { reason } => self.warn(reason),
            Event::Waiting { seconds: seconds @ LONG.. } => {
                self.warn(&format!("the storage is too busy; waiting for {seconds} s"));
            }
            _ => {}
        }
        if is_outcome(event) {
            self.end(event);
        }
        self.tell();
    }

    fn receive(&mut self, id: &str, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
        if let Some(line) = self.transfers.get(id) {
            line.inc(bytes);
        }
        self.progress.whole.set_message(format!(", {}", self.pace()));
    }

    fn pace(&self) -> String {
        let seconds = self.started.elapsed().as_secs().max(1);
        let rate = self.bytes.checked_div(seconds).unwrap_or_default();
        format!("{}, {}/s", BinaryBytes(self.bytes), BinaryBytes(rate))
    }

    /// A file is done, whatever became of it.
    fn end(&mut self, event: &Event) {
        if let Event::Fetched { id, .. }
        | Event::Changed { id, .. }
        | Event::Thumbnail { id, .. }
        | Event::Failed { id, .. } = event
        {
            self.transfers.remove(id);
        }
        let is_file = !matches!(event, Event::Thumbnail { .. });
        self.progress.whole.inc(u64::from(is_file));
        if self.is_dry_run {
            self.print_plan(event);
        }
        if let Some(report) = &mut self.report {
            report.add(self.folder.as_deref(), event);
        }
    }

    fn print_plan(&self, event: &Event) {
        let (what, path) = match event {
            Event::Fetched { path, .. } => ("fetch", path),
            Event::Changed { path, .. } => ("fetch again", path),
            Event::Removed { path, .. } => ("remove", path),
            Event::Adopted { path, .. } => ("recognise", path),
            _ => return,
        };
        // The plan is for a reader, and the exit code says the rest.
        let _ = pipe::print(format!("{what}: {}\n", self.place(path)).as_bytes(), io::stdout());
    }

    fn warn(&self, message: &str) {
        self.progress.suspend(|| report::warning(message));
    }

    /// A path of the album, as it is shown.
    fn place(&self, path: &str) -> String {
        let folder = self.folder.as_ref().map(|folder| format!("{}/", sanitized(folder)));
        format!("{}{}", folder.unwrap_or_default(), sanitized(path))
    }

    /// Prints a plain line, if it is time.
    fn tell(&mut self) {
        if self.told.is_some_and(|told| told.elapsed() >= PAUSE) {
            self.told = Some(Instant::now());
            let whole = &self.progress.whole;
            let (done, all) = (files(whole.position()), whole.length().unwrap_or_default());
            report::note(&format!("{done} of {all}, {}", self.pace()));
        }
    }

    /// Removes the lines of progress.
    pub(super) fn clear(&mut self) {
        self.transfers.clear();
        self.progress.clear();
    }

    /// # Errors
    ///
    /// If the report could not be written.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        self.report.map_or(Ok(()), ReportFile::finish).context("cannot write the report")
    }
}

/// Events that end the work on a file. The others only show progress.
fn is_outcome(event: &Event) -> bool {
    use Event::{Listed, Received, Started, Waiting};
    !matches!(event, Listed { .. } | Started { .. } | Received { .. } | Waiting { .. })
}
