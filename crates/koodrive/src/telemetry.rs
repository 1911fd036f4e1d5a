//! What a client tells of its work, as `tracing` spans: one for a listing, a child of it for each
//! attempt at a page, one for each renewal of a token; and an event for each retry.
//!
//! A span is entered only while a future of ours is polled, so what the consumer of a stream tells
//! meanwhile is not told inside it. There is no secret in any: no cursor, token, URL or user id. The
//! public documentation lists the names; they are relied on.

use std::time::Duration;

use tracing::{Span, debug_span, field, info};

use crate::{
    albums::listing::Listing,
    error::{Error, Result},
    paging::page::AlbumContentPage,
};

const TARGET: &str = "koodrive";

/// Of a whole listing, from both ends or one.
pub(crate) fn listing(listing: &Listing) -> Span {
    let Listing { album_id, page_size, sort_type, sort_direction, is_unordered } = listing;
    debug_span!(
        target: TARGET,
        "list_album_content",
        album_id,
        page_size = page_size.get(),
        sort_type = sort_type.map(field::debug),
        sort_direction = sort_direction.map(field::debug),
        unordered = is_unordered.then_some(true),
    )
}

/// Which page is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// From 1 on.
    pub(crate) page: u64,
    /// Of an unordered listing, which counts the pages of each end.
    pub(crate) end: Option<&'static str>,
}

/// Of one attempt, inside the span of its listing.
pub(crate) fn attempt(place: Place, attempt: u32, trace_id: &str) -> Span {
    let Place { page, end } = place;
    debug_span!(
        target: TARGET,
        "attempt",
        page,
        end,
        attempt,
        trace_id,
        http.response.status_code = field::Empty,
        items = field::Empty,
        error.type = field::Empty,
        code = field::Empty,
        wait_ms = field::Empty,
    )
}

/// What an attempt came to.
pub(crate) fn outcome(span: &Span, outcome: &Result<AlbumContentPage>) {
    match outcome {
        Ok(page) => {
            span.record("http.response.status_code", http::StatusCode::OK.as_u16());
            span.record("items", page.contents().len());
        }
        Err(error) => failure(span, error),
    }
}

fn failure(span: &Span, error: &Error) {
    span.record("error.type", field::debug(error.kind()));
    if let Some(status) = error.status() {
        span.record("http.response.status_code", status);
    }
    if let Some(code) = error.code() {
        span.record("code", code);
    }
}

/// There is to be another attempt after `wait`, because of `error`. `span` is that of the last one, if
/// it came to one.
pub(crate) fn retrying(
    span: Option<Span>,
    place: Place,
    attempt: u32,
    wait: Duration,
    error: &Error,
) {
    let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    if let Some(span) = span {
        span.record("wait_ms", wait_ms);
    }
    let Place { page, end } = place;
    info!(
        target: TARGET,
        page,
        end,
        attempt,
        wait_ms,
        error.type = ?error.kind(),
        http.response.status_code = error.status(),
        code = error.code(),
        "retrying"
    );
}

/// Of one renewal of the access token. Whoever asked for it first is not its parent: others wait too,
/// and it may outlive the listing.
pub(crate) fn renewal() -> Span {
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

/// The renewal that is under way calls the service, under this trace id.
pub(crate) fn renewing(trace_id: &str) {
    Span::current().record("trace_id", trace_id);
}

/// What the renewal that is under way came to.
pub(crate) fn renewed<T>(outcome: &Result<T>) {
    if let Err(error) = outcome {
        failure(&Span::current(), error);
    }
}
