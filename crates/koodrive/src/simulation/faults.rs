//! Which requests fail, and how: at a rate, during an outage, or by a script.

use std::{collections::BTreeMap, time::Duration};

use fastrand::Rng;

use super::{millis, seconds};

/// `Retry-After`, in either form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RetryAfter {
    Seconds(u64),
    Date(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// No connection.
    Refused,
    /// No connection, and no answer that says so.
    Unreachable,
    /// The connection breaks, before or after the request arrives.
    Lost {
        is_heard: bool,
    },
    LostInBody,
    /// Complete as HTTP, but incomplete as JSON.
    Cut,
    /// No response, until the read timeout of the real wire or for ever.
    Stalled {
        is_noticed: bool,
    },
    StalledInBody,
    Slow(Duration),
    Status(u16, Option<RetryAfter>),
    /// A throttle code with status 200.
    ThrottledUnder200,
    Html,
    /// `{}`
    Nothing,
    Empty,
    /// An error in the form of the gateway.
    Gateway,
    /// The token is not valid any more.
    Revoked,
    /// A page without its `contentList`.
    WithoutList,
}

const STATUSES: [u16; 7] = [500, 502, 503, 504, 408, 425, 429];

impl Fault {
    pub(super) fn random(rng: &mut Rng) -> Self {
        match rng.u8(..19) {
            0 => Self::Refused,
            1 => Self::Unreachable,
            2 => Self::Lost { is_heard: rng.bool() },
            3 => Self::LostInBody,
            4 => Self::Cut,
            5 => Self::Stalled { is_noticed: rng.bool() },
            6 => Self::StalledInBody,
            7 => Self::Slow(millis(rng.u64(..40_000))),
            8 => Self::ThrottledUnder200,
            9 => Self::Html,
            10 => Self::Nothing,
            11 => Self::Empty,
            12 => Self::Gateway,
            13 => Self::Revoked,
            14 => Self::WithoutList,
            _ => Self::Status(STATUSES[rng.usize(..7)], Self::retry_after(rng)),
        }
    }

    pub(super) fn breaks_body(self) -> bool {
        matches!(self, Self::LostInBody | Self::Cut | Self::StalledInBody)
    }

    fn retry_after(rng: &mut Rng) -> Option<RetryAfter> {
        match rng.u8(..4) {
            0 => Some(RetryAfter::Seconds(rng.u64(..10))),
            1 => Some(RetryAfter::Date(rng.u64(..10))),
            _ => None,
        }
    }

    fn of_an_outage(rng: &mut Rng) -> Self {
        match rng.u8(..4) {
            0 => Self::Refused,
            1 => Self::Lost { is_heard: false },
            _ => Self::Status(if rng.bool() { 503 } else { 502 }, None),
        }
    }
}

/// The faults of one run.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    /// The fraction of requests with a fault.
    pub(super) rate: f64,
    /// The fraction of requests during which the machine sleeps.
    pub(super) sleep_rate: f64,
    /// From when, and for how long, the service is down.
    pub(super) outage: Option<(Duration, Duration)>,
    /// Whether the service may ask clients to wait for hours, and clocks may jump.
    pub(super) is_extreme: bool,
    /// Faults by the number of the request, instead of all of the above.
    pub(super) script: Option<BTreeMap<usize, Fault>>,
    /// The number of the request at which the consumer is killed. It is never answered.
    pub(super) kill: Option<usize>,
}

impl Faults {
    pub(super) fn at(&self, rng: &mut Rng, number: usize, elapsed: Duration) -> Option<Fault> {
        if self.kill == Some(number) {
            return Some(Fault::Stalled { is_noticed: false });
        }
        if let Some(script) = &self.script {
            return script.get(&number).copied();
        }
        if self.outage.is_some_and(|(from, length)| from <= elapsed && elapsed < from + length) {
            return Some(Fault::of_an_outage(rng));
        }
        match rng.f64() < self.rate {
            true if self.is_extreme && rng.u8(..50) == 0 => {
                Some(Fault::Status(503, Some(RetryAfter::Seconds(rng.u64(..86_400)))))
            }
            true => Some(Fault::random(rng)),
            false => None,
        }
    }
}

/// The machine is suspended while a request is under way: all clocks jump, and nothing is done in between.
#[derive(Clone, Copy, Debug)]
pub(super) struct MachineSleep {
    pub(super) length: Duration,
    /// Before the request arrives, or before its response does.
    pub(super) is_heard: bool,
}

impl MachineSleep {
    pub(super) fn random(rng: &mut Rng) -> Self {
        let longest = if rng.bool() { 5_000 } else { 600_000 };
        Self { length: millis(rng.u64(1..longest)), is_heard: rng.bool() }
    }
}

/// How long the parts of an exchange take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    pub(super) out: Duration,
    pub(super) work: Duration,
    pub(super) back: Duration,
    /// When during the work the response is dated, from 0 to 1.
    pub(super) dated: f64,
}

impl Timing {
    pub(super) fn random(rng: &mut Rng) -> Self {
        let way = |rng: &mut Rng| if rng.bool() { Duration::ZERO } else { millis(rng.u64(..100)) };
        let work = if rng.u8(..20) == 0 { seconds(3) } else { millis(rng.u64(1..200)) };
        Self { out: way(rng), work, back: way(rng), dated: rng.f64() }
    }
}
