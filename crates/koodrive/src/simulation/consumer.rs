//! Reads a listing, with interruptions, and compares what is received with the model.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use fastrand::Rng;
use tokio::time::{Instant, sleep, timeout};

use super::{
    listing::{Listing, Polled},
    lock, millis,
    received::Received,
    seconds,
    world::World,
};
use crate::{
    AlbumContent, Checkpoint, Client, Error, ErrorKind, Progress, Result, Summary, wire::trace_id,
};

/// The result of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub(super) is_complete: bool,
    pub(super) lost: usize,
    pub(super) doubled: usize,
    pub(super) silent_ends: usize,
    pub(super) resumed: usize,
    pub(super) errors: BTreeMap<String, usize>,
}

impl Counts {
    pub(super) fn errors(&self) -> usize {
        self.errors.values().sum()
    }

    pub(super) fn add_error(&mut self, error: &Error) {
        *self.errors.entry(format!("{:?}", error.kind())).or_default() += 1;
    }
}

pub(super) struct Consumer<'a> {
    world: &'a World,
    rng: Rng,
    client: Option<Client>,
    listing: Listing,
    received: Received,
    /// How many unreadable files came before the listing at hand.
    unreadable_before: u64,
    /// What `on_unreadable` of the listing at hand was called with.
    unreadable: Arc<AtomicU64>,
    counts: Counts,
}

/// A poll may be late by the granularity of timers.
const LATE: Duration = millis(10);

impl<'a> Consumer<'a> {
    pub(super) fn new(world: &'a World, rng: Rng) -> Self {
        let mut consumer = Self {
            world,
            rng,
            client: Some(world.client()),
            listing: Listing::Closed,
            received: Received::new(world.service.album.expected()),
            unreadable_before: 0,
            unreadable: Arc::default(),
            counts: Counts::default(),
        };
        consumer.list(None);
        consumer
    }

    /// Reads to the end, or until there were more errors than a run can have.
    pub(super) async fn run(mut self) -> Counts {
        let most = 300 + self.world.service.album.pages();
        while !self.counts.is_complete && self.counts.errors() < most {
            match self.poll().await {
                None => self.after_cancelling().await,
                Some(Polled::Entries(entries)) => self.take_all(entries).await,
                Some(Polled::Failed(error)) => self.after_error(&error).await,
                Some(Polled::End(summary)) => self.end(summary),
            }
            self.check_position();
        }
        let Received { lost, doubled, .. } = self.received;
        Counts { lost, doubled, ..self.counts }
    }

    /// One poll. Sometimes it is cancelled after a while.
    async fn poll(&mut self) -> Option<Polled> {
        let (polled_at, asleep) = (Instant::now(), lock(&self.world.service.state).asleep);
        let limit = match self.rng.u8(..20) {
            0 => millis(self.rng.u64(..100)),
            1 => millis(self.rng.u64(..40_000)),
            _ => Duration::MAX,
        };
        let polled = timeout(limit, self.listing.next()).await.ok();
        let state = lock(&self.world.service.state);
        let (took, asleep) = (state.served_at.max(polled_at).elapsed(), state.asleep - asleep);
        drop(state);
        if took > self.world.timeouts.page + asleep + LATE {
            self.violated(format_args!("a poll took {took:?}"));
        }
        polled
    }

    async fn after_cancelling(&mut self) {
        match self.rng.u8(..4) {
            0 => self.resume_from_position().await,
            // Time limits run on while nobody polls.
            1 if self.world.service.faults.is_extreme => {
                sleep(seconds(self.rng.u64(..100))).await;
            }
            1 => sleep(millis(self.rng.u64(..1_000))).await,
            _ => {}
        }
    }

    async fn take_all(&mut self, entries: Vec<Result<AlbumContent>>) {
        for entry in entries {
            self.take(entry.as_ref());
        }
        match self.rng.u16(..1_000) {
            0..10 => sleep(seconds(self.rng.u64(..7_200))).await,
            10..30 => sleep(seconds(self.rng.u64(..60))).await,
            30..35 => self.resume_from_position().await,
            _ => {}
        }
    }

    fn take(&mut self, entry: std::result::Result<&AlbumContent, &Error>) {
        let id = entry.ok().map(AlbumContent::id);
        self.note(format_args!("received {id:?}"));
        self.received.take(id, self.listing.skips_unreadable());
        match entry {
            Ok(_) => self.check_unreadable(),
            Err(error) => self.check_error(error),
        }
    }

    async fn after_error(&mut self, error: &Error) {
        self.note(format_args!("error {:?} {:?}", error.kind(), error.status()));
        self.counts.add_error(error);
        self.check_error(error);
        let Some(checkpoint) = error.checkpoint() else {
            return self.violated(format_args!("no checkpoint in {error:?}"));
        };
        if self.listing.skips_unreadable() {
            self.received.skip_to_checkpoint(checkpoint);
        }
        let mut needs_client = false;
        if error.is_retryable() {
            let pause = error.retry_after().unwrap_or_else(|| seconds(self.rng.u64(..20)));
            sleep(pause).await;
            match self.rng.u8(..4) {
                0..2 if !self.listing.ends_at_errors() => return,
                0..3 => {}
                _ => needs_client = true,
            }
        } else {
            self.check_that_it_ended().await;
        }
        let is_refused = matches!(error.kind(), ErrorKind::Unauthorized | ErrorKind::Credentials);
        let logs_in = is_refused && !error.is_retryable();
        if needs_client || logs_in {
            self.renew_client(logs_in).await;
        }
        self.resume(checkpoint);
    }

