//! The `tracing` spans and events of a client: one span for a listing, a child of it for each attempt at a
//! page, one for each token refresh, one for each download, and an event for each retry.
//!
//! A span is entered only while a future of this crate is polled, so it does not cover what the consumer
//! of a stream does in between. None holds a secret: no cursor, token, URL or user id. The public
//! documentation lists the names, and users rely on them.

use std::time::Duration;

use http::StatusCode;
use tracing::{Span, debug_span, field, info};

use crate::error::{Error, Result};

pub(crate) const TARGET: &str = "koodrive";

/// What an attempt asks for, if it is part of a listing.
#[derive(Clone, Copy, Default)]
pub(crate) struct Asked {
    /// The page, counted from 1.
    pub(crate) page: Option<u64>,
    /// The end that the page belongs to, in a listing from both ends.
    pub(crate) end: Option<&'static str>,
}

/// The span of one attempt, inside the span of its listing.
pub(crate) fn attempt(asked: Asked, attempt: u32, trace_id: &str) -> Span {
    debug_span!(
        target: TARGET,
        "attempt",
        page = asked.page,
        end = asked.end,
        attempt,
        trace_id,
        http.response.status_code = field::Empty,
        items = field::Empty,
        error.type = field::Empty,
        code = field::Empty,
        wait_ms = field::Empty,
    )
}

/// Records how an attempt ended.
pub(crate) fn outcome<T>(span: &Span, outcome: &Result<T>) {
    match outcome {
        Ok(_) => {
            span.record("http.response.status_code", StatusCode::OK.as_u16());
        }
        Err(error) => failed(span, error),
    }
}

/// Records why something failed.
pub(crate) fn failed(span: &Span, error: &Error) {
    span.record("error.type", field::debug(error.kind()));
    span.record("http.response.status_code", error.status());
    span.record("code", error.code());
}

/// Records how many items an attempt brought.
pub(crate) fn items(span: &Span, count: usize) {
    span.record("items", count);
}

/// Another attempt follows after `wait`, because of `error`. `span` is that of the last attempt, or none
/// if none was made.
pub(crate) fn retrying(span: &Span, asked: Asked, attempt: u32, wait: Duration, error: &Error) {
    let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    span.record("wait_ms", wait_ms);
    info!(
        target: TARGET,
        page = asked.page,
        end = asked.end,
        attempt,
        wait_ms,
        error.type = ?error.kind(),
        http.response.status_code = error.status(),
        code = error.code(),
        "retrying"
    );
}

/// The span of one token refresh. The caller who needed it first is not its parent: others wait for it
/// too, and it may outlive the listing.
pub(crate) fn refresh() -> Span {
    debug_span!(
        target: TARGET,
        parent: None,
        "renew_token",
        trace_id = field::Empty,
        http.response.status_code = field::Empty,
        error.type = field::Empty,
        code = field::Empty,
    )
}

/// The refresh under way calls the service with this trace id.
pub(crate) fn refreshing(trace_id: &str) {
    Span::current().record("trace_id", trace_id);
}

/// The span of one download.
pub(crate) fn download(file_id: &str) -> Span {
    debug_span!(
        target: TARGET,
        "download",
        file_id,
        bytes = field::Empty,
        http.response.status_code = field::Empty,
        error.type = field::Empty,
        code = field::Empty,
    )
}

/// Records how much a download brought.
pub(crate) fn downloaded(span: &Span, bytes: u64) {
    span.record("bytes", bytes);
}
