//! The time that was spent on something, without the time in which the whole machine slept.

use std::{pin::pin, time::Duration};

use tokio::time::{Instant, timeout};

/// A stopwatch must be read at least this often.
pub(crate) const TICK: Duration = Duration::from_secs(1);

/// A longer gap between two ticks is sleep: the machine was suspended, or the process stopped.
pub(crate) const LONGEST_GAP: Duration = Duration::from_secs(5);

pub(crate) struct Stopwatch {
    spent: Duration,
    last_tick: Instant,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self { spent: Duration::ZERO, last_tick: Instant::now() }
    }

    /// The time spent so far. Each call is a tick.
    pub(crate) fn spent(&mut self) -> Duration {
        let now = Instant::now();
        let gap = now.saturating_duration_since(self.last_tick);
        if gap <= LONGEST_GAP {
            self.spent = self.spent.saturating_add(gap);
        }
        self.last_tick = now;
        self.spent
    }

    /// Ticks during `work`.
    pub(crate) async fn during<F: Future>(&mut self, work: F) -> F::Output {
        let mut work = pin!(work);
        loop {
            let output = timeout(TICK, work.as_mut()).await;
            self.spent();
            if let Ok(output) = output {
                return output;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{advance, sleep};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn time_in_which_the_machine_slept_is_not_spent() {
        let mut stopwatch = Stopwatch::start();
        stopwatch.during(sleep(Duration::from_secs(20))).await;
        assert_eq!(stopwatch.spent(), Duration::from_secs(20));

        advance(Duration::from_secs(65)).await;
        assert_eq!(stopwatch.spent(), Duration::from_secs(20));

        advance(Duration::from_secs(5)).await;
        assert_eq!(stopwatch.spent(), Duration::from_secs(25));
    }
}
