//! What must be true for any input, as plain functions for the targets in `fuzz/`.
//!
//! Each asserts more than the absence of a panic. The input is text where possible, so that seeds and
//! findings are readable.

#![allow(clippy::expect_used, reason = "failing is what it is for")]

use std::{
    collections::HashSet,
    fmt::Debug,
    sync::LazyLock,
    time::{Duration, SystemTime},
};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use koodrive_api::{Field, json_text};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    albums::{content::AlbumContent, decode, presigned_url::PresignedUrl, timestamp::Timestamp},
    checkpoint::Checkpoint,
    error::{
        Error, Result,
        codes::Codes,
        response::{Sent, parse_retry_after, refusal},
        service_error::{ServiceError, is_success},
        text::Redactor,
    },
    paging::page::Batch,
    wire::operation::Answer,
};

/// Both ways of reading a page agree, with each other and with `serde_json::Value`, and their errors do not
/// repeat the input.
pub fn page(body: &[u8]) {
    let raw = Seen::new(decode::from_bytes(body, None), body);
    assert_same_as_values(body, &raw);
    let Ok(wire) = serde_json::from_str(&json_text(body)) else { return };
    let typed = Seen::new(decode::from_wire(wire, body, None), body);
    assert_eq!(typed, raw);
}

/// What can be read directly can also be read from a `Value`, which has the last of doubled fields, and
/// says the same.
fn assert_same_as_values(body: &[u8], seen: &Seen) {
    let page: Value = serde_json::from_slice(body).unwrap_or_default();
    let Seen::Page { files, .. } = seen else { return };
    let Some(Value::Array(entries)) = page.get("contentList") else { return };
    let readable = |entry: &Value| serde_json::from_value::<AlbumContent>(entry.clone()).ok();
    let readable: Vec<_> = entries.iter().filter_map(readable).collect();
    let mut values = readable.iter();
    for file in files.iter().flatten() {
        assert!(values.any(|value| value == file), "{file:?} is not among {readable:?}");
    }
}

/// The outcome of a page, without the texts of errors, in which the two ways may differ.
#[derive(Debug, PartialEq)]
enum Seen {
    Page { files: Vec<Option<AlbumContent>>, next: Option<String>, total: Option<u64> },
    Refusal(ServiceError),
    Error,
}

impl Seen {
    fn new(outcome: Result<Answer<Batch<AlbumContent>>>, body: &[u8]) -> Self {
        match outcome {
            Ok(Answer::Output(batch)) => Self::Page {
                next: batch.next.as_ref().map(|cursor| cursor.as_str().to_owned()),
                total: batch.total,
                files: entries(batch).map(|item| readable(item, body)).collect(),
            },
            Ok(Answer::Refusal(service_error)) => Self::Refusal(service_error),
            Err(error) => {
                assert_no_echo(&shown(&error), &PAGE_ERRORS, body);
                Self::Error
            }
        }
    }
}

fn entries(batch: Batch<AlbumContent>) -> impl Iterator<Item = Result<AlbumContent>> {
    let errors = batch.unreadable.into_iter().map(|(_, error)| Err(error));
    batch.items.into_iter().map(Ok).chain(errors)
}

fn readable(item: Result<AlbumContent>, body: &[u8]) -> Option<AlbumContent> {
    match &item {
        Ok(file) => assert_serde_round_trip(file),
        Err(error) => assert_no_echo(&shown(error), &PAGE_ERRORS, body),
    }
    item.ok()
}

