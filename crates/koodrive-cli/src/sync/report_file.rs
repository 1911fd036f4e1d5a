//! The report of a run: a line of JSON for each file.

use std::{
    fs::{self, File, TryLockError},
    io::{self, BufWriter, Read as _, Write as _},
    path::{self, Path},
};

use anyhow::{Context as _, bail};
use koodrive_sync::Event;
use serde::Serialize;

pub(super) struct ReportFile {
    file: BufWriter<File>,
    /// A device or a pipe, say, has no end to cut it at.
    is_file: bool,
    has_begun: bool,
    /// Why it could not be written.
    failure: Option<io::Error>,
}

/// Where there are several albums, the path is relative to the album's folder.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<&'a str>,
    #[serde(flatten)]
    event: &'a Event,
}

impl ReportFile {
    /// Opens the file, and leaves what is in it: the run may be refused. It may be in the folder of the copy, which is
    /// created if it does not exist.
    pub(super) fn open(path: &Path, copy: &Path) -> anyhow::Result<Self> {
        let path_name = path.display();
        let is_in_copy = path.parent().is_some_and(|folder| is_same(folder, copy));
        let made = if is_in_copy { fs::create_dir_all(copy) } else { Ok(()) };
        let open = |()| File::options().write(true).create(true).truncate(false).open(path);
        let file = made.and_then(open);
        let file = file.with_context(|| format!("cannot create the report {path_name}"))?;
        let is_file = file.metadata().is_ok_and(|found| found.is_file());
        if is_file && !is_report(path).with_context(|| format!("cannot read {path_name}"))? {
            bail!("{path_name} is not a report, so it is left alone; name another file");
        }
        if is_file && matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
            bail!("another run writes the report {path_name}; give each run its own");
        }
        Ok(Self { file: BufWriter::new(file), is_file, has_begun: false, failure: None })
    }

    /// The run has begun: what is in the file is of an earlier one.
    pub(super) fn begin(&mut self) {
        if self.is_file && !self.has_begun {
            self.failure = self.file.get_ref().set_len(0).err();
        }
        self.has_begun = true;
    }

    pub(super) fn add(&mut self, folder: Option<&str>, event: &Event) {
        let line = Line { folder, event };
        let written = serde_json::to_writer(&mut self.file, &line).map_err(io::Error::from);
        if let Err(error) = written.and_then(|()| self.file.write_all(b"\n")) {
            self.failure.get_or_insert(error);
        }
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        let flushed = self.file.flush();
        self.failure.map_or(flushed, Err)
    }
}

/// Whether a file is an earlier report, or empty.
fn is_report(path: &Path) -> io::Result<bool> {
    let mut start = String::new();
    let read = File::open(path)?.take(10).read_to_string(&mut start);
    let is_ours = |start: &str| {
        start.is_empty() || start.starts_with(r#"{"event":"#) || start.starts_with(r#"{"folder":"#)
    };
    Ok(read.is_ok() && is_ours(&start))
}

/// Whether two folders have one name. Neither need exist.
fn is_same(one: &Path, other: &Path) -> bool {
    path::absolute(one).is_ok_and(|one| path::absolute(other).is_ok_and(|other| one == other))
}
