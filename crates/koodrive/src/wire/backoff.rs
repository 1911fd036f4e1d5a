//! Pauses that double with each failure in a row.

use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
}

impl Backoff {
    /// The pause after one failure and `more` that followed it.
    pub(crate) fn after(self, more: u32) -> Duration {
        self.first.saturating_mul(2_u32.saturating_pow(more)).min(self.longest)
    }

    /// The same with full jitter: a random share of the pause, from 0 to 1.
    pub(crate) fn jittered(self, more: u32, share: f32) -> Duration {
        let longest = self.after(more);
        // `mul_f32` panics where rounding exceeds the longest duration.
        Duration::try_from_secs_f32(longest.as_secs_f32() * share).unwrap_or(longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let seconds = Duration::from_secs;
        let backoff = Backoff { first: seconds(1), longest: seconds(60) };
        let pauses: Vec<u64> = (0..8).map(|more| backoff.after(more).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff.after(u32::MAX), seconds(60));
        assert_eq!(backoff.jittered(2, 0.5), seconds(2));

        let endless = Backoff { first: Duration::MAX, longest: Duration::MAX };
        assert_eq!(endless.jittered(1, 1.0), Duration::MAX);
    }
}
