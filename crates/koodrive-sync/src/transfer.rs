//! The run: pages in, transfers side by side, lines out. The album is listed only as fast as it is fetched.

mod pace;
mod width;

use std::{collections::VecDeque, io, mem, pin::pin, sync::Arc, time::Duration};

use futures::{FutureExt as _, Stream, StreamExt as _, channel::mpsc, stream::FuturesUnordered};
use tokio::{
    task::spawn_blocking,
    time::{Instant, sleep_until},
};

pub(crate) use self::pace::Pace;
use self::width::Width;
use crate::{
    disk::{Failure, Fetched, Scope, Store},
    planner::{Job, Page, Planner},
    report::{Event, MaxDelete, Report},
};

/// How often a file is tried for which the service is too busy.
const MOST_TRIES: u32 = 3;
/// How often in a row a listing is tried again, each time as often as the client does.
const MOST_LISTINGS: u32 = 3;

pub(crate) struct Run<S, F> {
    /// `None` while it works, and if it panicked.
    planner: Option<Planner<S>>,
    store: Arc<S>,
    queue: VecDeque<Job>,
    width: Width,
    pace: Arc<Pace>,
    listing_errors: u32,
    listing_error: Option<koodrive::Error>,
    report: Report,
    on_event: F,
}

impl<S: Store, F: FnMut(Event)> Run<S, F> {
    pub(crate) fn new(planner: Planner<S>, jobs: usize, pace: Pace, on_event: F) -> Self {
        Self {
            store: Arc::clone(&planner.store),
            planner: Some(planner),
            queue: VecDeque::new(),
            width: Width::new(jobs),
            pace: Arc::new(pace),
            listing_errors: 0,
            listing_error: None,
            report: Report::default(),
            on_event,
        }
    }

    /// Lists, fetches and writes down.
    ///
    /// # Errors
    ///
    /// What no other file would escape, either.
    pub(crate) async fn drive(
        &mut self,
        pages: impl Stream<Item = koodrive::Result<Page>>,
    ) -> io::Result<()> {
        let mut pages = pin!(pages.fuse());
        let (mut under_way, (progress, mut received)) =
            (FuturesUnordered::new(), mpsc::unbounded());
        loop {
            while let Some(job) = self.next_job(under_way.len()) {
                let (store, pace) = (Arc::clone(&self.store), Arc::clone(&self.pace));
                under_way.push(transfer(store, pace, progress.clone(), job));
            }
            let pause = self.width.pause();
            tokio::select! {
                biased;
                Some(event) = received.next(), if !under_way.is_empty() => self.tell(event),
                Some((job, outcome)) = under_way.next() => {
                    while let Some(Some(event)) = received.next().now_or_never() {
                        self.tell(event);
                    }
                    self.fetched(job, outcome).await?;
                }
                Some(page) = pages.next(), if self.wants_page() => self.listed(page).await?,
                () = sleep_until(pause.unwrap_or_else(Instant::now)), if pause.is_some() => self.width.resume(),
                else => return Ok(()),
            }
        }
    }

    /// Brings the run to its end: with a mirror, if there is a limit for it and the album was listed to its end.
    pub(crate) async fn finish(
        mut self,
        pages: impl Stream<Item = koodrive::Result<Page>>,
        limit: Option<MaxDelete>,
    ) -> io::Result<(Report, Option<koodrive::Error>)> {
        let mut planner = mem::take(&mut self.planner).ok_or_else(lost)?;
        self.report.listed = planner.listing.files;
        self.report.is_dry_run = planner.settings.is_dry_run;
        if limit.is_some() && self.listing_error.is_none() {
            self.listing_error = planner.list_again(pages).await.err();
        }
        let limit = limit.filter(|_| self.listing_error.is_none());
        let end = spawn_blocking(move || planner.finish(limit));
        let (removed, refusal) = end.await.map_err(io::Error::other)??;
        removed.into_iter().for_each(|event| self.tell(event));
        self.report.refusal = refusal;
        Ok((self.report, self.listing_error))
    }

    fn next_job(&mut self, under_way: usize) -> Option<Job> {
        if !self.width.has_room(under_way) {
            return None;
        }
        let job = self.queue.pop_front()?;
        let (id, path) = (job.entry.id.clone(), job.path());
        self.tell(Event::Started { id, path, size: job.size() });
        Some(job)
    }

    fn wants_page(&self) -> bool {
        self.listing_error.is_none() && self.queue.len() < self.width.most
    }

    async fn fetched(&mut self, job: Job, outcome: Result<Fetched, Failure>) -> io::Result<()> {
        let scope = outcome.as_ref().err().map(|failure| failure.scope);
        match scope {
            None => self.width.widen(),
            Some(Scope::Busy(pause)) => {
                self.wait(pause);
                if job.tries < MOST_TRIES {
                    self.queue.push_back(Job { tries: job.tries.saturating_add(1), ..job });
                    return Ok(());
                }
            }
            Some(Scope::File | Scope::Disk(_)) => {}
        }
        self.work(move |planner| planner.record(job, outcome)).await?;
        match scope {
            Some(Scope::Disk(kind)) => Err(kind.into()),
            _ => Ok(()),
        }
    }

    /// Tells it once, although several transfers may meet a busy service at the same time.
    fn wait(&mut self, pause: Duration) {
        if self.width.pause().is_none() {
            self.tell(Event::Waiting { seconds: pause.as_secs() });
        }
        self.width.narrow(pause);
    }

    async fn listed(&mut self, page: koodrive::Result<Page>) -> io::Result<()> {
        match page {
            Ok(page) => {
                self.listing_errors = 0;
                self.work(move |planner| planner.plan(page)).await?;
            }
            Err(error) if error.is_retryable() && self.listing_errors < MOST_LISTINGS => {
                self.listing_errors = self.listing_errors.saturating_add(1);
            }
            Err(error) => self.listing_error = Some(error),
        }
        Ok(())
    }

    /// Where blocking does no harm. The planner comes back even if the run is dropped, so that its lock is held
    /// until it has written what it was about to.
    async fn work(
        &mut self,
        work: impl FnOnce(&mut Planner<S>) -> io::Result<()> + Send + 'static,
    ) -> io::Result<()> {
        let mut planner = mem::take(&mut self.planner).ok_or_else(lost)?;
        let task = spawn_blocking(move || (work(&mut planner), planner));
        let (result, mut planner) = task.await.map_err(io::Error::other)?;
        self.queue.append(&mut planner.jobs);
        mem::take(&mut planner.events).into_iter().for_each(|event| self.tell(event));
        self.planner = Some(planner);
        result
    }

    fn tell(&mut self, event: Event) {
        self.report.count(&event);
        (self.on_event)(event);
    }
}

fn lost() -> io::Error {
    io::Error::other("a task of the run was lost")
}

/// Fetches a file, no faster than all transfers together may be.
async fn transfer<S: Store>(
    store: Arc<S>,
    pace: Arc<Pace>,
    progress: mpsc::UnboundedSender<Event>,
    job: Job,
) -> (Job, Result<Fetched, Failure>) {
    let (charged, id, path) = (Arc::clone(&pace), job.entry.id.clone(), job.path());
    let on_bytes = move |bytes| {
        charged.charge(bytes);
        let _ = progress.unbounded_send(Event::Received { id: id.clone(), bytes });
    };
    let fetching = store.fetch(&job.file, job.wanted, &path, job.replace, on_bytes);
    let outcome = pace.keep(fetching).await;
    (job, outcome)
}
