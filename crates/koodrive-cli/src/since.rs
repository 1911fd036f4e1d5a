//! `--since` and `--until`: a date, an instant, or a span before now.

use std::{fmt, str::FromStr, time::SystemTime};

use jiff::{Span, Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// The argument as given.
#[derive(Clone, Debug)]
pub(crate) enum Since {
    Instant(Timestamp),
    Ago(Span, String),
}

/// The instant, with the words it was given in. A later run with the same words means the same instant,
/// even if they are relative to now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cutoff {
    pub(crate) given: String,
    pub(crate) instant: Timestamp,
}

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let instant = text.parse().ok().or_else(|| in_utc(text.parse().ok()?));
        let span = || Some(Self::Ago(text.parse::<Span>().ok()?.abs(), text.to_owned()));
        instant.map(Self::Instant).or_else(span).ok_or_else(|| {
            "expected a date (2025-09-01, UTC), an instant (2025-09-01T12:00:00Z) or a span \
             before now (7d, \"2 weeks\")"
                .to_owned()
        })
    }
}

fn in_utc(date: civil::DateTime) -> Option<Timestamp> {
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

impl Since {
    /// The instant; `None` if it is outside the calendar's range.
    pub(crate) fn cutoff(&self, now: Timestamp) -> Option<Cutoff> {
        let instant = match self {
            Self::Instant(instant) => *instant,
            Self::Ago(span, _) => now.to_zoned(TimeZone::UTC).checked_sub(*span).ok()?.timestamp(),
        };
        Some(Cutoff { given: self.to_string(), instant })
    }
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instant(instant) => write!(f, "{instant}"),
            Self::Ago(_, text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Cutoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.given)
    }
}

impl Cutoff {
    /// What the same words mean at another time.
    pub(crate) fn moved_to(self, now: Timestamp) -> Self {
        let since = self.given.parse::<Since>().ok();
        since.and_then(|since| since.cutoff(now)).unwrap_or(self)
    }

    /// Converts by hand, because jiff's conversion panics outside the range of `SystemTime`.
    pub(crate) fn system_time(&self) -> SystemTime {
        let since = self.instant.as_duration();
        let epoch = SystemTime::UNIX_EPOCH;
        if since.is_negative() {
            epoch.checked_sub(since.unsigned_abs()).unwrap_or(epoch)
        } else {
            epoch.checked_add(since.unsigned_abs()).unwrap_or(epoch)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_dates_instants_and_spans_are_accepted() {
        let now: Timestamp = "2025-10-01T06:00:00Z".parse().unwrap();
        for (text, instant) in [
            ("2025-09-01", Some("2025-09-01T00:00:00Z")),
            ("2025-09-01T12:30:00", Some("2025-09-01T12:30:00Z")),
            ("2025-09-01T12:30:00+02:00", Some("2025-09-01T10:30:00Z")),
            ("7d", Some("2025-09-24T06:00:00Z")),
            ("2 weeks", Some("2025-09-17T06:00:00Z")),
            ("2 weeks ago", Some("2025-09-17T06:00:00Z")),
            ("1mo", Some("2025-09-01T06:00:00Z")),
            ("36h", Some("2025-09-29T18:00:00Z")),
            ("yesterday", None),
            ("2025-02-30", None),
            ("7", None),
            ("", None),
        ] {
            let since = text.parse::<Since>().ok();
            let instant_found = since.map(|since| since.cutoff(now).unwrap().instant.to_string());
            assert_eq!(instant_found.as_deref(), instant, "{text}");
        }
    }

    #[test]
    fn a_span_outside_the_calendar_has_no_cutoff() {
        let since: Since = "19000 years".parse().unwrap();
        assert!(since.cutoff(Timestamp::UNIX_EPOCH).is_none());
    }
}
