//! The clock, and the two forms in which time goes over the wire.
//!
//! The service takes an `X-Date` that is at most 15 minutes old and never later than its own now, so
//! a clock that runs fast is refused where one that runs slow is not. Until the service has told its
//! time, dates are therefore stamped a little in the past of this machine's clock; from then on they
//! are a lower bound of the service's own time, and this machine's clock no longer matters.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use http::{
    HeaderMap,
    header::{AGE, DATE},
};
use jiff::Timestamp;

use super::server_time::ServerTime;

/// The oldest date that the service takes.
pub(crate) const MAX_AGE: Duration = Duration::from_secs(15 * 60);

/// Covers clocks that run fast by up to this; see the module's text.
const MARGIN: Duration = Duration::from_secs(60);

/// Where a [`Client`](crate::Client) reads the time. The system's clock unless set otherwise; tests
/// set a fixed one.
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

    /// A clock that never goes back, for measuring how long something took.
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

/// Stamps requests with a date that the service takes, and learns the service's time from its answers.
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

    /// The time of now, as far as it is known: the service's, or else this machine's.
    pub(crate) fn now(&self) -> SystemTime {
        let learnt = self.learnt().at(self.source.monotonic());
        learnt.unwrap_or_else(|| self.source.now())
    }

    /// Whether an answer of the service told the time.
    pub(crate) fn is_told(&self) -> bool {
        self.learnt().at(self.source.monotonic()).is_some()
    }

    /// A date that is not in the service's future, nor, as far as one can know, too old.
    pub(crate) fn stamp(&self) -> Stamp {
        let learnt = self.learnt().at(self.source.monotonic());
        let in_the_past = || self.source.now().checked_sub(MARGIN);
        stamp(learnt.or_else(in_the_past).unwrap_or(SystemTime::UNIX_EPOCH))
    }

    /// Takes note of the `Date` of an answer that has just come in. One that a cache kept for a while
    /// (`Age`) tells nothing of now.
    pub(crate) fn learn(&self, headers: &HeaderMap) {
        let date = headers.get(DATE).and_then(|value| parse_http_date(value.to_str().ok()?));
        if let Some(date) = date.filter(|_| !headers.contains_key(AGE)) {
            self.learnt().add(date, self.source.monotonic());
        }
    }

    /// A date was refused: what was learnt before the answer that refused it was wrong, or there was
    /// nothing. Whether another try has another date.
    pub(crate) fn correct(&self) -> bool {
        self.learnt().forget_all_but_the_latest()
    }

    fn learnt(&self) -> MutexGuard<'_, ServerTime> {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(Arc::new(SystemClock))
    }
}

/// `date`, cut to the second; a year that does not have four digits is no date.
fn stamp(date: SystemTime) -> Stamp {
    const LATEST: i64 = 253_402_207_200; // jiff's own limit, within the last two days of 9999
    let seconds = match date.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(LATEST).min(LATEST),
        Err(_) => 0,
    };
    let date = Timestamp::from_second(seconds).unwrap_or_default();
    Stamp { instant: date.into(), text: date.strftime("%Y%m%dT%H%M%SZ").to_string() }
}

/// The value of a `Date` header, in any of the three forms that HTTP knows.
pub(crate) fn parse_http_date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}

#[cfg(test)]
mod tests;
