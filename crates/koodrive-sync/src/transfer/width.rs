//! How many transfers run side by side: fewer once the service is too busy, and more again while it is not.

use std::time::Duration;

use tokio::time::Instant;

pub(super) struct Width {
    pub(super) most: usize,
    now: usize,
    successes: usize,
    pause: Option<Instant>,
}

impl Width {
    pub(super) fn new(jobs: usize) -> Self {
        Self { most: jobs, now: jobs, successes: 0, pause: None }
    }

    pub(super) fn has_room(&self, under_way: usize) -> bool {
        self.pause.is_none() && under_way < self.now
    }

    /// Until when no transfer begins.
    pub(super) fn pause(&self) -> Option<Instant> {
        self.pause
    }

    pub(super) fn resume(&mut self) {
        self.pause = None;
    }

    pub(super) fn narrow(&mut self, pause: Duration) {
        self.now = self.now.div_ceil(2);
        self.successes = 0;
        self.pause = self.pause.max(Instant::now().checked_add(pause));
    }

    /// One more, once as many files were fetched as are now side by side.
    pub(super) fn widen(&mut self) {
        self.successes = self.successes.saturating_add(1);
        if self.successes >= self.now {
            self.now = self.now.saturating_add(1).min(self.most);
            self.successes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_service_gets_half_and_then_step_by_step_all_again() {
        let mut width = Width::new(4);
        let mut room = |step: fn(&mut Width)| {
            step(&mut width);
            (0..10).filter(|under_way| width.has_room(*under_way)).count()
        };
        assert_eq!(room(|_| ()), 4);
        assert_eq!(room(|width| width.narrow(Duration::MAX)), 2);
        assert_eq!(room(|width| width.narrow(Duration::from_secs(1))), 0, "it pauses");
        assert_eq!(room(Width::resume), 1, "never none");
        let steps: Vec<_> = (0..12).map(|_| room(Width::widen)).collect();
        assert_eq!(steps, [2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4]);
    }
}
