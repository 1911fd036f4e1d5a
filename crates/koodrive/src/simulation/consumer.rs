//! Reads the listing in one of its forms, and records what comes out of it.

use std::{collections::BTreeMap, time::Duration};

use fastrand::Rng;
use futures::StreamExt as _;
use tokio::time::{Instant, sleep, timeout};

use super::{album::Entry, lock, millis, seconds, world::World};
use crate::{
    AlbumContent, AlbumContentPages, AlbumContentStream, Checkpoint, Client, Error, ErrorKind,
    Outcome, Progress, Result, UntilError, wire::trace_id,
};

/// A listing under way, in one of its forms.
enum Hand {
    Files(AlbumContentStream),
    Pages(AlbumContentPages),
    Split(UntilError<AlbumContent>, Option<Outcome>),
}

/// What one poll brought.
enum Got {
    Entries(Vec<Result<AlbumContent>>),
    Failed(Error),
    End,
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) is_complete: bool,
    pub(super) lost: usize,
    pub(super) doubled: usize,
    pub(super) silent_ends: usize,
    pub(super) resumed: usize,
    pub(super) errors: BTreeMap<String, usize>,
}

impl Tally {
    pub(super) fn errors(&self) -> usize {
        self.errors.values().sum()
    }
}

pub(super) struct Consumer<'a> {
    world: &'a World,
    rng: Rng,
    client: Client,
    hand: Hand,
    entries: Vec<Entry>,
    page_numbers: Vec<u64>,
    /// How many of the entries came.
    at: usize,
    tally: Tally,
}

/// A poll may be late by the granularity of timers.
const LATE: Duration = millis(10);

impl<'a> Consumer<'a> {
    pub(super) fn new(world: &'a World, mut rng: Rng) -> Self {
        let client = world.client();
        let hand = Hand::new(world, &mut rng, &client, None);
        let (entries, page_numbers) =
            (world.service.album.entries(), world.service.album.page_numbers());
        let (at, tally) = (0, Tally::default());
        Self { world, rng, client, hand, entries, page_numbers, at, tally }
    }

    /// Reads to the end, or until there were more errors than a run can have.
    pub(super) async fn run(mut self) -> Tally {
        let most = 300 + self.world.service.album.pages();
        while !self.tally.is_complete && self.tally.errors() < most {
            match self.poll().await {
                None => self.after_cancelling().await,
                Some(Got::Entries(entries)) => self.take_all(entries).await,
                Some(Got::Failed(error)) => self.after_error(error).await,
                Some(Got::End) => self.at_end(),
            }
            self.check_position();
        }
        self.tally
    }

    /// One poll, given up after a while now and then.
    async fn poll(&mut self) -> Option<Got> {
        let polled_at = Instant::now();
        let limit = match self.rng.u8(..20) {
            0 => millis(self.rng.u64(..100)),
            1 => millis(self.rng.u64(..40_000)),
            _ => Duration::MAX,
        };
        let got = timeout(limit, self.hand.next()).await.ok();
        let begun_at = lock(&self.world.service.state).served_at.max(polled_at);
        let took = begun_at.elapsed();
        if took > self.world.timeouts.page + LATE {
            self.violated(format_args!("a poll took {took:?}"));
        }
        got
    }

    async fn after_cancelling(&mut self) {
        match self.rng.u8(..4) {
            0 => self.resume_from_where_it_is(),
            // A time limit goes on running while nobody polls.
            1 if self.world.service.weather.is_wild => {
                sleep(seconds(self.rng.u64(..100))).await;
            }
            1 => sleep(millis(self.rng.u64(..1_000))).await,
            _ => {}
        }
    }

    async fn take_all(&mut self, entries: Vec<Result<AlbumContent>>) {
        for entry in entries {
            match entry {
                Ok(file) => self.take(Some(file.id())),
                Err(error) => {
                    self.take(None);
                    self.check_error(&error);
                }
            }
        }
        match self.rng.u16(..1_000) {
            0..10 => sleep(seconds(self.rng.u64(..7_200))).await,
            10..30 => sleep(seconds(self.rng.u64(..60))).await,
            30..35 => self.resume_from_where_it_is(),
            _ => {}
        }
    }

    /// One entry came: a file, or the error in the place of one.
    fn take(&mut self, id: Option<&str>) {
        self.note(format_args!("got {id:?}"));
        let is = |entry: &Entry| match entry {
            Entry::File(file) => Some(file.as_str()) == id,
            Entry::Broken(_) => id.is_none(),
        };
        match self.entries.iter().skip(self.at).position(is) {
            Some(skipped) => {
                self.tally.lost += self.lost(skipped);
                self.at += skipped + 1;
            }
            None => self.tally.doubled += 1,
        }
    }

    /// How many of the next entries should have come: the infallible view leaves out unreadable files.
    fn lost(&self, skipped: usize) -> usize {
        let is_split = matches!(self.hand, Hand::Split(..));
        let entries = self.entries.iter().skip(self.at).take(skipped);
        entries.filter(|entry| !is_split || matches!(entry, Entry::File(_))).count()
    }

    async fn after_error(&mut self, error: Error) {
        self.note(format_args!("error {:?} {:?}", error.kind(), error.status()));
        if error.is_skippable() {
            self.take(None);
        } else {
            *self.tally.errors.entry(format!("{:?}", error.kind())).or_default() += 1;
        }
        self.check_error(&error);
        let Some(checkpoint) = error.checkpoint() else {
            return self.violated(format_args!("no checkpoint in {error:?}"));
        };
        let is_over = matches!(self.hand, Hand::Split(..));
        let needs_login = matches!(error.kind(), ErrorKind::Unauthorized | ErrorKind::Credentials);
        if error.is_skippable() {
            return;
        }
        if is_over {
            self.move_to(checkpoint);
        }
        let pause = error.retry_after().unwrap_or_else(|| seconds(self.rng.u64(..20)));
        if error.is_retryable() {
            sleep(pause).await;
            match self.rng.u8(..4) {
                0..2 if !is_over => return,
                0..3 => {}
                _ => self.client = self.world.client(),
            }
        } else {
            self.check_that_it_ended().await;
            if needs_login {
                self.world.forget_session();
                self.client = self.world.client();
            }
        }
        self.resume(checkpoint);
    }

