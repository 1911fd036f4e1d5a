//! The four formats in which the service writes times, and the two that it parses.
//!
//! No clock here: the time is always a parameter.

use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp, civil, fmt::rfc2822, tz::TimeZone};

/// The maximum age of an `X-Date`.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// Converts a clock reading. Times after year 9999 become the last timestamp.
pub(crate) fn from_system_time(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time).unwrap_or(Timestamp::MAX)
}

/// Why an `X-Date` is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadDate {
    Malformed,
    InTheFuture,
    TooOld,
}

/// Checks that an `X-Date` is well formed, not later than `now`, and at most 15 minutes old.
pub(crate) fn check_x_date(text: &str, now: Timestamp) -> Result<(), BadDate> {
    let date = parse_x_date(text).ok_or(BadDate::Malformed)?;
    match now.duration_since(date) {
        age if age.is_negative() => Err(BadDate::InTheFuture),
        age if age > WINDOW => Err(BadDate::TooOld),
        _ => Ok(()),
    }
}

/// Parses exactly the form `20251103T070140Z`.
pub(crate) fn parse_x_date(text: &str) -> Option<Timestamp> {
    let digits_in_place = text.bytes().enumerate().all(|(at, byte)| match at {
        8 => byte == b'T',
        15 => byte == b'Z',
        _ => byte.is_ascii_digit(),
    });
    if text.len() != 16 || !digits_in_place {
        return None;
    }
    let date = civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    // `strptime` parses the leap second `:60` as `:59`.
    let unchanged = date.strftime("%Y%m%dT%H%M%SZ").to_string() == text;
    // The last hours of year 9999 are beyond the last timestamp.
    unchanged.then(|| TimeZone::UTC.to_timestamp(date).unwrap_or(Timestamp::MAX))
}

/// The format of `X-Date` and `X-Amz-Date`: `20251103T070140Z`.
pub(crate) fn compact(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The format of a file's fields: `2025-09-16T01:31:20.654Z`, from milliseconds since 1970.
pub(crate) fn iso(millisecond: i64) -> String {
    let time = Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::MAX);
    format!("{time:.3}")
}

/// The format in which cameras name files: `20250916_013120`.
pub(crate) fn camera(millisecond: i64) -> String {
    let time = Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::MAX);
    time.strftime("%Y%m%d_%H%M%S").to_string()
}

/// The format of `Date` and `Last-Modified`: `Mon, 03 Nov 2025 07:01:40 GMT`. `None` before year 0.
pub(crate) fn http(time: Timestamp) -> Option<String> {
    rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&time).ok()
}

/// Parses the same format.
pub(crate) fn parse_http(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_x_date_is_valid_for_fifteen_minutes_and_never_in_the_future() {
        let now: Timestamp = "2025-11-03T07:01:40.5Z".parse().unwrap();
        for (text, expected) in [
            ("20251103T070140Z", Ok(())),
            ("20251103T064641Z", Ok(())),
            ("20251103T064640Z", Err(BadDate::TooOld)),
            ("20251103T070141Z", Err(BadDate::InTheFuture)),
            ("19700101T000000Z", Err(BadDate::TooOld)),
            ("00010101T000000Z", Err(BadDate::TooOld)),
            ("99991231T235959Z", Err(BadDate::InTheFuture)),
            ("", Err(BadDate::Malformed)),
            ("20251103T070140", Err(BadDate::Malformed)),
            ("20251103T070140z", Err(BadDate::Malformed)),
            ("2025-11-03T07:01:40Z", Err(BadDate::Malformed)),
            ("20251103T070140ZZ", Err(BadDate::Malformed)),
            ("20251103 070140Z", Err(BadDate::Malformed)),
            ("+2251103T070140Z", Err(BadDate::Malformed)),
            ("20250229T070140Z", Err(BadDate::Malformed)),
            ("20251303T070140Z", Err(BadDate::Malformed)),
            ("20251103T240000Z", Err(BadDate::Malformed)),
            ("20251103T065960Z", Err(BadDate::Malformed)),
            ("2025307T0070140Z", Err(BadDate::Malformed)),
        ] {
            assert_eq!(check_x_date(text, now), expected, "{text:?}");
        }
    }

    #[test]
    fn an_x_date_is_valid_at_exactly_fifteen_minutes() {
        let now: Timestamp = "2025-11-03T07:01:40Z".parse().unwrap();
        assert_eq!(check_x_date("20251103T064640Z", now), Ok(()));
        assert_eq!(check_x_date("20251103T064639Z", now), Err(BadDate::TooOld));
    }

    #[test]
    fn each_format_is_the_documented_one() {
        let time: Timestamp = "2025-09-16T01:31:20.654Z".parse().unwrap();
        assert_eq!(compact(time), "20250916T013120Z");
        assert_eq!(iso(time.as_millisecond()), "2025-09-16T01:31:20.654Z");
        assert_eq!(iso(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(camera(time.as_millisecond()), "20250916_013120");
        assert_eq!(http(time).unwrap(), "Tue, 16 Sep 2025 01:31:20 GMT");
        let parsed = parse_http("Tue, 16 Sep 2025 01:31:20 GMT").map(Timestamp::as_second);
        assert_eq!((parsed, parse_http("yesterday")), (Some(time.as_second()), None));
    }

    #[test]
    fn a_clock_may_show_any_time() {
        let long = Duration::from_secs(400_000_000_000);
        assert_eq!(from_system_time(SystemTime::UNIX_EPOCH + long), Timestamp::MAX);
        assert_eq!(from_system_time(SystemTime::UNIX_EPOCH), Timestamp::UNIX_EPOCH);
    }
}
