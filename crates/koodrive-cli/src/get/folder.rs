//! Fetches files into a folder. A file that fails costs only itself.

use std::{fs, io};

use anyhow::{Context as _, anyhow};
use futures::{StreamExt as _, stream::FuturesOrdered};
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

type Fetched = (AlbumContent, koodrive::Result<Downloaded>);

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
        let ended = stop.unless(self.fetch_all()).await;
        self.search.reader.display.clear();
        let exit = match ended {
            Ok(Ok(())) => self.complete(),
            Ok(Err(Ended(exit))) => exit,
            Err(Ended(exit)) => {
                report::note(
                    "stopped; what was fetched is kept: run the command again with --skip-existing \
                     to resume",
                );
                exit
            }
        };
        if !self.args.service.quiet {
            report::note(&self.outcome.to_string());
        }
        Ok(exit)
    }

    /// Several at a time, told in the order of the listing.
    ///
    /// # Errors
    ///
    /// If not all files were tried. A listing that fails lets those under way come to their end.
    async fn fetch_all(&mut self) -> Result<(), Ended> {
        let (mut under_way, mut listed) = (FuturesOrdered::new(), None);
        loop {
            let has_room = listed.is_none() && under_way.len() < self.args.jobs;
            tokio::select! {
                Some((file, fetched)) = under_way.next() => self.end(&file, fetched)?,
                next = self.search.next(), if has_room => match next {
                    Ok(Some(file)) => under_way.extend(self.begin(file)),
                    Ok(None) => listed = Some(Ok(())),
                    Err(ended) => listed = Some(Err(ended)),
                },
                else => return listed.unwrap_or(Ok(())),
            }
        }
    }

    /// The download of a file, unless its name exists, which is then counted.
    fn begin(&mut self, file: AlbumContent) -> Option<impl Future<Output = Fetched> + use<>> {
        let Self { search, args, names, outcome } = self;
        let name = names.give(file.file_name(), file.id());
        let path = args.output.join(&name);
        let refusal = match fs::metadata(&path) {
            Ok(_) if args.overwrite => None,
            Ok(there) if there.is_dir() => {
                Some("is a folder; move it, or pass another folder to --output")
            }
            Ok(_) if args.skip_existing => {
                outcome.existing = outcome.existing.saturating_add(1);
                return None;
            }
            Ok(_) => Some("exists; --overwrite replaces it, and --skip-existing leaves it"),
            Err(_) => None,
        };
        if let Some(refusal) = refusal {
            self.fail(&anyhow!("{} {refusal}", path.display()));
            return None;
        }
        let line = search.reader.display.begin_file(name, file.size());
        let download = search.reader.service.client.download(&file).overwrite(args.overwrite);
        let download = download.on_progress(move |bytes| line.set_position(bytes));
        Some(async { (file, download.to_path(path).await) })
    }

    fn end(
        &mut self,
        file: &AlbumContent,
        fetched: koodrive::Result<Downloaded>,
    ) -> Result<(), Ended> {
        let error = match fetched {
            Ok(downloaded) => {
                self.count(&downloaded);
                return Ok(());
            }
            Err(error) => error,
        };
        let is_hopeless = is_hopeless(&error);
        let exit = self.fail(&self.described(file, error));
        if is_hopeless { Err(Ended(exit)) } else { Ok(()) }
    }

    /// Counts a file, and prints where it is.
    fn count(&mut self, downloaded: &Downloaded) {
        let Outcome { fetched, bytes, resumed, .. } = &mut self.outcome;
        *fetched = fetched.saturating_add(1);
        *bytes = bytes.saturating_add(downloaded.bytes);
        *resumed = resumed.saturating_add(downloaded.resumed_from);
        let path = downloaded.path.display();
        self.search.reader.display.suspend(|| {
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
        report::failed(&what, error, &self.search.reader.service.hint)
    }

    fn fail(&mut self, error: &anyhow::Error) -> Exit {
        self.outcome.failed = self.outcome.failed.saturating_add(1);
        self.search.reader.display.suspend(|| report::error(error))
    }

    fn complete(&self) -> Exit {
        self.search.reader.display.clear();
        match self.search.check_all_found() {
            Err(error) => report::error(&error),
            Ok(()) if self.outcome.failed > 0 || self.search.reader.unreadable() > 0 => {
                Exit::Failed
            }
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
