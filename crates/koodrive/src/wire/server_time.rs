//! A lower bound of the service's time.
//!
//! A `Date` was true when the response was sent, so at its arrival the service's time was that or later.
//! Adding the time since then on a monotonic clock gives a lower bound; the greatest of several is the
//! closest. A midpoint, which other clients use, would be in the service's future half of the time, and
//! this service refuses that.

use std::{
    collections::VecDeque,
    time::{Instant, SystemTime},
};

/// More samples make the bound closer, but keep a wrong one, of a server whose clock runs fast, for longer.
const RECENT: usize = 8;

/// The dates of recent responses, each with the moment of its arrival.
#[derive(Debug, Default)]
pub(super) struct ServerTime(VecDeque<(SystemTime, Instant)>);

impl ServerTime {
    pub(super) fn add(&mut self, date: SystemTime, received: Instant) {
        if self.0.len() >= RECENT {
            self.0.pop_front();
        }
        self.0.push_back((date, received));
    }

    /// The service's time at `now`, or a little before it.
    pub(super) fn at(&self, now: Instant) -> Option<SystemTime> {
        let bound = |(date, received): &(SystemTime, Instant)| {
            date.checked_add(now.saturating_duration_since(*received))
        };
        self.0.iter().filter_map(bound).max()
    }

    /// Returns true if there is one.
    pub(super) fn forget_all_but_the_latest(&mut self) -> bool {
        let old = self.0.len().saturating_sub(1);
        self.0.drain(..old);
        !self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_greatest_lower_bound_counts_and_grows_with_time() {
        let (date, start) = (SystemTime::UNIX_EPOCH + 1_000 * SECOND, Instant::now());
        let mut time = ServerTime::default();
        assert_eq!(time.at(start), None);

        time.add(date, start);
        assert_eq!(time.at(start + 5 * SECOND), Some(date + 5 * SECOND));
        time.add(date + 3 * SECOND, start + 10 * SECOND); // was long under way
        assert_eq!(time.at(start + 10 * SECOND), Some(date + 10 * SECOND));
        time.add(date + 12 * SECOND, start + 11 * SECOND);
        assert_eq!(time.at(start + 11 * SECOND), Some(date + 12 * SECOND));
    }

    #[test]
    fn a_refused_date_leaves_only_the_sample_of_the_refusal() {
        let (date, start) = (SystemTime::UNIX_EPOCH + 1_000 * SECOND, Instant::now());
        let mut time = ServerTime::default();
        assert!(!time.forget_all_but_the_latest());

        time.add(date + 600 * SECOND, start); // a machine whose clock runs fast
        time.add(date, start);
        assert!(time.forget_all_but_the_latest());

        assert_eq!(time.at(start), Some(date));
    }

    #[test]
    fn an_old_sample_is_dropped_after_some_time() {
        let (date, start) = (SystemTime::UNIX_EPOCH + 1_000 * SECOND, Instant::now());
        let mut time = ServerTime::default();
        time.add(date + 600 * SECOND, start);
        for _ in 0..RECENT {
            time.add(date, start);
        }
        assert_eq!(time.at(start), Some(date));
    }
}
