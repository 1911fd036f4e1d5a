//! The reference model: what the service does with a request, and what a request must never be.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::SystemTime,
};

use fastrand::Rng;
use reqwest::{Method, Request, Response};
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};

use super::{
    account::Account,
    album::Album,
    clocks::Wall,
    failures,
    faults::{Fault, Pace, Weather},
    journal::Journal,
    lock,
    reply::Reply,
    seconds,
    world::Line,
};
use crate::{error::response::MAX_AGE, wire::clock::TimeSource as _, wire::trace_id};

/// Requests for a token are numbered from here on.
pub(super) const REFRESHES: usize = 1_000_000;

pub(super) const USER: &str = "1765263620687613825";

/// The service, and the network before it.
pub(super) struct Service {
    pub(super) album: Album,
    pub(super) clock: Wall,
    pub(super) weather: Weather,
    pub(super) state: Mutex<State>,
    /// The request that is never answered is there.
    pub(super) killed: Notify,
}

pub(super) struct State {
    pub(super) start: Instant,
    pub(super) rng: Rng,
    pub(super) account: Account,
    pub(super) journal: Journal,
    /// How many requests for a page there were.
    pub(super) lists: usize,
    refreshes: usize,
    /// When the last good page set out.
    pub(super) served_at: Instant,
    is_flat: bool,
}

/// What is decided about a request before anything is done with it.
struct Course {
    fault: Option<Fault>,
    pace: Pace,
    /// Where a body breaks.
    at: f64,
    is_halting: bool,
    /// How the answer is dated: 0 not at all, 1 as a cache's, else as it should be.
    dating: u8,
}

/// What a request asks for.
enum Call {
    List { cursor: Option<String> },
    Refresh { token: String },
}

impl Service {
    pub(super) fn new(mut rng: Rng, album: Album, clock: Wall, weather: Weather) -> Self {
        let (start, account) = (Instant::now(), Account::new(rng.bool()));
        let is_flat = rng.bool();
        let journal = Journal::new();
        let (lists, refreshes, served_at) = (0, REFRESHES, start);
        let state = State { start, rng, account, journal, lists, refreshes, served_at, is_flat };
        Self { album, clock, weather, state: Mutex::new(state), killed: Notify::new() }
    }

    /// One request and its answer, as reqwest would have it.
    pub(super) async fn exchange(
        &self,
        line: &Line,
        request: Request,
    ) -> reqwest::Result<Response> {
        let call = self.admit(line, &request);
        let _under_way = matches!(call, Call::Refresh { .. }).then(|| self.only_one(line));
        let course = self.course(line, &request, &call);
        let Pace { out, work, back, dated } = course.pace;
        sleep_if(out).await;
        match course.fault {
            Some(Fault::Refused) => return Err(failures::refused().await),
            Some(Fault::Unreachable) => return Err(failures::timed_out(seconds(5)).await),
            Some(Fault::Lost { is_heard: false }) => return Err(failures::lost().await),
            Some(Fault::Stalled { is_noticed }) => return Err(stalled(is_noticed).await),
            _ => {}
        }
        let arrival = self.clock.now();
        let mut reply = match course.fault.and_then(Reply::instead) {
            Some(instead) => instead,
            None => self.answer(&request, &call, course.fault, arrival),
        };
        let is_about_date = reply.status == 401;
        match course.dating {
            0 if !is_about_date => {}
            1 if !is_about_date => {
                reply.age = Some(100);
                reply.date = Some(arrival - seconds(100));
            }
            _ => reply.date = Some(arrival + work.mul_f64(dated)),
        }
        sleep(work).await;
        if let Some(Fault::Slow(more)) = course.fault {
            sleep(more).await;
        }
        if course.fault == Some(Fault::Lost { is_heard: true }) {
            return Err(failures::lost().await);
        }
        sleep_if(back).await;
        self.dispatched(line, &call, &reply);
        let pause = if course.is_halting { back } else { Default::default() };
        Ok(reply.send(course.fault, course.at, pause))
    }

    fn course(&self, line: &Line, request: &Request, call: &Call) -> Course {
        let state = &mut *lock(&self.state);
        let passed = state.start.elapsed();
        let (count, name) = match call {
            Call::List { .. } => (&mut state.lists, "list"),
            Call::Refresh { .. } => (&mut state.refreshes, "refresh"),
        };
        let number = *count;
        *count += 1;
        let fault = self.weather.fault(&mut state.rng, number, passed);
        if self.weather.kill == Some(number) {
            self.killed.notify_one();
        }
        let rng = &mut state.rng;
        let (pace, at) = (Pace::random(rng), rng.f64());
        let course = Course { fault, pace, at, is_halting: rng.bool(), dating: rng.u8(..20) };
        let (date, trace_id) = (text(request, "x-date"), text(request, "x-traceid"));
        state.journal.note(format_args!(
            "{} {name} {number} {date} {trace_id} {fault:?} {pace:?}",
            line.number
        ));
        course
    }

