//! The clock, and the two forms in which time goes over the wire.
//!
//! The service takes an `X-Date` that is at most 15 minutes old and never later than its own now, so
//! a clock that runs fast is refused where one that runs slow is not. Dates are therefore cut to the
//! second and stamped a little in the past.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use jiff::Timestamp;

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

/// Stamps requests with a date that the service takes.
#[derive(Clone)]
pub(crate) struct Clock(Arc<dyn TimeSource>);

impl Clock {
    pub(crate) fn new(source: Arc<dyn TimeSource>) -> Self {
        Self(source)
    }

    pub(crate) fn stamp(&self) -> Stamp {
        stamp(self.0.now())
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self(Arc::new(SystemClock))
    }
}

/// `now`, back-dated and cut to the second; a year that does not have four digits is no date.
fn stamp(now: SystemTime) -> Stamp {
    const LATEST: i64 = 253_402_300_799; // the end of the year 9999
    let date = now.checked_sub(MARGIN).unwrap_or(SystemTime::UNIX_EPOCH);
    let seconds = match date.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(LATEST).min(LATEST),
        Err(_) => 0,
    };
    // In range by now; jiff's own limit lies within the last day of 9999.
    let date = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    Stamp { instant: date.into(), text: date.strftime("%Y%m%dT%H%M%SZ").to_string() }
}

/// The value of a `Date` header, in any of the three forms that HTTP knows.
pub(crate) fn parse_http_date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_is_cut_to_the_second_back_dated_and_never_panics() {
        let epoch = SystemTime::UNIX_EPOCH;
        for (now, text) in [
            (epoch + Duration::from_millis(1_762_153_360_999), "20251103T070140Z"),
            (epoch + Duration::from_secs(1_709_164_860), "20240229T000000Z"),
            (epoch, "19700101T000000Z"),
            (epoch - Duration::from_secs(10_000_000_000), "19700101T000000Z"),
            (epoch + Duration::from_secs(900_000_000_000), "99991230T220000Z"),
        ] {
            assert_eq!(stamp(now).text, text);
        }
    }

    #[test]
    fn http_dates_are_read() {
        let date = parse_http_date("Mon, 03 Nov 2025 07:01:40 GMT").unwrap();
        assert_eq!(date, SystemTime::UNIX_EPOCH + Duration::from_secs(1_762_153_300));
        assert_eq!(parse_http_date("Monday, 03-Nov-25 07:01:40 GMT"), Some(date));
        assert_eq!(parse_http_date("Mon Nov  3 07:01:40 2025"), Some(date));
        assert_eq!(parse_http_date("yesterday"), None);
    }
}
