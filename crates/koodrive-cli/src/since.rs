//! `--since` and `--until`: a date, an instant, or a span before now.

use std::{fmt, str::FromStr, time::SystemTime};

use jiff::{Span, Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// The instant, with the words it was given in. A later run with the same words means the same instant,
/// even if they are relative to now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cutoff {
    pub(crate) given: String,
    pub(crate) instant: Timestamp,
}

impl FromStr for Cutoff {
    type Err = &'static str;

    /// A span has its instant only [at](Self::at) some time.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(instant) = text.parse().ok().or_else(|| in_utc(text.parse().ok()?)) {
            return Ok(Self { given: instant.to_string(), instant });
        }
        let is_span = text.parse::<Span>().is_ok();
        is_span.then(|| Self { given: text.to_owned(), instant: Timestamp::default() }).ok_or(
            "expected a date (2025-09-01, UTC), an instant (2025-09-01T12:00:00Z) or a span \
             before now (7d, \"2 weeks\")",
        )
    }
}

fn in_utc(date: civil::DateTime) -> Option<Timestamp> {
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

impl fmt::Display for Cutoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.given)
    }
}

impl Cutoff {
    /// What the same words mean at this time. `None` if that is outside the calendar's range.
    pub(crate) fn at(self, now: Timestamp) -> Option<Self> {
        let Ok(span) = self.given.parse::<Span>() else { return Some(self) };
        let instant = now.to_zoned(TimeZone::UTC).checked_sub(span.abs()).ok()?.timestamp();
        Some(Self { instant, ..self })
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
            let cutoff = text.parse::<Cutoff>().ok();
            let instant_found = cutoff.map(|cutoff| cutoff.at(now).unwrap().instant.to_string());
            assert_eq!(instant_found.as_deref(), instant, "{text}");
        }
    }

    #[test]
    fn a_span_outside_the_calendar_has_no_cutoff() {
        let cutoff: Cutoff = "19000 years".parse().unwrap();
        assert!(cutoff.at(Timestamp::UNIX_EPOCH).is_none());
    }
}
