//! The reference model: what the service does with a request. It records every request that is wrong.

use std::{
    sync::Mutex,
    time::{Duration, SystemTime},
};

use fastrand::Rng;
use reqwest::{Request, Response};
use tokio::{
    sync::Notify,
    time::{Instant, advance, sleep},
};

use super::{
    account::Account,
    album::Album,
    clocks::WallClock,
    connection::{Connection, RefreshGuard},
    exchange_plan::{DateHeader, ExchangePlan},
    failures,
    faults::{Fault, Faults, Timing},
    journal::Journal,
    lock,
    reply::Reply,
    request::{Call, header, header_faults, is_timely},
    seconds,
};
use crate::{calls::stopwatch::TICK, wire::clock::TimeSource as _};

/// Requests for a token are numbered from here on.
pub(super) const REFRESHES: usize = 1_000_000;

/// The service, and the network before it.
pub(super) struct Service {
    pub(super) album: Album,
    pub(super) clock: WallClock,
    pub(super) faults: Faults,
    pub(super) state: Mutex<State>,
    /// The request that is never answered has arrived.
    pub(super) killed: Notify,
}

pub(super) struct State {
    pub(super) start: Instant,
    pub(super) rng: Rng,
    pub(super) account: Account,
    pub(super) journal: Journal,
    /// Requests for a page so far.
    pub(super) lists: usize,
    refreshes: usize,
    /// Sessions whose owner was left with used-up tokens, although no response was lost.
    pub(super) lost_sessions: usize,
    /// When the last byte of the last whole page was sent.
    pub(super) served_at: Instant,
    /// How long the machine slept in all, with the time before that is lost with each sleep.
    pub(super) asleep: Duration,
    has_flat_sessions: bool,
    /// The listing under way did not begin at the first page, so it cannot know how many files came before.
    pub(super) is_from_the_middle: bool,
}

impl State {
    /// Requests for a token so far.
    pub(super) fn refreshes(&self) -> usize {
        self.refreshes - REFRESHES
    }

    fn refresh(
        &mut self,
        authorization: &str,
        token: &str,
        fault: Option<Fault>,
        now: SystemTime,
    ) -> Reply {
        if fault.is_some() {
            self.account.lose_response(token);
        }
        if !self.account.knows(authorization) {
            return Reply::refusal(400, "13000102", "no such session");
        }
        match self.account.refresh(&mut self.rng, now, token) {
            Some(tokens) => Reply::session(&tokens, self.has_flat_sessions),
            None => Reply::refusal(400, "13000102", "no such refresh token"),
        }
    }
}

impl Service {
    pub(super) fn new(mut rng: Rng, album: Album, clock: WallClock, faults: Faults) -> Self {
        let (start, account) = (Instant::now(), Account::new(rng.bool()));
        let state = State {
            start,
            has_flat_sessions: rng.bool(),
            rng,
            account,
            journal: Journal::new(),
            lists: 0,
            refreshes: REFRESHES,
            lost_sessions: 0,
            served_at: start,
            asleep: Duration::ZERO,
            is_from_the_middle: false,
        };
        Self { album, clock, faults, state: Mutex::new(state), killed: Notify::new() }
    }

    /// Each refresh uses up its refresh token.
    pub(super) fn with_rotation(self) -> Self {
        lock(&self.state).account.is_rotating = true;
        self
    }

    /// One request and its response, as reqwest would return it.
    pub(super) async fn exchange(
        &self,
        connection: &Connection,
        request: Request,
    ) -> reqwest::Result<Response> {
        let call = self.check(connection, &request);
        let _refresh = matches!(call, Call::Refresh { .. }).then(|| self.begin_refresh(connection));
        let plan = self.plan(connection, &request, &call);
        sleep_if(plan.timing.out).await;
        self.suspend(connection, &plan, false).await;
        match plan.fault {
            Some(Fault::Refused) => return Err(failures::refused().await),
            Some(Fault::Unreachable) => return Err(failures::timed_out(seconds(5)).await),
            Some(Fault::Lost { is_heard: false }) => return Err(failures::lost().await),
            Some(Fault::Stalled { is_noticed }) => return Err(stalled(is_noticed).await),
            _ => {}
        }
        let reply = self.reply(&request, &call, &plan);
        self.suspend(connection, &plan, true).await;
        sleep(plan.timing.work).await;
        if let Some(Fault::Slow(more)) = plan.fault {
            sleep(more).await;
        }
        if plan.fault == Some(Fault::Lost { is_heard: true }) {
            return Err(failures::lost().await);
        }
        sleep_if(plan.timing.back).await;
        self.record_reply(connection, &reply);
        let pause = if plan.is_halting { plan.timing.back } else { Duration::ZERO };
        if reply.is_page && !plan.fault.is_some_and(Fault::breaks_body) {
            lock(&self.state).served_at = Instant::now() + pause;
        }
        Ok(reply.send(plan.fault, plan.break_at, pause))
    }

