//! Fetches files into a folder. A file that fails costs only itself.

use std::{fs, io, path::Path};

use anyhow::{Context as _, anyhow};
use indicatif::BinaryBytes;
use koodrive::{AlbumContent, Downloaded, Error, ErrorKind};
use koodrive_sync::Names;

use super::search::Search;
use crate::{
    args::GetArgs,
    exit::{Ended, Exit},
    pipe, report,
    stop_signal::StopSignal,
    text::{counted, files, sanitized},
};

pub(super) struct Folder<'a> {
    search: Search<'a>,
    args: &'a GetArgs,
    names: Names,
    outcome: Outcome,
}

/// What was done so far.
#[derive(Default)]
struct Outcome {
    fetched: u64,
    bytes: u64,
    /// How many of the bytes an earlier run had fetched.
    resumed: u64,
    existing: u64,
    failed: u64,
}

impl<'a> Folder<'a> {
    pub(super) fn new(search: Search<'a>, args: &'a GetArgs) -> Self {
        Self { search, args, names: Names::default(), outcome: Outcome::default() }
    }

    /// Creates the folder if it does not exist, and fetches all files.
    pub(super) async fn fill(mut self, stop: &mut StopSignal) -> anyhow::Result<Exit> {
        let folder = &self.args.output;
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        let exit = match self.fetch_all(stop).await {
            Ok(()) => self.complete(),
            Err(Ended(exit)) => exit,
        };
        self.search.display().clear();
        if !self.args.service.quiet {
            report::note(&self.outcome.to_string());
        }
        Ok(exit)
    }

    /// # Errors
    ///
    /// If not all files were tried.
    async fn fetch_all(&mut self, stop: &mut StopSignal) -> Result<(), Ended> {
        while let Some(file) = self.search.next(stop).await? {
            let name = self.names.give(file.file_name(), file.id());
            let path = self.args.output.join(&name);
            if self.args.skip_existing && path.exists() {
                self.outcome.existing = self.outcome.existing.saturating_add(1);
                continue;
            }
            if !self.args.overwrite && path.exists() {
                let path = path.display();
                self.fail(&anyhow!(
                    "{path} exists; --overwrite replaces it, and --skip-existing leaves it"
                ));
                continue;
            }
            let fetched = stop.unless(self.fetch(&file, &name, &path)).await;
            match fetched {
                Ok(Ok(downloaded)) => self.count(&downloaded),
                Ok(Err(error)) => {
                    let is_hopeless = is_hopeless(&error);
                    let exit = self.fail(&self.described(&file, error));
                    if is_hopeless {
                        return Err(Ended(exit));
                    }
                }
                Err(ended) => {
                    self.search.display().clear();
                    report::note(&format!(
                        "stopped in {name}; what was fetched is kept: run the command again with \
                         --skip-existing to resume"
                    ));
                    return Err(ended);
                }
            }
        }
        Ok(())
    }

    async fn fetch(
        &self,
        file: &AlbumContent,
        name: &str,
        path: &Path,
    ) -> koodrive::Result<Downloaded> {
        let line = self.search.display().begin_file(name.to_owned(), file.size());
        let download = self.search.client.download(file).overwrite(self.args.overwrite);
        download.on_progress(move |bytes| line.set_position(bytes)).to_path(path).await
    }

    /// Counts a file, and prints where it is.
    fn count(&mut self, downloaded: &Downloaded) {
        let Outcome { fetched, bytes, resumed, .. } = &mut self.outcome;
        *fetched = fetched.saturating_add(1);
        *bytes = bytes.saturating_add(downloaded.bytes);
        *resumed = resumed.saturating_add(downloaded.resumed_from);
        let path = downloaded.path.display();
        self.search.display().suspend(|| {
            if !downloaded.is_size_known {
                report::warning(&format!(
                    "nothing announced the size of {path} to compare it with"
                ));
            }
            // The files are there, whether their paths can be printed or not.
            let _ = pipe::print(format!("{path}\n").as_bytes(), io::stdout());
        });
    }

    fn described(&self, file: &AlbumContent, error: Error) -> anyhow::Error {
        let name = file.file_name().unwrap_or("a file without a name");
        let what = format!("cannot fetch {} (id {})", sanitized(name), sanitized(file.id()));
        report::failed(&what, error, self.search.hint())
    }

    fn fail(&mut self, error: &anyhow::Error) -> Exit {
        self.outcome.failed = self.outcome.failed.saturating_add(1);
        self.search.display().suspend(|| report::error(error))
    }

    fn complete(&self) -> Exit {
        self.search.display().clear();
        match self.search.check_all_found() {
            Err(error) => report::error(&error),
            Ok(()) if self.outcome.failed > 0 || self.search.unreadable() > 0 => Exit::Failed,
            Ok(()) => Exit::Complete,
        }
    }
}

/// Whether the next file would fail in the same way.
fn is_hopeless(error: &Error) -> bool {
    use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    let cause =
        std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<io::Error>());
    let is_disk = cause.is_some_and(|cause| {
        matches!(cause.kind(), PermissionDenied | QuotaExceeded | ReadOnlyFilesystem | StorageFull)
    });
    is_disk || matches!(error.kind(), ErrorKind::Credentials | ErrorKind::Unauthorized)
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "fetched {}, {}", files(self.fetched), BinaryBytes(self.bytes))?;
        if self.resumed > 0 {
            write!(f, " ({} of it earlier)", BinaryBytes(self.resumed))?;
        }
        if self.existing > 0 {
            write!(f, "; skipped {} that existed", files(self.existing))?;
        }
        f.write_str(&counted(&[(self.failed, "failed")]))
    }
}
