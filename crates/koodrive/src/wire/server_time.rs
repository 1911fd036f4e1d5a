//! What time it is at the service, at the least.
//!
//! A `Date` was true when the answer set out, so when it came in, the service's time was that or
//! later. With the time since then on a monotonic clock this stays a lower bound; of several the
//! greatest is the closest. A midpoint, as others take, would be in the service's future half the
//! time, and here that is refused.

use std::{
    collections::VecDeque,
    time::{Instant, SystemTime},
};

/// More samples make the bound closer, but keep a machine whose clock runs fast in it for longer.
const RECENT: usize = 8;

/// Recent answers' dates, each with the moment when it came in.
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

    /// Whether there is one.
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
    fn the_greatest_lower_bound_holds_and_grows_with_time() {
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
    fn a_refused_date_leaves_only_what_the_refusal_said() {
        let (date, start) = (SystemTime::UNIX_EPOCH + 1_000 * SECOND, Instant::now());
        let mut time = ServerTime::default();
        assert!(!time.forget_all_but_the_latest());

        time.add(date + 600 * SECOND, start); // a machine whose clock runs fast
        time.add(date, start);
        assert!(time.forget_all_but_the_latest());

        assert_eq!(time.at(start), Some(date));
    }

    #[test]
    fn an_old_sample_does_not_stay_for_ever() {
        let (date, start) = (SystemTime::UNIX_EPOCH + 1_000 * SECOND, Instant::now());
        let mut time = ServerTime::default();
        time.add(date + 600 * SECOND, start);
        for _ in 0..RECENT {
            time.add(date, start);
        }
        assert_eq!(time.at(start), Some(date));
    }
}
