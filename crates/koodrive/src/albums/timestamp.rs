//! A time, kept as the service's text.

use std::{fmt, time::SystemTime};

use jiff::{civil, tz::TimeZone};
use serde::Serialize;

/// A time as the service returned it, in any form.
///
/// Albums have ISO 8601 in UTC with milliseconds. Other calls of the service also use `""`, 14 digits,
/// `2025-09-16 01:31:20` and milliseconds since 1970; in case they occur here, they are read as UTC.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// let time: koodrive::Timestamp = "2025-09-16T01:31:20.654Z".into();
/// assert_eq!(time.as_str(), "2025-09-16T01:31:20.654Z");
/// let instant = SystemTime::UNIX_EPOCH + Duration::from_millis(1_757_986_280_654);
/// assert_eq!(time.to_system_time(), Some(instant));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Timestamp<'a>(&'a str);

impl<'a> Timestamp<'a> {
    /// The text, as received.
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// The instant, if the text has a known form and the time exists.
    pub fn to_system_time(self) -> Option<SystemTime> {
        let text = self.0.trim();
        let timestamp = if text.bytes().all(|byte| byte.is_ascii_digit()) {
            from_digits(text)?
        } else {
            text.parse().ok().or_else(|| from_civil("%Y-%m-%d %H:%M:%S", text))?
        };
        instant(timestamp)
    }
}

/// jiff's own conversion panics on times before the range of the system's clock.
pub(super) fn instant(timestamp: jiff::Timestamp) -> Option<SystemTime> {
    let since = timestamp.as_duration();
    if since.is_negative() {
        SystemTime::UNIX_EPOCH.checked_sub(since.unsigned_abs())
    } else {
        SystemTime::UNIX_EPOCH.checked_add(since.unsigned_abs())
    }
}

/// 14 digits are a date. Milliseconds have fewer, until the year 2286.
fn from_digits(text: &str) -> Option<jiff::Timestamp> {
    if text.len() == 14 {
        from_civil("%Y%m%d%H%M%S", text)
    } else {
        jiff::Timestamp::from_millisecond(text.parse().ok()?).ok()
    }
}

/// A date and a time of day in UTC.
pub(super) fn from_civil(form: &str, text: &str) -> Option<jiff::Timestamp> {
    let date = civil::DateTime::strptime(form, text).ok()?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

impl<'a> From<&'a str> for Timestamp<'a> {
    fn from(text: &'a str) -> Self {
        Self(text)
    }
}

impl fmt::Display for Timestamp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_form_that_the_service_uses_is_read_and_nothing_else() {
        for (text, milliseconds) in [
            ("2025-09-16T01:31:20.654Z", Some(1_757_986_280_654)),
            ("2025-09-16T01:31:20Z", Some(1_757_986_280_000)),
            ("2025-09-16T03:31:20+02:00", Some(1_757_986_280_000)),
            ("20250916013120", Some(1_757_986_280_000)),
            ("2025-09-16 01:31:20", Some(1_757_986_280_000)),
            ("1757986280654", Some(1_757_986_280_654)),
            ("", None),
            ("0", Some(0)),
            ("2025-02-30T00:00:00Z", None),
            ("20250230000000", None),
            ("99999999999999999999999", None),
            ("yesterday", None),
        ] {
            let expected =
                milliseconds.map(|ms| SystemTime::UNIX_EPOCH + Duration::from_millis(ms));
            assert_eq!(Timestamp(text).to_system_time(), expected, "{text:?}");
        }
    }
}