    async fn check_that_it_ended(&mut self) {
        if !matches!(self.listing.next().await, Polled::End(_)) {
            self.violated(format_args!("a final error did not end the listing"));
        }
    }

    fn end(&mut self, summary: Option<Summary>) {
        self.note(format_args!("end"));
        let lost = self.received.end(self.listing.skips_unreadable());
        self.counts.is_complete = true;
        self.counts.silent_ends += usize::from(lost > 0);
        self.check_unreadable();
        if let Some(summary) = summary {
            self.check_summary(summary);
        }
    }

    async fn resume_from_position(&mut self) {
        let Some((_, checkpoint)) = self.listing.position() else { return };
        if self.listing.skips_unreadable() {
            self.received.skip_to_checkpoint(&checkpoint);
        }
        if self.rng.u8(..4) == 0 {
            self.renew_client(false).await;
        }
        self.resume(&checkpoint);
    }

    /// As another process would: the listing and the client are gone.
    async fn renew_client(&mut self, logs_in: bool) {
        self.listing = Listing::Closed;
        let client = self.client.take().unwrap();
        self.client = Some(self.world.next_client(&mut self.rng, client, logs_in).await);
    }

    /// Resumes from the text of a checkpoint.
    fn resume(&mut self, checkpoint: &Checkpoint) {
        self.note(format_args!("resume at {checkpoint}"));
        self.counts.resumed += 1;
        self.list(Some(checkpoint.to_string().parse().unwrap()));
    }

    fn list(&mut self, from: Option<Checkpoint>) {
        self.unreadable_before = self.received.unreadable();
        self.unreadable = Arc::default();
        let unreadable = Arc::clone(&self.unreadable);
        let on_unreadable = move |_: &Error| {
            unreadable.fetch_add(1, Ordering::Relaxed);
        };
        let is_from_the_middle =
            from.as_ref().is_some_and(|it| it.cursor.is_some() || it.taken > 0);
        lock(&self.world.service.state).is_from_the_middle = is_from_the_middle;
        let (client, album) = (self.client.as_ref().unwrap(), &self.world.service.album);
        self.listing = Listing::new(&mut self.rng, client, album, from, on_unreadable);
    }
}

/// What holds at any time.
impl Consumer<'_> {
    fn check_error(&self, error: &Error) {
        let is_sent = error.attempts() > 0;
        if is_sent && !error.trace_id().is_some_and(trace_id::is_valid) {
            self.violated(format_args!("no trace id in {error:?}"));
        }
        // A newer token, a corrected date and a new connection allow one more attempt each.
        if error.attempts() > 10 + 3 {
            self.violated(format_args!("too many attempts in {error:?}"));
        }
        let is_about_token = matches!(error.kind(), ErrorKind::Credentials | ErrorKind::Timeout);
        if !is_sent && !is_about_token {
            self.violated(format_args!("nothing was sent, but {error:?}"));
        }
        let files = self.received.files();
        let items = error.checkpoint().map_or(files, Checkpoint::items);
        if items != files {
            self.violated(format_args!("a checkpoint after {items} files, not {files}"));
        }
    }

    fn check_position(&self) {
        let Some((progress, checkpoint)) = self.listing.position() else { return };
        let Progress { items, pages, .. } = progress;
        let (all, skips) = (self.world.service.album.pages(), self.listing.skips_unreadable());
        let (least, most) = self.received.pages(all, skips);
        let files = self.received.files();
        if items != files || checkpoint.items() != files || pages < least || most < pages {
            self.violated(format_args!(
                "{progress:?} and {} after {files} files of {least} to {most} pages",
                checkpoint.items(),
            ));
        }
    }

    /// `on_unreadable` was called for each unreadable file before the last file received, and the progress
    /// counts them.
    fn check_unreadable(&self) {
        let expected = self.received.unreadable() - self.unreadable_before;
        let Some((progress, _)) = self.listing.position() else { return };
        let is_reported = matches!(self.listing, Listing::ReadableFiles(_));
        let reported = if is_reported { self.unreadable.load(Ordering::Relaxed) } else { expected };
        let is_page = matches!(self.listing, Listing::Pages(_));
        if reported != expected || (!is_page && progress.unreadable != expected) {
            self.violated(format_args!("{reported} and {progress:?} of {expected} unreadable"));
        }
    }

    fn check_summary(&self, summary: Summary) {
        let unreadable = self.received.unreadable() - self.unreadable_before;
        let is_whole = unreadable == 0 && summary.total.is_none_or(|total| total <= summary.items);
        if (summary.items, summary.unreadable()) != (self.received.files(), unreadable)
            || summary.complete() != is_whole
        {
            self.violated(format_args!("{summary:?} of {unreadable} unreadable"));
        }
    }

    fn note(&self, event: std::fmt::Arguments<'_>) {
        lock(&self.world.service.state).journal.note(event);
    }

    fn violated(&self, what: std::fmt::Arguments<'_>) {
        lock(&self.world.service.state).journal.violated(what);
    }
}
