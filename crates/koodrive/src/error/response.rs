//! A response of the service that is not a success: status, headers and body become an [`Error`].

use std::time::{Duration, SystemTime};

use http::{
    HeaderMap, StatusCode,
    header::{AGE, DATE, RETRY_AFTER},
};

use super::{
    Error, ErrorKind, Recovery,
    codes::Codes,
    service_error::{ServiceError, secrets_in},
    text::Redactor,
};

/// No more of an error's body is read than this.
const BODY_LIMIT: usize = 64 * 1024;

/// The oldest date that the service accepts.
pub(crate) const MAX_AGE: Duration = Duration::from_secs(15 * 60);

/// What was sent. The meaning of an error depends on it.
pub(crate) struct Sent<'a> {
    /// The instant in `X-Date`, for operations that have it.
    pub(crate) date: Option<SystemTime>,
    /// Whether a page of a list was requested.
    pub(crate) is_page: bool,
    /// Knows the secrets of the request, which the response may repeat.
    pub(crate) redactor: Redactor,
    pub(crate) codes: &'a Codes,
}

/// Reads the response, up to a limit, and says what it means.
pub(crate) async fn error(mut response: reqwest::Response, sent: &Sent<'_>) -> Error {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let body = head_of_body(response).await;
    refusal(status, &headers, ServiceError::read(&body), &body, sent)
}

/// Reads as much of the body as arrives, up to the limit. Whatever happens to the body, the status is
/// known.
async fn head_of_body(mut response: reqwest::Response) -> Vec<u8> {
    let mut head = Vec::new();
    while head.len() < BODY_LIMIT
        && let Ok(Some(chunk)) = response.chunk().await
    {
        head.extend_from_slice(&chunk);
    }
    head.truncate(BODY_LIMIT);
    head
}

/// The error behind a refusal.
pub(crate) fn refusal(
    status: StatusCode,
    headers: &HeaderMap,
    error: ServiceError,
    body: &[u8],
    sent: &Sent<'_>,
) -> Error {
    let (code, message) = presentable(error, body, sent);
    let (mut kind, is_transient) = sent.codes.kind(status.as_u16(), code.as_deref(), sent.is_page);
    if may_be_about_the_date(kind, status) && skewed(sent.date, server_time(headers)) {
        kind = ErrorKind::ClockSkew;
    }
    Error::new(kind, explanation(kind, message.as_deref())).with(|facts| {
        facts.status = Some(status.as_u16());
        facts.code = code;
        facts.retry_after = retry_after(headers);
        facts.recovery = is_transient.then_some(Recovery::Retry);
    })
}

/// Code and message without secrets. Both are dropped where redaction would take too long: no honest error
/// has such a text, or as many secrets beside it.
fn presentable(
    error: ServiceError,
    body: &[u8],
    sent: &Sent<'_>,
) -> (Option<String>, Option<String>) {
    const MOST_SECRETS: usize = 1_000;
    const MOST_WORK: usize = 4 * 1024 * 1024; // bytes to search, for one secret after another
    let body = String::from_utf8_lossy(body);
    let secrets: Vec<String> = secrets_in(&body).take(MOST_SECRETS).collect();
    let redactor = sent.redactor.and(secrets.iter().map(String::as_str));
    let show = |text: Option<String>| {
        let work = text.as_ref().map_or(0, String::len).saturating_mul(secrets.len().max(1));
        let is_honest = secrets.len() < MOST_SECRETS && work <= MOST_WORK;
        text.filter(|_| is_honest).map(|text| redactor.show(&text))
    };
    (show(error.code), show(error.message))
}

/// A refused date looks like refused credentials, or like an error without a reason.
fn may_be_about_the_date(kind: ErrorKind, status: StatusCode) -> bool {
    matches!(kind, ErrorKind::Unauthorized | ErrorKind::Status)
        && matches!(status.as_u16(), 400 | 401 | 403)
}

fn explanation(kind: ErrorKind, said: Option<&str>) -> String {
    let what = match kind {
        ErrorKind::Unauthorized => "the service refused the credentials; get new ones",
        ErrorKind::ClockSkew => "the service refused the date; set this machine's clock",
        ErrorKind::Throttled => "too many requests; wait before the next one",
        ErrorKind::Redirect => "the service answered with a redirect; check the endpoint",
        ErrorKind::Paging => "the service no longer knows the page cursor; start again",
        ErrorKind::Status => "the service answered with an error and gave no reason",
        _ => "the service refused the request",
    };
    match said.filter(|said| !said.is_empty()) {
        Some(said) => format!("{what}; it said: {said}"),
        None => what.to_owned(),
    }
}

/// Whether the service must have found the date too old, or in its future. A date that was a moment too
/// old there can look just young enough here, because `Date` is cut to the second.
fn skewed(sent: Option<SystemTime>, server_time: Option<SystemTime>) -> bool {
    const CUT: Duration = Duration::from_secs(2);
    let is_old = |age: Duration| age.saturating_add(CUT) > MAX_AGE;
    sent.zip(server_time).is_some_and(|(sent, now)| now.duration_since(sent).map_or(true, is_old))
}

/// How long a response asks to wait.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    parse_retry_after(header(headers, &RETRY_AFTER)?, date(headers))
}

/// `Retry-After` in seconds, or as a date by the server's own clock.
pub(crate) fn parse_retry_after(value: &str, server_time: Option<SystemTime>) -> Option<Duration> {
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        return value.parse().ok().map(Duration::from_secs);
    }
    let until = httpdate::parse_http_date(value).ok()?;
    Some(until.duration_since(server_time?).unwrap_or_default())
}

/// The server's time now, by a response that has just arrived. One with an `Age` comes from a cache and does not
/// tell it.
pub(crate) fn server_time(headers: &HeaderMap) -> Option<SystemTime> {
    date(headers).filter(|_| !headers.contains_key(AGE))
}

/// The server's time when it sent the response.
fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(header(headers, &DATE)?).ok()
}

fn header<'a>(headers: &'a HeaderMap, name: &http::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_with_too_many_secrets_or_too_long_a_text_has_no_message() {
        let sent = Sent {
            date: None,
            is_page: true,
            redactor: Redactor::default(),
            codes: &Codes::default(),
        };
        for (secrets, length, is_shown) in
            [(200, 4_096, true), (0, 64 * 1024, true), (1_000, 10, false), (200, 64 * 1024, false)]
        {
            let body = r#""accessToken":"aaaaaa01","#.repeat(secrets);
            let error = ServiceError { code: None, message: Some("x".repeat(length)) };
            let (_, message) = presentable(error, body.as_bytes(), &sent);
            assert_eq!(message.is_some(), is_shown, "{secrets} secrets, {length} bytes");
        }
    }

    #[test]
    fn retry_after_is_read_in_both_forms_and_never_guessed() {
        let now = httpdate::parse_http_date("Mon, 03 Nov 2025 07:01:40 GMT").ok();
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
    fn the_servers_clock_tells_a_refused_date_from_refused_credentials() {
        let server = httpdate::parse_http_date("Mon, 03 Nov 2025 07:01:40 GMT").ok();
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