/// The texts of all errors that a page can cause. All of them, because the fuzzer tries as input whatever it
/// sees compared.
static PAGE_ERRORS: LazyLock<Runs> = LazyLock::new(|| {
    const BODIES: [&str; 11] = [
        "",
        "<",
        "[",
        "{",
        "{0}",
        "{}",
        r#"{"contentList":0}"#,
        r#"{"contentList":[0,{}]}"#,
        r#"{"contentList":[{}]}"#,
        r#"{"contentList":[{"id":"a","size":-1}]}"#,
        r#"{"contentList":[{"id":"\ud800"}]}"#,
    ];
    let many = format!(r#"{{"contentList":[{}0]}}"#, "0,".repeat(10_000));
    let odd = |(field, value)| format!(r#"{{"contentList":[{{"id":"a","{field}":{value}}}]}}"#);
    let values = |field: Field| [(field.name(), "{}"), (field.name(), "[{}]")];
    let odd: Vec<String> = Field::ALL.into_iter().flat_map(values).map(odd).collect();
    let bodies = BODIES.into_iter().chain([&*many]).chain(odd.iter().map(String::as_str));
    let errors = bodies.flat_map(|body| errors_of(body.as_bytes()));
    errors.flat_map(|error| runs(shown(&error).as_bytes())).collect()
});

fn errors_of(body: &[u8]) -> Vec<Error> {
    let typed =
        serde_json::from_str(&json_text(body)).ok().map(|wire| decode::from_wire(wire, body, None));
    let mut errors = Vec::new();
    for outcome in typed.into_iter().chain([decode::from_bytes(body, None)]) {
        match outcome {
            Ok(Answer::Output(batch)) => errors.extend(entries(batch).filter_map(Result::err)),
            Ok(Answer::Refusal(_)) => {}
            Err(error) => errors.push(error),
        }
    }
    errors
}

/// An error answer in the form of HTTP: a line with the status, header lines, an empty line, the body.
/// Whatever it says comes out short, fit for a terminal, and without the secrets of the request.
pub fn error_envelope(answer: &[u8]) {
    const SECRETS: [&str; 2] = ["s3cr3t/t0ken=", "s3cr3t%2Ft0ken%3D"];
    let (status, headers, body) = split_answer(answer);
    let service_error = ServiceError::read(body);
    let is_told = |code: &String| !code.is_empty() && !is_success(code);
    assert!(service_error.code.iter().all(is_told), "{service_error:?}");

    let redactor = Redactor::default().and([SECRETS[0]]);
    let date = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(1_762_153_300));
    let sent = Sent { date, is_page: true, redactor, codes: &Codes::default() };
    let error = refusal(status, &headers, service_error, body, &sent);
    assert_eq!(error.status(), Some(status.as_u16()));
    for text in [error.to_string(), format!("{error:?}"), error.code().unwrap_or("").to_owned()] {
        assert!(!text.contains(char::is_control), "{text:?}");
        assert!(!SECRETS.iter().any(|secret| text.contains(secret)), "{text}");
        // Two texts of 300 characters, each of up to four bytes; `Debug` doubles backslashes.
        assert!(text.len() <= 4_096, "{} bytes: {text}", text.len());
    }
}

fn split_answer(answer: &[u8]) -> (StatusCode, HeaderMap, &[u8]) {
    let end = answer.windows(2).position(|two| two == b"\n\n").unwrap_or(answer.len());
    let (head, body) = answer.split_at(end);
    let mut lines = head.split(|byte| *byte == b'\n');
    let status = lines.next().and_then(|line| StatusCode::from_bytes(line).ok());
    let headers = lines.filter_map(header).collect();
    let body = body.strip_prefix(b"\n\n").unwrap_or(body);
    (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), headers, body)
}

fn header(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at(colon);
    let value = value.strip_prefix(b":")?.trim_ascii();
    Some((HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value).ok()?))
}

/// The value of `Retry-After`, a line break, and the server's time, if it is to be known, as seconds
/// or a date. Seconds are taken exactly, and a date never leads into the past.
pub fn retry_after(text: &str) {
    let (value, now) = text.split_once('\n').unwrap_or((text, ""));
    let now = server_time(now);
    let wait = parse_retry_after(value, now);
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        assert_eq!(wait, value.parse().ok().map(Duration::from_secs), "{value}");
        return;
    }
    let until = http_date(value).zip(now).map(|(until, now)| until.max(now));
    let end = now.zip(wait).and_then(|(now, wait)| now.checked_add(wait));
    assert_eq!((end, wait.is_some()), (until, until.is_some()), "{value}, server time {now:?}");
}

fn http_date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}

fn server_time(text: &str) -> Option<SystemTime> {
    let seconds = text.parse().ok().map(Duration::from_secs);
    let in_seconds = seconds.and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(seconds));
    in_seconds.or_else(|| http_date(text))
}

