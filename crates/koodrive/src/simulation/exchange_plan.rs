//! How an exchange goes, decided before it begins.

use fastrand::Rng;

use super::faults::{Fault, MachineSleep, Timing};

pub(super) struct ExchangePlan {
    pub(super) fault: Option<Fault>,
    pub(super) machine_sleep: Option<MachineSleep>,
    pub(super) timing: Timing,
    /// Where a body breaks, from 0 to 1.
    pub(super) break_at: f64,
    /// The body arrives in two parts.
    pub(super) is_halting: bool,
    pub(super) date: DateHeader,
}

impl ExchangePlan {
    pub(super) fn new(rng: &mut Rng, fault: Option<Fault>, sleep_rate: f64) -> Self {
        Self {
            fault,
            machine_sleep: (rng.f64() < sleep_rate).then(|| MachineSleep::random(rng)),
            timing: Timing::random(rng),
            break_at: rng.f64(),
            is_halting: rng.bool(),
            date: DateHeader::random(rng),
        }
    }
}

/// What a response says about the time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum DateHeader {
    Absent,
    FromCache,
    Right,
}

impl DateHeader {
    fn random(rng: &mut Rng) -> Self {
        match rng.u8(..20) {
            0 => Self::Absent,
            1 => Self::FromCache,
            _ => Self::Right,
        }
    }
}