    fn answer(
        &self,
        request: &Request,
        call: &Call,
        fault: Option<Fault>,
        now: SystemTime,
    ) -> Reply {
        let state = &mut *lock(&self.state);
        let shown = text(request, "authorization");
        if fault == Some(Fault::Revoked) {
            state.account.revoke(shown);
        }
        match call {
            Call::List { cursor } => {
                let is_signed = shown.starts_with("HMAC-SHA256 AppId=app,");
                if !is_signed && !state.account.lets_in(shown, now) {
                    return Reply::unauthorized("the token does not hold");
                }
                if !is_timely(text(request, "x-date"), now) {
                    return Reply::unauthorized("the date is not of now");
                }
                match self.album.place(cursor.as_deref()) {
                    Some(page) => Reply::good(self.album.body(page)),
                    None => Reply::refusal(400, "13000102", "no such cursor"),
                }
            }
            Call::Refresh { token } => {
                let (rng, account) = (&mut state.rng, &mut state.account);
                let known = account.knows(shown);
                match known.then(|| account.refresh(rng, now, token)).flatten() {
                    Some(tokens) => Reply::session(&tokens, state.is_flat),
                    None => Reply::refusal(400, "13000102", "no such refresh token"),
                }
            }
        }
    }

    fn dispatched(&self, line: &Line, call: &Call, reply: &Reply) {
        if reply.date.is_some() && reply.age.is_none() {
            lock(&line.learnt_at).get_or_insert_with(Instant::now);
        }
        let state = &mut *lock(&self.state);
        state.journal.note(format_args!("{} answered {}", line.number, reply.status));
        if matches!(call, Call::List { .. }) && reply.status == 200 {
            state.served_at = Instant::now();
        }
    }

    /// Reads a request, and finds fault with it.
    fn admit(&self, line: &Line, request: &Request) -> Call {
        let (call, wrong) = self.read(request);
        let mut wrong = Vec::from_iter(wrong);
        if !trace_id::is_valid(text(request, "x-traceid")) {
            wrong.push("a trace id of another form");
        }
        if matches!(call, Call::List { .. }) {
            wrong.extend(self.wrong_date(line, text(request, "x-date")));
        }
        for what in wrong {
            lock(&self.state).journal.violated(format_args!("{what}: {}", request.url()));
        }
        call
    }

    fn read(&self, request: &Request) -> (Call, Option<&'static str>) {
        if request.method() == Method::POST {
            let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
            let body: serde_json::Value = serde_json::from_slice(body).unwrap();
            let token = body["refreshToken"].as_str().unwrap().to_owned();
            let is_right = request.url().path() == "/koodrive/ose/v1/auth/refreshToken";
            return (Call::Refresh { token }, (!is_right).then_some("another path"));
        }
        let mut asked: BTreeMap<String, String> =
            request.url().query_pairs().into_owned().collect();
        let cursor = asked.remove("pageCursor");
        let album = &self.album;
        let number = |name: &str, number: Option<String>| number.map(|n| (name.to_owned(), n));
        let repeated: BTreeMap<String, String> = [
            number("pageSize", Some(album.page_size.to_string())),
            number("sortType", album.sort_type.map(|sort| (sort as u8 + 1).to_string())),
            number("sortDirection", album.sort_direction.map(|way| (way as u8 + 1).to_string())),
        ]
        .into_iter()
        .flatten()
        .collect();
        let path = format!("/koodrive/ose/v1/album/{}/list", album.id);
        let is_right = asked == repeated
            && request.url().path() == path
            && text(request, "x-user-id") == USER
            && album.place(cursor.as_deref()).is_some();
        (Call::List { cursor }, (!is_right).then_some("another listing than was asked for"))
    }

    /// Once an answer told the time, a date is never in the service's future, and never too old,
    /// unless its clock was put back or forward since: nobody can know of that before the next answer.
    fn wrong_date(&self, line: &Line, date: &str) -> Option<&'static str> {
        // A date may have been stamped in an exchange that took so long.
        let told = (*lock(&line.learnt_at))?.checked_sub(seconds(60))?;
        let is_since =
            |jump: Option<Instant>| jump.is_some_and(|at| told <= at && at <= Instant::now());
        let now = self.clock.now();
        let date = parsed(date).unwrap_or(SystemTime::UNIX_EPOCH);
        if now < date && !is_since(self.clock.put_back_at()) {
            return Some("a date of the future");
        }
        let is_old = now > date + MAX_AGE && !is_since(self.clock.put_forward_at());
        is_old.then_some("an old date")
    }

    fn only_one<'a>(&self, line: &'a Line) -> UnderWay<'a> {
        if line.refreshing.fetch_add(1, Ordering::Relaxed) > 0 {
            lock(&self.state).journal.violated(format_args!("two refreshes at once"));
        }
        UnderWay(&line.refreshing)
    }
}

struct UnderWay<'a>(&'a AtomicU32);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn sleep_if(time: std::time::Duration) {
    if !time.is_zero() {
        sleep(time).await;
    }
}

async fn stalled(is_noticed: bool) -> reqwest::Error {
    match is_noticed {
        true => failures::timed_out(seconds(15)).await,
        false => std::future::pending().await,
    }
}

fn text<'a>(request: &'a Request, header: &str) -> &'a str {
    request.headers().get(header).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn is_timely(date: &str, now: SystemTime) -> bool {
    parsed(date).is_some_and(|date| date <= now && now < date + MAX_AGE)
}

fn parsed(date: &str) -> Option<SystemTime> {
    let date = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok()?;
    Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().into())
}
