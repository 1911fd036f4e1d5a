//! What a request asks the model for, and what is wrong with it.

use std::{collections::BTreeMap, time::SystemTime};

use reqwest::{Method, Request};
use tokio::time::Instant;

use super::{
    album::{Album, PageIndex},
    clocks::WallClock,
    connection::Connection,
    seconds,
};
use crate::{error::response::MAX_AGE, wire::clock::TimeSource as _, wire::trace_id};

pub(super) const USER: &str = "1765263620687613825";

pub(super) enum Call {
    /// `None` if there is no such page.
    List {
        page: Option<PageIndex>,
    },
    Refresh {
        token: String,
    },
}

impl Call {
    /// Reads a request. The text says what is wrong with it, if anything is.
    pub(super) fn read(request: &Request, album: &Album) -> (Self, Option<&'static str>) {
        match *request.method() {
            Method::POST => Self::read_refresh(request),
            _ => Self::read_list(request, album),
        }
    }

    fn read_refresh(request: &Request) -> (Self, Option<&'static str>) {
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
        let body: serde_json::Value = serde_json::from_slice(body).unwrap();
        let token = body["refreshToken"].as_str().unwrap().to_owned();
        let is_right = request.url().path() == "/koodrive/ose/v1/auth/refreshToken";
        (Self::Refresh { token }, (!is_right).then_some("wrong path"))
    }

    fn read_list(request: &Request, album: &Album) -> (Self, Option<&'static str>) {
        let mut query: BTreeMap<String, String> =
            request.url().query_pairs().into_owned().collect();
        let [cursor, sort_type, direction] =
            ["pageCursor", "sortType", "sortDirection"].map(|name| query.remove(name));
        let page = album.page_at(sort_type.as_deref(), direction.as_deref(), cursor.as_deref());
        let rest = BTreeMap::from([("pageSize".to_owned(), album.page_size.to_string())]);
        let path = format!("/koodrive/ose/v1/album/{}/list", album.id);
        let is_right = query == rest
            && request.url().path() == path
            && header(request, "x-user-id") == USER
            && page.is_some();
        (Self::List { page }, (!is_right).then_some("not the listing that was asked for"))
    }
}

/// What is wrong with the headers of a request, if anything is.
pub(super) fn header_faults(
    request: &Request,
    call: &Call,
    connection: &Connection,
    clock: &WallClock,
) -> Vec<&'static str> {
    let is_traced = trace_id::is_valid(header(request, "x-traceid"));
    let mut faults = Vec::from_iter((!is_traced).then_some("an invalid trace id"));
    if matches!(call, Call::List { .. }) {
        faults.extend(date_fault(header(request, "x-date"), connection, clock));
    }
    faults
}

/// Once a response carried the time, a date is never in the service's future, and never too old. The
/// exception is a jump of the service's clock since then: no client can know of it before the next response.
fn date_fault(date: &str, connection: &Connection, clock: &WallClock) -> Option<&'static str> {
    // The response may have been dated this long before: nobody polls a listing for up to 100 seconds.
    let since = connection.time_known_since()?.checked_sub(seconds(160))?;
    let is_recent =
        |jump: Option<Instant>| jump.is_some_and(|jump| since <= jump && jump <= Instant::now());
    let now = clock.now();
    let date = parse_date(date).unwrap_or(SystemTime::UNIX_EPOCH);
    if now < date && !is_recent(clock.put_back_at()) {
        return Some("a date in the future");
    }
    let is_old = now > date + MAX_AGE && !is_recent(clock.put_forward_at());
    is_old.then_some("an old date")
}

pub(super) fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether the service accepts this date at `now`.
pub(super) fn is_timely(date: &str, now: SystemTime) -> bool {
    parse_date(date).is_some_and(|date| date <= now && now < date + MAX_AGE)
}

fn parse_date(date: &str) -> Option<SystemTime> {
    let date = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok()?;
    Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().into())
}
