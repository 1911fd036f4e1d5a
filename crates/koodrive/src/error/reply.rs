//! An answer of the service that is not a page: status, headers and body → [`Error`].

use std::time::{Duration, SystemTime};

use http::{
    HeaderMap, StatusCode,
    header::{DATE, RETRY_AFTER},
};
use koodrive_api::types;

use super::{Error, ErrorKind, codes::Codes, text::Redactor};
use crate::{
    albums::decode::json_object,
    wire::clock::{MAX_AGE, parse_http_date},
};

/// No more of an error's body is read than this.
const BODY_LIMIT: usize = 64 * 1024;

/// What an error means depends on what was sent.
pub(crate) struct Sent<'a> {
    /// The instant in `X-Date`, for calls that have it.
    pub(crate) date: Option<SystemTime>,
    /// Secrets of the request, which the answer may echo.
    pub(crate) redactor: Redactor,
    pub(crate) codes: &'a Codes,
}

/// What a body says of an error, in whichever of its shapes.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Complaint {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
}

/// Reads the answer, as far as it is worth reading, and says what it means.
pub(crate) async fn error(mut response: reqwest::Response, sent: &Sent<'_>) -> Error {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let complaint = Complaint::read(&head_of_body(response).await);
    refusal(status, &headers, complaint, sent)
}

