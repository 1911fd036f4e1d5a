//! Work that makes progress even when it is not polled.

use std::{future::poll_fn, mem::replace, panic::resume_unwind, task::Poll, time::Duration};

use tokio::{task::JoinSet, time::sleep};

use crate::{
    calls::stopwatch::{LONGEST_GAP, Stopwatch, TICK},
    error::{Error, ErrorKind, Result},
};

/// Runs `work` as a task of its own, which is aborted when this future is dropped. If the runtime of the
/// task shuts down, the work is done again here.
///
/// If `work` takes longer than `limit`, its runtime is no longer driven, and that is a timeout. The first poll
/// may only have started the task, so the time counts from the second. The error of `work` itself says more,
/// so it has a little longer.
pub(super) async fn in_background<T, F>(limit: Duration, work: impl Fn() -> F) -> Result<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let mut task = JoinSet::new(); // aborts its tasks when it is dropped
    task.spawn(work());
    let limit = limit.saturating_add(LONGEST_GAP);
    let (mut is_started, mut stopwatch, mut timer) = (false, None, None);
    let joined = poll_fn(|cx| {
        if let Poll::Ready(joined) = task.poll_join_next(cx) {
            return Poll::Ready(Some(joined));
        }
        if !replace(&mut is_started, true) {
            return Poll::Pending;
        }
        if stopwatch.get_or_insert_with(Stopwatch::start).spent() >= limit {
            return Poll::Ready(None);
        }
        // A new timer for each poll: it belongs to the runtime that polls, which may be another each time.
        let _ = timer.insert(Box::pin(sleep(TICK))).as_mut().poll(cx);
        Poll::Pending
    });
    match joined.await {
        Some(Some(Ok(output))) => output,
        Some(Some(Err(error))) if error.is_panic() => resume_unwind(error.into_panic()),
        Some(_) => work().await,
        None => Err(Error::new(
            ErrorKind::Timeout,
            "the Tokio runtime that was fetching the page is no longer running",
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        panic::AssertUnwindSafe,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use futures::FutureExt as _;
    use tokio::{
        runtime::{Builder, Runtime},
        time::Instant,
    };

    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);

    fn paused() -> Runtime {
        Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
    }

    #[test]
    fn a_page_on_a_runtime_that_nobody_drives_is_a_timeout_for_its_consumer() {
        let mut page = Box::pin(in_background(LIMIT, || async { Ok(7) }));
        let idle = paused();
        assert!(idle.block_on(async { (&mut page).now_or_never() }).is_none());

        let (outcome, waited) = paused().block_on(async {
            let start = Instant::now();
            (page.await, start.elapsed())
        });

        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout);
        assert!((LIMIT..LIMIT + Duration::from_secs(10)).contains(&waited), "{waited:?}");
        drop(idle);
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_arrives_long_before_it_is_needed_is_not_late() {
        let mut page = Box::pin(in_background(LIMIT, || async { Ok(7) }));
        assert!((&mut page).now_or_never().is_none());
        tokio::time::sleep(100 * LIMIT).await;
        assert_eq!(page.await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_panic_while_a_page_is_fetched_reaches_its_consumer_and_is_not_repeated() {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let page = in_background(LIMIT, move || {
            counted.fetch_add(1, Ordering::Relaxed);
            async { if true { panic!("a bug") } else { Ok(7) } }
        });
        assert!(AssertUnwindSafe(page).catch_unwind().await.is_err());
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_page_whose_runtime_is_shut_down_is_fetched_here() {
        let mut page = Box::pin(in_background(LIMIT, || async { Ok(7) }));
        let gone = paused();
        assert!(gone.block_on(async { (&mut page).now_or_never() }).is_none());
        drop(gone);
        assert_eq!(paused().block_on(page).unwrap(), 7);
    }
}
