//! The time by which requests are dated.
//!
//! The service accepts an `X-Date` that is at most 15 minutes old and never later than its own time, so
//! it tolerates a slow clock better than a fast one. Until its first response, dates are therefore set
//! slightly back from this machine's clock. From then on they are a lower bound of the service's own
//! time, and this machine's clock no longer matters.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant, SystemTime},
};

use http::HeaderMap;
use jiff::Timestamp;

use super::{server_time::ServerTime, sync};
use crate::error::response;

/// Tolerates clocks that run fast by up to this; see the module's documentation.
const MARGIN: Duration = Duration::from_secs(60);

/// Where a [`Client`](crate::Client) reads the time. The default is the system's clock; tests can set a
/// fixed one.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// struct Fixed;
///
/// impl koodrive::TimeSource for Fixed {
///     fn now(&self) -> SystemTime {
///         SystemTime::UNIX_EPOCH + Duration::from_secs(1_762_153_300)
///     }
/// }
/// ```
pub trait TimeSource: Send + Sync + 'static {
    /// The wall clock. It may be wrong, and it may jump.
    fn now(&self) -> SystemTime;

    /// A clock that never goes back, to measure durations.
    fn monotonic(&self) -> Instant {
        Instant::now()
    }
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug)]
struct SystemClock;

impl TimeSource for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// A date as `X-Date` carries it.
pub(crate) struct Stamp {
    pub(crate) instant: SystemTime,
    pub(crate) text: String,
}

/// Dates requests so that the service accepts them, and learns the service's time from its responses.
#[derive(Clone)]
pub(crate) struct Clock {
    source: Arc<dyn TimeSource>,
    learnt: Arc<Mutex<ServerTime>>,
}

impl Clock {
    pub(crate) fn new(source: Arc<dyn TimeSource>) -> Self {
        Self { source, learnt: Arc::default() }
    }

    pub(crate) fn monotonic(&self) -> Instant {
        self.source.monotonic()
    }

    /// The current time by this machine's clock, right or wrong: what a caller means by an expiry.
    pub(crate) fn local(&self) -> SystemTime {
        self.source.now()
    }

    /// Whether a response of the service has told the time.
    pub(crate) fn is_told(&self) -> bool {
        self.learnt().at(self.source.monotonic()).is_some()
    }

    /// A date that is not in the service's future and, as far as can be known, not too old.
    pub(crate) fn stamp(&self) -> Stamp {
        let learnt = self.learnt().at(self.source.monotonic());
        let in_the_past = || self.source.now().checked_sub(MARGIN);
        stamp(learnt.or_else(in_the_past).unwrap_or(SystemTime::UNIX_EPOCH))
    }

    /// Learns from the `Date` of a response that has just arrived.
    pub(crate) fn learn(&self, headers: &HeaderMap) {
        if let Some(date) = response::server_time(headers) {
            self.learnt().add(date, self.source.monotonic());
        }
    }

    /// The service refused a date, so whatever was learnt before that response was wrong. Returns true if
    /// a retry would send a different date.
    pub(crate) fn correct(&self) -> bool {
        self.learnt().forget_all_but_the_latest()
    }

    fn learnt(&self) -> MutexGuard<'_, ServerTime> {
        sync::lock(&self.learnt)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(Arc::new(SystemClock))
    }
}

/// `date`, cut to the second, and limited to years of four digits.
fn stamp(date: SystemTime) -> Stamp {
    let date = Timestamp::try_from(date.max(SystemTime::UNIX_EPOCH)).unwrap_or(Timestamp::MAX);
    let date = Timestamp::from_second(date.as_second()).unwrap_or_default();
    Stamp { instant: date.into(), text: date.strftime("%Y%m%dT%H%M%SZ").to_string() }
}

#[cfg(test)]
mod tests;