/// A body that breaks off, or that goes on for too long, is read as far as that; the status tells
/// enough.
async fn head_of_body(mut response: reqwest::Response) -> Vec<u8> {
    let mut head = Vec::new();
    while head.len() < BODY_LIMIT {
        match response.chunk().await {
            Ok(Some(chunk)) => head.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    head.truncate(BODY_LIMIT);
    head
}

/// The error behind a refusal.
pub(crate) fn refusal(
    status: StatusCode,
    headers: &HeaderMap,
    complaint: Complaint,
    sent: &Sent<'_>,
) -> Error {
    let server_time = header(headers, &DATE).and_then(parse_http_date);
    let code = complaint.code.map(|code| sent.redactor.show(&code));
    let (kind, is_transient) = sent.codes.kind(status.as_u16(), code.as_deref());
    let kind = match kind {
        ErrorKind::Unauthorized | ErrorKind::Status
            if matches!(status.as_u16(), 400 | 401 | 403) && skewed(sent.date, server_time) =>
        {
            ErrorKind::ClockSkew
        }
        kind => kind,
    };
    let said = complaint.message.map(|message| sent.redactor.show(&message));
    let retry_after =
        header(headers, &RETRY_AFTER).and_then(|value| parse_retry_after(value, server_time));
    Error::new(kind, message(kind, said.as_deref()))
        .with_status(status.as_u16())
        .with_code(code)
        .with_retry_after(retry_after)
        .with_retryable(is_transient)
}

fn message(kind: ErrorKind, said: Option<&str>) -> String {
    let what = match kind {
        ErrorKind::Unauthorized => "the service refused the credentials; get new ones",
        ErrorKind::ClockSkew => "the service refused the date; set this machine's clock",
        ErrorKind::Throttled => "too many requests; wait before the next one",
        ErrorKind::Redirect => "the service answered with a redirect; check the endpoint",
        ErrorKind::Paging => "the service does not know the page cursor any more; start again",
        ErrorKind::Status => "the service answered with an error and gave no reason",
        _ => "the service refused the request",
    };
    match said.filter(|said| !said.is_empty()) {
        Some(said) => format!("{what}; it said: {said}"),
        None => what.to_owned(),
    }
}

/// The service takes a date that is at most 15 minutes old and never in its future. A date that the
/// service found a moment too old can look just young enough here, for its `Date` is cut to the second.
fn skewed(sent: Option<SystemTime>, server_time: Option<SystemTime>) -> bool {
    const CUT: Duration = Duration::from_secs(2);
    let is_old = |age: Duration| age.saturating_add(CUT) > MAX_AGE;
    sent.zip(server_time).is_some_and(|(sent, now)| now.duration_since(sent).map_or(true, is_old))
}

/// `Retry-After` in seconds, or as a date against the server's own clock.
pub(crate) fn parse_retry_after(value: &str, server_time: Option<SystemTime>) -> Option<Duration> {
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        return value.parse().ok().map(Duration::from_secs);
    }
    let until = parse_http_date(value)?;
    Some(until.duration_since(server_time?).unwrap_or_default())
}

fn header<'a>(headers: &'a HeaderMap, name: &http::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

impl Complaint {
    /// The service's envelope, the gateway's, or the third shape, an envelope within `error`.
    pub(crate) fn read(body: &[u8]) -> Self {
        // serde would take a list for a struct, too.
        let Some(body) = json_object(body) else {
            return Self::default();
        };
        Self::from_envelope(body)
            .or_else(|| Self::from_gateway(body))
            .or_else(|| Self::from_nested(body))
            .unwrap_or_default()
    }

    fn from_envelope(body: &[u8]) -> Option<Self> {
        Self::of_envelope(serde_json::from_slice(body).ok()?)
    }

    fn of_envelope(envelope: types::ErrorEnvelope) -> Option<Self> {
        Self { code: envelope.code.map(|code| code.to_string()), message: envelope.msg }.known()
    }

    fn from_gateway(body: &[u8]) -> Option<Self> {
        let error: types::GatewayError = serde_json::from_slice(body).ok()?;
        Self { code: error.error_code, message: error.error_msg }.known()
    }

    fn from_nested(body: &[u8]) -> Option<Self> {
        let nested: types::NestedError = serde_json::from_slice(body).ok()?;
        Self::of_envelope(nested.error?)
    }

    /// A code of nothing, or of success, says nothing about an error.
    fn known(self) -> Option<Self> {
        let code = self.code.filter(|code| !code.is_empty() && !is_success(code));
        (code.is_some() || self.message.is_some()).then_some(Self { code, message: self.message })
    }
}

/// Success is code 0, as a number or as text; some tables show it padded with zeros.
pub(crate) fn is_success(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|byte| byte == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_an_error_body_is_read() {
        for (body, code, message) in [
            (r#"{"code":13000309,"msg":"gone"}"#, Some("13000309"), Some("gone")),
            (r#"{"code":"13000309","msg":null}"#, Some("13000309"), None),
            (
                r#"{"error_code":"APIG.0308","error_msg":"slow","request_id":"r"}"#,
                Some("APIG.0308"),
                Some("slow"),
            ),
            (r#"{"error":{"code":7,"msg":"m"}}"#, Some("7"), Some("m")),
            (r#"{"error":"why"}"#, None, None),
            (r#"{"code":0}"#, None, None),
            ("\u{feff}{\"code\":7}", Some("7"), None),
            (r#"[7, "m"]"#, None, None),
            ("<html>", None, None),
            ("", None, None),
        ] {
            let expected =
                Complaint { code: code.map(str::to_owned), message: message.map(str::to_owned) };
            assert_eq!(Complaint::read(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn retry_after_is_read_in_both_forms_and_never_guessed() {
        let now = parse_http_date("Mon, 03 Nov 2025 07:01:40 GMT");
        for (value, seconds) in [
            ("0", Some(0)),
            ("120", Some(120)),
            ("Mon, 03 Nov 2025 07:03:40 GMT", Some(120)),
            ("Mon, 03 Nov 2025 07:00:00 GMT", Some(0)),
            ("-1", None),
            ("1.5", None),
            ("100000000000000000000", None),
            ("", None),
            ("soon", None),
        ] {
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(parse_retry_after(value, now), expected, "{value:?}");
        }
        assert_eq!(parse_retry_after("Mon, 03 Nov 2025 07:03:40 GMT", None), None);
    }

    #[test]
    fn a_refused_date_is_told_from_refused_credentials_by_the_servers_clock() {
        let server = parse_http_date("Mon, 03 Nov 2025 07:01:40 GMT");
        let at = |seconds: i64| {
            let offset = Duration::from_secs(seconds.unsigned_abs());
            let server = server.unwrap();
            if seconds < 0 { server - offset } else { server + offset }
        };
        for (sent, expected) in [(1, true), (0, false), (-60, false), (-898, false), (-899, true)] {
            assert_eq!(skewed(Some(at(sent)), server), expected, "{sent}");
        }
        assert!(!skewed(Some(at(5_000)), None));
    }
}
