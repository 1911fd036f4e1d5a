//! What the model knows of one client.

use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};

use tokio::time::Instant;

use super::lock;

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) number: u32,
    /// When a response first carried the time.
    time_known_since: Mutex<Option<Instant>>,
    refreshes_under_way: AtomicU32,
}

impl Connection {
    pub(super) fn new(number: u32) -> Self {
        let (time_known_since, refreshes_under_way) = (Mutex::default(), AtomicU32::new(0));
        Self { number, time_known_since, refreshes_under_way }
    }

    pub(super) fn time_known_since(&self) -> Option<Instant> {
        *lock(&self.time_known_since)
    }

    /// A response carried the time.
    pub(super) fn time_received(&self) {
        lock(&self.time_known_since).get_or_insert_with(Instant::now);
    }

    /// A refresh begins. It ends when the guard is dropped.
    pub(super) fn begin_refresh(&self) -> RefreshGuard<'_> {
        let earlier = self.refreshes_under_way.fetch_add(1, Ordering::Relaxed);
        RefreshGuard { under_way: &self.refreshes_under_way, is_alone: earlier == 0 }
    }

    pub(super) fn is_refreshing(&self) -> bool {
        self.refreshes_under_way.load(Ordering::Relaxed) > 0
    }
}

pub(super) struct RefreshGuard<'a> {
    under_way: &'a AtomicU32,
    /// No other refresh was under way when this one began.
    pub(super) is_alone: bool,
}

impl Drop for RefreshGuard<'_> {
    fn drop(&mut self) {
        self.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}
