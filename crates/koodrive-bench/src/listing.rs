//! One measurement of a listing, in a process of its own.

use anyhow::{Result, ensure};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};

use crate::{
    account::Account,
    consumer::{Consumer, Wishes},
    fixture::{Fixture, name},
    listers::Lister,
    meter::{Usage, peak_memory},
    process,
};

#[derive(Clone, Serialize, Deserialize)]
pub struct Listing {
    pub server: String,
    pub lister: Lister,
    /// Of an album.
    pub files: u64,
    pub fixture: Fixture,
    /// Of each page, in milliseconds.
    pub latency: u64,
    pub albums: u64,
    /// How many albums are listed at the same time.
    pub at_once: usize,
    /// `koodrive` has a session whose tokens are refreshed every few seconds.
    pub session: bool,
    pub wishes: Wishes,
}

/// What a listing cost.
#[derive(Serialize, Deserialize)]
pub struct Sample {
    pub items: u64,
    pub seconds: f64,
    /// Seconds until the first file of the last album that finished.
    pub first: f64,
    /// Seconds of user CPU time.
    pub user: f64,
    pub allocations: u64,
    /// Bytes that are still allocated at the end, and those of the kept files themselves.
    pub held: i64,
    /// Peak memory of the whole process, in KiB.
    pub peak: Option<u64>,
}

impl Listing {
    pub fn new(server: &str, lister: Lister, files: u64) -> Self {
        Self {
            server: server.to_owned(),
            lister,
            files,
            fixture: Fixture::Plain,
            latency: 0,
            albums: 1,
            at_once: 1,
            session: false,
            wishes: Wishes::default(),
        }
    }

    /// Runs in a process of its own.
    pub async fn sample(&self) -> Result<Sample> {
        process::measure("list", self).await
    }

    /// Runs under callgrind and counts the instructions. `None` without valgrind.
    pub async fn instructions(&self) -> Result<Option<u64>> {
        process::instructions("list", self).await
    }

    pub async fn run(&self) -> Result<Sample> {
        let start = Usage::now()?;
        let account = Account::new(&self.server, self.session)?;
        let listings = stream::iter(0..self.albums).map(|number| self.list(&account, number));
        let mut listings = listings.buffer_unordered(self.at_once);
        let (mut items, mut kept, mut first) = (0, 0, None);
        while let Some(consumer) = listings.try_next().await? {
            items += consumer.items;
            kept += consumer.kept;
            first = consumer.first;
        }
        let (seconds, end) = (start.elapsed().as_secs_f64(), Usage::now()?);
        let wanted = self.files.min(self.wishes.most.unwrap_or(u64::MAX));
        ensure!(items == self.albums * wanted, "received {items} files");
        Ok(Sample {
            items,
            seconds,
            first: first.unwrap_or_default().as_secs_f64(),
            user: (end.user - start.user).as_secs_f64(),
            allocations: end.allocations - start.allocations,
            held: (end.live + kept) as i64 - start.live as i64,
            peak: peak_memory(),
        })
    }

    async fn list(&self, account: &Account, number: u64) -> Result<Consumer> {
        let mut consumer = Consumer::new(self.wishes);
        self.lister.list(account, &self.album(number), &mut consumer).await?;
        Ok(consumer)
    }

    /// An id, from which the server reads what the album is like.
    fn album(&self, number: u64) -> String {
        format!("{}.{}.{}.{number}", self.files, self.latency, name(self.fixture))
    }
}
