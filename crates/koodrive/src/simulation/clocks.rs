//! Wall clocks of the client and of the service. They may be wrong, and may jump.

use std::time::{Duration, SystemTime};

use fastrand::Rng;
use tokio::time::Instant;

use super::seconds;
use crate::wire::clock::TimeSource;

/// A clock that is fast by `error` milliseconds, and by those of `jump` as well after the time there.
#[derive(Clone, Copy)]
pub(super) struct WallClock {
    start: Instant,
    error: i64,
    jump: Option<(Duration, i64)>,
}

impl WallClock {
    /// The right time.
    pub(super) fn right() -> Self {
        Self { start: Instant::now(), error: 0, jump: None }
    }

    /// The clock of a machine: wrong by anything from milliseconds to years.
    pub(super) fn wrong(rng: &mut Rng) -> Self {
        let error = match rng.u8(..8) {
            0 => rng.i64(-3_600_000..3_600_000),
            1 => rng.i64(-100_000_000_000..100_000_000_000),
            2 => rng.i64(50_000..70_000),
            _ => rng.i64(-2_000..2_000),
        };
        Self { error, ..Self::right() }
    }

    /// Fast by `error` milliseconds.
    pub(super) fn fast_by(self, error: i64) -> Self {
        Self { error, ..self }
    }

    pub(super) fn with_jump(self, rng: &mut Rng) -> Self {
        let (after, by) = (seconds(rng.u64(..20_000)), rng.i64(-3_600_000..3_600_000));
        Self { jump: Some((after, by)), ..self }
    }

    /// When it jumps back.
    pub(super) fn put_back_at(&self) -> Option<Instant> {
        self.jump.filter(|(_, by)| *by < 0).map(|(after, _)| self.start + after)
    }

    /// When it jumps forward.
    pub(super) fn put_forward_at(&self) -> Option<Instant> {
        self.jump.filter(|(_, by)| *by > 0).map(|(after, _)| self.start + after)
    }
}

impl TimeSource for WallClock {
    fn now(&self) -> SystemTime {
        let passed = self.start.elapsed();
        let jumped = self.jump.filter(|(after, _)| passed >= *after).map_or(0, |(_, by)| by);
        let error = self.error + jumped;
        let right = SystemTime::UNIX_EPOCH + seconds(1_762_153_300) + passed;
        let wrong_by = Duration::from_millis(error.unsigned_abs());
        if error < 0 { right - wrong_by } else { right + wrong_by }
    }

    fn monotonic(&self) -> std::time::Instant {
        Instant::now().into_std()
    }
}