/// A time stays the text that it was, and blanks around it or digits that are milliseconds change
/// nothing.
pub fn timestamp(text: &str) {
    let time = Timestamp::from(text);
    assert_eq!(time.as_str(), text);
    assert_eq!(time.to_string(), text);
    assert_serialises_to_text(&time, text);

    let instant = time.to_system_time();
    assert_eq!(instant, Timestamp::from(&*format!(" {text}\n")).to_system_time(), "{text:?}");
    if text.bytes().all(|byte| byte.is_ascii_digit()) && (1..14).contains(&text.len()) {
        let since = text.parse().ok().map(Duration::from_millis);
        assert_eq!(instant.and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok()), since);
    }
}

/// A URL stays the text that it was, and shows its host at most: never what is in its query.
pub fn presigned_url(text: &str) {
    let url = PresignedUrl::from(text);
    assert_eq!(url.as_str(), text);
    assert_serialises_to_text(&url, text);
    let _ = url.expires_at();

    let debug = format!("{url:?}");
    let host = host_in(&debug);
    assert!(!host.contains(['/', '#', '@', '\\']) && !host.contains(char::is_control), "{debug:?}");
    if let Some(query) = text.find(['?', '#']) {
        let bare = text.get(..=query).unwrap_or(text);
        let bare = format!("{:?}", PresignedUrl::from(bare));
        assert!(host == "?" || debug == bare, "{text:?}: {debug}, without its query {bare}");
    }
}

fn host_in(debug: &str) -> &str {
    let host = debug.strip_prefix("PresignedUrl(https://");
    host.and_then(|rest| rest.strip_suffix("/[redacted])")).expect("one form for all")
}

/// What parses prints as text that parses to an equal value, and likewise as JSON; what does not is
/// not repeated.
pub fn checkpoint(text: &str) {
    match text.parse::<Checkpoint>() {
        Ok(checkpoint) => {
            let printed = checkpoint.to_string();
            assert_eq!(printed.parse().ok().as_ref(), Some(&checkpoint), "{printed}");
            assert_serde_round_trip(&checkpoint);
        }
        Err(error) => assert_no_echo(&shown(&error), &CHECKPOINT_ERRORS, text.as_bytes()),
    }
}

static CHECKPOINT_ERRORS: LazyLock<Runs> = LazyLock::new(|| {
    let error = "".parse::<Checkpoint>().err();
    error.iter().flat_map(|error| runs(shown(error).as_bytes())).collect()
});

fn assert_serde_round_trip<T: Debug + PartialEq + Serialize + DeserializeOwned>(value: &T) {
    let json = serde_json::to_string(value).expect("plain data");
    let again = serde_json::from_str(&json).ok();
    assert_eq!(again.as_ref(), Some(value), "{json}");
}

fn assert_serialises_to_text(value: &impl Serialize, text: &str) {
    assert_eq!(serde_json::to_value(value).ok(), Some(text.into()));
}

fn shown(error: &Error) -> String {
    format!("{error}\n{error:?}")
}

type Runs = HashSet<Vec<u8>>;

/// A stretch that is long enough to be told from chance.
const RUN: usize = 12;

fn runs(text: &[u8]) -> Runs {
    without_places(text).windows(RUN).map(<[u8]>::to_vec).collect()
}

/// Any number as `#` that can be a place, which errors tell; an id has more digits.
fn without_places(text: &[u8]) -> Vec<u8> {
    text.chunk_by(|a, b| a.is_ascii_digit() && b.is_ascii_digit())
        .flat_map(|chunk| match chunk {
            [b'0'..=b'9', more @ ..] if more.len() < 9 => b"#",
            _ => chunk,
        })
        .copied()
        .collect()
}

/// Nothing of `input` is in `text`, but for what is in texts of our `own`.
fn assert_no_echo(text: &str, own: &Runs, input: &[u8]) {
    let shown = without_places(text.as_bytes());
    let mut foreign = shown.windows(RUN).filter(|run| !own.contains(*run)).peekable();
    if foreign.peek().is_some() {
        let input = runs(input);
        assert!(!foreign.any(|run| input.contains(run)), "the input shows: {text}");
    }
}
