//! How many retries all clones of a client may make together.

use std::sync::atomic::{AtomicU32, Ordering};

/// A bucket of tokens: a retry takes some, and success returns some. While a service is down, nothing
/// succeeds, so it is asked once per page and not ten times.
#[derive(Debug)]
pub(crate) struct Budget {
    tokens: AtomicU32,
    capacity: u32,
}

impl Budget {
    const RETRY: u32 = 5;
    const FIRST_SUCCESS: u32 = 1;

    pub(crate) fn new(retries: u32) -> Self {
        let capacity = retries.saturating_mul(Self::RETRY);
        Self { tokens: AtomicU32::new(capacity), capacity }
    }

    /// Takes the tokens for a retry. Returns false if there are not enough.
    pub(crate) fn pay(&self) -> bool {
        self.change(|tokens| tokens.checked_sub(Self::RETRY))
    }

    /// A call succeeded, at its first attempt or after a retry.
    pub(crate) fn earn(&self, was_retried: bool) {
        let earned = if was_retried { Self::RETRY } else { Self::FIRST_SUCCESS };
        self.change(|tokens| Some(tokens.saturating_add(earned).min(self.capacity)));
    }

    fn change(&self, change: impl FnMut(u32) -> Option<u32>) -> bool {
        self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spend(budget: &Budget) -> usize {
        std::iter::repeat_with(|| budget.pay()).take_while(|paid| *paid).take(1_000).count()
    }

    #[test]
    fn retries_spend_the_budget_and_success_earns_it_back() {
        let budget = Budget::new(20);
        assert_eq!(spend(&budget), 20);

        budget.earn(true);
        assert_eq!(spend(&budget), 1);
        for _ in 0..4 {
            budget.earn(false);
        }
        assert_eq!(spend(&budget), 0);
        budget.earn(false);
        assert_eq!(spend(&budget), 1);
    }

    #[test]
    fn a_budget_never_exceeds_its_capacity() {
        let budget = Budget::new(2);
        for _ in 0..100 {
            budget.earn(true);
        }
        assert_eq!(spend(&budget), 2);
        assert_eq!(spend(&Budget::new(0)), 0);
        assert_eq!(spend(&Budget::new(u32::MAX)), 1_000);
    }
}