    /// The machine sleeps, if that is planned for this point. It never does during a refresh: the read timeout of
    /// the real wire fires in a sleep, and the response would be lost.
    async fn suspend(&self, connection: &Connection, plan: &ExchangePlan, is_heard: bool) {
        let sleep = plan.machine_sleep.filter(|sleep| sleep.is_heard == is_heard);
        if let Some(sleep) = sleep.filter(|_| !connection.is_refreshing()) {
            lock(&self.state).asleep += sleep.length + TICK;
            advance(sleep.length).await;
        }
    }

    /// Reads a request, and records what is wrong with it.
    fn check(&self, connection: &Connection, request: &Request) -> Call {
        let (call, fault) = Call::read(request, &self.album);
        let faults = header_faults(request, &call, connection, &self.clock);
        for fault in fault.into_iter().chain(faults) {
            lock(&self.state).journal.violated(format_args!("{fault}: {}", request.url()));
        }
        call
    }

    fn begin_refresh<'a>(&self, connection: &'a Connection) -> RefreshGuard<'a> {
        let refresh = connection.begin_refresh();
        if !refresh.is_alone {
            lock(&self.state).journal.violated(format_args!("two refreshes at once"));
        }
        refresh
    }

    fn plan(&self, connection: &Connection, request: &Request, call: &Call) -> ExchangePlan {
        let state = &mut *lock(&self.state);
        let elapsed = state.start.elapsed();
        let (count, name) = match call {
            Call::List { .. } => (&mut state.lists, "list"),
            Call::Refresh { .. } => (&mut state.refreshes, "refresh"),
        };
        let number = *count;
        *count += 1;
        let rng = &mut state.rng;
        let fault = self.faults.at(rng, number, elapsed);
        if self.faults.kill == Some(number) {
            self.killed.notify_one();
        }
        let plan = ExchangePlan::new(rng, fault, self.faults.sleep_rate);
        let ExchangePlan { machine_sleep, timing, .. } = &plan;
        let (date, trace_id) = (header(request, "x-date"), header(request, "x-traceid"));
        state.journal.note(format_args!(
            "{} {name} {number} {date} {trace_id} {fault:?} {machine_sleep:?} {timing:?}",
            connection.number
        ));
        plan
    }

    /// The reply to a request that arrives now, with its date.
    fn reply(&self, request: &Request, call: &Call, plan: &ExchangePlan) -> Reply {
        let now = self.clock.now();
        let mut reply = match plan.fault.and_then(Reply::replacement) {
            Some(reply) => reply,
            None => self.answer(request, call, plan.fault, now),
        };
        // A refusal may be about the date, so it carries the time.
        let date = if reply.status == 401 { DateHeader::Right } else { plan.date };
        let Timing { work, dated, .. } = plan.timing;
        match date {
            DateHeader::Absent => {}
            DateHeader::FromCache => {
                reply.age = Some(100);
                reply.date = Some(now - seconds(100));
            }
            DateHeader::Right => reply.date = Some(now + work.mul_f64(dated)),
        }
        reply
    }

    fn answer(
        &self,
        request: &Request,
        call: &Call,
        fault: Option<Fault>,
        now: SystemTime,
    ) -> Reply {
        let state = &mut *lock(&self.state);
        let authorization = header(request, "authorization");
        if fault == Some(Fault::Revoked) {
            state.account.revoke(authorization);
        }
        match call {
            Call::List { page } => {
                let is_signed = authorization.starts_with("HMAC-SHA256 AppId=app,");
                if !is_signed && !state.account.accepts(authorization, now) {
                    return Reply::unauthorized("the token is not valid");
                }
                if !is_timely(header(request, "x-date"), now) {
                    return Reply::unauthorized("the date is not valid");
                }
                let Some(page) = *page else {
                    return Reply::refusal(400, "13000102", "no such page");
                };
                let is_damaged = fault == Some(Fault::WithoutList) && !state.is_from_the_middle;
                let damaged = is_damaged.then(|| self.album.damaged_body(page, state.rng.bool()));
                match damaged.flatten() {
                    Some(body) => Reply::success(body),
                    None => Reply::page(self.album.body(page)),
                }
            }
            Call::Refresh { token } => state.refresh(authorization, token, fault, now),
        }
    }

    fn record_reply(&self, connection: &Connection, reply: &Reply) {
        if reply.date.is_some() && reply.age.is_none() {
            connection.time_received();
        }
        let replied = format_args!("{} replied {}", connection.number, reply.status);
        lock(&self.state).journal.note(replied);
    }
}

async fn sleep_if(time: Duration) {
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
