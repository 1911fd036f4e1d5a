//! How fast bytes may arrive: a transfer that is ahead of the rate is not polled, and so does not read.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::{Mutex, PoisonError},
    task::ready,
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

pub(crate) struct Pace {
    bytes_per_second: Option<u64>,
    /// When the bytes that have arrived would have, at the rate.
    due: Mutex<Instant>,
}

impl Pace {
    pub(crate) fn new(bytes_per_second: Option<u64>) -> Self {
        Self { bytes_per_second, due: Mutex::new(Instant::now()) }
    }

    pub(super) fn charge(&self, bytes: u64) {
        let Some(rate) = self.bytes_per_second else { return };
        let nanos = u128::from(bytes).saturating_mul(1_000_000_000).checked_div(rate.into());
        let nanos = nanos.and_then(|nanos| u64::try_from(nanos).ok()).unwrap_or(u64::MAX);
        let time = Duration::from_nanos(nanos);
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        *due = (*due).max(Instant::now()).checked_add(time).unwrap_or(*due);
    }

    /// Runs a transfer no faster than all of them together may be.
    pub(super) async fn keep<T>(&self, transfer: impl Future<Output = T>) -> T {
        let (mut transfer, mut pause) = (pin!(transfer), pin!(sleep_until(Instant::now())));
        poll_fn(|cx| {
            let due = *self.due.lock().unwrap_or_else(PoisonError::into_inner);
            if due > Instant::now() {
                pause.as_mut().reset(due);
                ready!(pause.as_mut().poll(cx));
            }
            transfer.as_mut().poll(cx)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn transfer(pace: &Pace) {
        for _ in 0..10 {
            pace.charge(100);
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn transfers_together_keep_the_rate() {
        let (pace, start) = (Pace::new(Some(1_000)), Instant::now());
        tokio::join!(pace.keep(transfer(&pace)), pace.keep(transfer(&pace)));
        assert!(start.elapsed() >= Duration::from_millis(1_700), "{:?}", start.elapsed());
        let start = Instant::now();
        pace.keep(transfer(&Pace::new(None))).await;
        assert!(start.elapsed() <= Duration::from_millis(300), "{:?}", start.elapsed());
    }
}