    async fn check_that_it_ended(&mut self) {
        if !matches!(self.hand.next().await, Got::End) {
            self.violated(format_args!("a final error did not end the listing"));
        }
    }

    /// The infallible view leaves out unreadable files before its error, too.
    fn move_to(&mut self, checkpoint: &Checkpoint) {
        let before = self.page_numbers.iter().filter(|page| **page < checkpoint.pages).count();
        let at = (before + checkpoint.taken).max(self.at);
        self.tally.lost += self.lost(at - self.at);
        self.at = at;
    }

    fn at_end(&mut self) {
        self.note(format_args!("end"));
        let lost = self.lost(self.entries.len() - self.at);
        self.at = self.entries.len();
        self.tally.is_complete = true;
        self.tally.silent_ends += usize::from(lost > 0);
        self.tally.lost += lost;
    }

    fn resume_from_where_it_is(&mut self) {
        let checkpoint = match &self.hand {
            Hand::Files(files) => files.checkpoint(),
            Hand::Pages(pages) => pages.checkpoint(),
            Hand::Split(..) => return,
        };
        self.resume(&checkpoint);
    }

    /// By way of its text.
    fn resume(&mut self, checkpoint: &Checkpoint) {
        self.note(format_args!("resume at {checkpoint}"));
        self.tally.resumed += 1;
        let checkpoint = checkpoint.to_string().parse().unwrap();
        self.hand = Hand::new(self.world, &mut self.rng, &self.client, Some(checkpoint));
    }

    fn check_error(&self, error: &Error) {
        let is_sent = error.attempts() > 0;
        if is_sent && !error.trace_id().is_some_and(trace_id::is_valid) {
            self.violated(format_args!("no trace id in {error:?}"));
        }
        // A newer token and a better date are worth one more attempt each.
        if error.attempts() > 10 + 2 {
            self.violated(format_args!("too many attempts in {error:?}"));
        }
        let is_of_auth = matches!(error.kind(), ErrorKind::Credentials | ErrorKind::Timeout);
        if !is_sent && !is_of_auth {
            self.violated(format_args!("nothing was sent, but {error:?}"));
        }
        let items = error.checkpoint().map_or(self.files(), Checkpoint::items);
        if items != self.files() {
            self.violated(format_args!("a checkpoint after {items} files, not {}", self.files()));
        }
    }

    fn check_position(&self) {
        let (progress, checkpoint) = match &self.hand {
            Hand::Files(files) => (files.progress(), files.checkpoint()),
            Hand::Pages(pages) => (pages.progress(), pages.checkpoint()),
            Hand::Split(..) => return,
        };
        let page_after = |at: usize| self.page_numbers.get(at).map(|page| page + 1);
        // A page that was resumed counts when it came again.
        let least = self.at.checked_sub(1).map_or(0, |at| self.page_numbers[at]);
        let most = page_after(self.at).unwrap_or(self.world.service.album.pages() as u64);
        let Progress { items, pages, .. } = progress;
        if items != self.files() || checkpoint.items() != items || pages < least || most < pages {
            self.violated(format_args!(
                "{progress:?} and {} after {} files of {least} to {most} pages",
                checkpoint.items(),
                self.files()
            ));
        }
    }

    /// How many files came.
    fn files(&self) -> u64 {
        let came = self.entries.iter().take(self.at);
        came.filter(|entry| matches!(entry, Entry::File(_))).count() as u64
    }

    fn note(&self, event: std::fmt::Arguments<'_>) {
        lock(&self.world.service.state).journal.note(event);
    }

    fn violated(&self, what: std::fmt::Arguments<'_>) {
        lock(&self.world.service.state).journal.violated(what);
    }
}

impl Hand {
    fn new(world: &World, rng: &mut Rng, client: &Client, from: Option<Checkpoint>) -> Self {
        let album = &world.service.album;
        let mut listing = client.list_album_content(&*album.id);
        match from {
            Some(checkpoint) => listing = listing.resume(checkpoint),
            None => {
                listing = listing.page_size(album.page_size);
                listing = album.sort_type.map_or(listing.clone(), |sort| listing.sort_type(sort));
                listing =
                    album.sort_direction.map_or(listing.clone(), |way| listing.sort_direction(way));
            }
        }
        listing = listing.read_ahead([0, 1, usize::MAX][rng.usize(..3)]);
        match rng.u8(..4) {
            0 => Self::Pages(listing.pages()),
            1 => {
                let (files, outcome) = listing.stream().split();
                Self::Split(files, Some(outcome))
            }
            _ => Self::Files(listing.stream()),
        }
    }

    async fn next(&mut self) -> Got {
        let one = match self {
            Self::Files(files) => files.next().await.map(|file| file.map(|file| vec![Ok(file)])),
            Self::Pages(pages) => pages.next().await.map(|page| page.map(Vec::from_iter)),
            Self::Split(files, outcome) => match files.next().await {
                Some(file) => Some(Ok(vec![Ok(file)])),
                None => outcome.take().and_then(|outcome| outcome.result().err()).map(Err),
            },
        };
        match one {
            Some(Ok(entries)) => Got::Entries(entries),
            Some(Err(error)) => Got::Failed(error),
            None => Got::End,
        }
    }
}
