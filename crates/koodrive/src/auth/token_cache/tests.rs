#![allow(clippy::arithmetic_side_effects, reason = "a test that overflows should fail")]

mod runtimes;

use std::{
    collections::VecDeque, error::Error as _, future::pending, ops::RangeInclusive,
    time::SystemTime,
};

use http::HeaderValue;
use tokio::{
    task::JoinSet,
    time::{Instant, advance, sleep, timeout},
};

use super::{super::token::TokenFuture, *};
use crate::wire::clock::TimeSource;

const CROWD: usize = 1_000;
const LIFE: u64 = 1_800;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Tokio's clock, which the tests pause and advance.
struct Ticks(Instant);

impl TimeSource for Ticks {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + seconds(1_762_153_300) + self.0.elapsed()
    }

    fn monotonic(&self) -> std::time::Instant {
        Instant::now().into_std()
    }
}

#[test]
fn what_can_help_after_a_refresh_failed_depends_on_why() {
    use ErrorKind::{Connect, Credentials, Status, Timeout, Unauthorized};
    let cause = |kind, recovery| Error::new(kind, "").with(|facts| facts.recovery = Some(recovery));
    for (kind, recovery, expected) in [
        (Timeout, Recovery::Retry, Recovery::Poll),
        (Connect, Recovery::Retry, Recovery::Retry),
        (Status, Recovery::Retry, Recovery::Retry),
        (Credentials, Recovery::None, Recovery::Poll),
        (Unauthorized, Recovery::None, Recovery::None),
    ] {
        let error = no_token(Some(Arc::new(cause(kind, recovery))), None);
        assert_eq!(error.recovery(), expected, "{kind:?}");
    }
    assert_eq!(no_token(None, None).recovery(), Recovery::None);
}

#[test]
fn only_a_runtime_with_threads_of_its_own_drives_a_refresh_that_nobody_awaits() {
    use tokio::runtime::Builder;
    let threads = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let current = Builder::new_current_thread().build().unwrap();
    assert!(threads.block_on(async { has_background() }));
    assert!(!current.block_on(async { has_background() }));
    assert!(!has_background());
}

#[derive(Clone, Copy)]
enum End {
    Give(u64),
    Fail(ErrorKind),
    Panic,
    Never,
}

/// What each call does, in turn: how many milliseconds it takes, and how it ends. The last one repeats.
#[derive(Default)]
struct Source {
    script: Mutex<VecDeque<(u64, End)>>,
    calls: Mutex<Vec<Instant>>,
    given: Mutex<Vec<Instant>>,
    ended: Arc<Mutex<usize>>,
}

impl Source {
    fn calls(&self) -> usize {
        lock(&self.calls).len()
    }

    fn ended(&self) -> usize {
        *lock(&self.ended)
    }

    fn script(&self, script: &[(u64, End)]) {
        *lock(&self.script) = script.iter().copied().collect();
    }
}

struct Counted(Arc<Mutex<usize>>);

impl Drop for Counted {
    fn drop(&mut self) {
        *lock(&self.0) += 1;
    }
}

impl TokenSource for Arc<Source> {
    fn next<'a>(&'a self, _: Option<Arc<Token>>, _: &'a Clock) -> TokenFuture<'a> {
        lock(&self.calls).push(Instant::now());
        let (takes, end) = {
            let mut script = lock(&self.script);
            let next = if script.len() > 1 { script.pop_front() } else { script.front().copied() };
            next.unwrap()
        };
        let counted = Counted(Arc::clone(&self.ended));
        Box::pin(async move {
            let _counted = counted;
            if takes > 0 {
                sleep(Duration::from_millis(takes)).await;
            }
            match end {
                End::Give(life) => {
                    lock(&self.given).push(Instant::now());
                    Ok(provided(life))
                }
                End::Fail(kind) => Err(Error::new(kind, "scripted")),
                End::Panic => panic!("scripted"),
                End::Never => pending().await,
            }
        })
    }
}

fn provided(life: u64) -> FreshToken {
    FreshToken { value: HeaderValue::from_static("Bearer t"), life: Some(seconds(life)) }
}

/// A cache whose first token, if there is one, is valid for [`LIFE`], and its source.
fn cache(has_token: bool, script: &[(u64, End)]) -> (Arc<TokenCache>, Arc<Source>) {
    let source = Arc::new(Source::default());
    source.script(script);
    let clock = Clock::new(Arc::new(Ticks(Instant::now())));
    let first = has_token.then(|| provided(LIFE));
    let mut cache = TokenCache::new(Arc::new(Arc::clone(&source)), clock, first);
    // A paused runtime has one thread, and here something always drives it.
    Arc::get_mut(&mut cache).unwrap().has_background = || true;
    (cache, source)
}

type Answer = (Result<u64>, Duration);

/// What one caller gets, as a generation, and how long it waits for it.
async fn ask(cache: Arc<TokenCache>) -> Answer {
    let start = Instant::now();
    let generation = cache.token().await.map(|token| token.generation);
    (generation, start.elapsed())
}

async fn crowd(cache: &Arc<TokenCache>) -> Vec<Answer> {
    let tasks: JoinSet<_> = (0..CROWD).map(|_| ask(Arc::clone(cache))).collect();
    tasks.join_all().await
}

/// Each got a token of `generation`, after `wait`.
fn assert_all(answers: &[Answer], generation: u64, wait: Duration) {
    for (got, waited) in answers {
        assert_eq!((got.as_ref().ok(), *waited), (Some(&generation), wait), "{got:?}");
    }
}

/// Each got an error after `wait`: no token, because of a failure of kind `cause`.
fn assert_failed(answers: &[Answer], cause: ErrorKind, retry_after: Duration, wait: Duration) {
    for (got, waited) in answers {
        let error = got.as_ref().unwrap_err();
        assert_eq!((error.kind(), *waited), (ErrorKind::Credentials, wait), "{error}");
        assert_eq!(error.retry_after(), Some(retry_after), "{error}");
        let source = error.source().unwrap();
        let source = source.downcast_ref::<Arc<Error>>().map(|error| error.kind());
        assert_eq!(source, Some(cause), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_tasks_share_one_refresh_ahead_of_expiry_without_waiting() {
    for takes in [0, 300, 20_000] {
        let (cache, source) = cache(true, &[(takes, End::Give(LIFE))]);
        advance(seconds(1_499)).await;
        assert_all(&crowd(&cache).await, 0, Duration::ZERO);
        assert_eq!(source.calls(), 0);

        advance(seconds(80)).await;
        assert_all(&crowd(&cache).await, 0, Duration::ZERO);
        sleep(Duration::from_millis(takes + 1)).await;

        assert_all(&crowd(&cache).await, 1, Duration::ZERO);
        assert_eq!(source.calls(), 1, "a refresh of {takes} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_refresh_delays_only_callers_whose_token_has_expired() {
    let (cache, source) = cache(true, &[(20_000, End::Give(LIFE))]);
    advance(seconds(1_780)).await;
    for _ in 0..10 {
        assert_all(&crowd(&cache).await, 0, Duration::ZERO);
        sleep(seconds(1)).await;
    }
    assert_all(&crowd(&cache).await, 1, seconds(10)); // the old one is no longer valid
    assert_eq!(source.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_token_a_failing_refresh_is_tried_once_a_window_and_fails_all_who_wait() {
    let (cache, source) = cache(true, &[(500, End::Fail(ErrorKind::Status))]);
    advance(seconds(LIFE)).await;
    for (round, pause) in [1, 2, 4, 8, 16, 32, 60, 60].into_iter().enumerate() {
        let calls = round + 1;
        let failed = crowd(&cache).await;
        assert_failed(&failed, ErrorKind::Status, seconds(pause), Duration::from_millis(500));
        assert_eq!(source.calls(), calls);

        advance(seconds(pause) - Duration::from_millis(1)).await;
        let paused = crowd(&cache).await;
        assert_failed(&paused, ErrorKind::Status, Duration::from_millis(1), Duration::ZERO);
        assert_eq!(source.calls(), calls, "within the window");
        advance(Duration::from_millis(1)).await;
    }
    source.script(&[(500, End::Give(LIFE))]);
    assert_all(&crowd(&cache).await, 1, Duration::from_millis(500));
    assert_eq!(source.calls(), 9);
}

#[tokio::test(start_paused = true)]
async fn while_a_token_is_valid_a_failing_refresh_is_not_noticed() {
    // An unanswered refresh is not repeated before it must be.
    for (kind, expected) in [
        (ErrorKind::Status, 8..=10),
        (ErrorKind::Timeout, 1..=1),
        (ErrorKind::Throttled, 1..=1), // without a status, as HTTP/2 does it
    ] {
        let (cache, source) = cache(true, &[(500, End::Fail(kind))]);
        advance(seconds(1_499)).await;
        for _ in 1_499..1_790 {
            let (got, waited) = ask(Arc::clone(&cache)).await;
            assert_eq!((got.unwrap(), waited), (0, Duration::ZERO));
            sleep(seconds(1)).await;
        }
        let calls = source.calls();
        assert!(expected.contains(&calls), "{calls} calls in 290 s of {kind:?}");

        sleep(seconds(60)).await;
        source.script(&[(500, End::Give(LIFE))]);
        assert_all(&crowd(&cache).await, 1, Duration::from_millis(500));
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_refused_after_an_unanswered_refresh_is_refreshed_at_once() {
    let (cache, source) = cache(true, &[(500, End::Fail(ErrorKind::Timeout)), (0, End::Give(9))]);
    advance(seconds(1_600)).await;
    assert_all(&crowd(&cache).await, 0, Duration::ZERO);
    sleep(seconds(2)).await;

    cache.refused(0);

    assert_all(&crowd(&cache).await, 1, Duration::ZERO);
    assert_eq!(source.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn cancelled_callers_do_not_cancel_the_refresh() {
    let (cache, source) = cache(false, &[(1_000, End::Give(LIFE))]);
    let mut tasks: Vec<_> = (0..CROWD).map(|_| tokio::spawn(ask(Arc::clone(&cache)))).collect();
    sleep(Duration::from_millis(500)).await;
    let others = tasks.split_off(CROWD / 2);
    tasks.iter().for_each(tokio::task::JoinHandle::abort);

    for task in others {
        assert_all(&[task.await.unwrap()], 0, seconds(1));
    }
    assert_eq!(source.calls(), 1);

    // Not even if no caller is left.
    cache.refused(0);
    assert!(timeout(Duration::from_millis(1), cache.token()).await.is_err());
    sleep(seconds(1)).await;
    assert_all(&crowd(&cache).await, 1, Duration::ZERO);
    assert_eq!(source.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_panics_fails_all_who_wait_and_the_next_one_works() {
    let (cache, source) = cache(false, &[(0, End::Panic), (200, End::Panic), (0, End::Give(LIFE))]);
    let failed = crowd(&cache).await;
    assert_failed(&failed, ErrorKind::Credentials, seconds(1), Duration::ZERO);
    advance(seconds(1)).await;
    let failed = crowd(&cache).await;
    assert_failed(&failed, ErrorKind::Credentials, seconds(2), Duration::from_millis(200));
    assert_eq!(source.calls(), 2);

    advance(seconds(2)).await;
    assert_all(&crowd(&cache).await, 0, Duration::ZERO);
    assert_eq!(source.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_never_ends_times_out_after_half_a_minute() {
    let (cache, source) = cache(false, &[(0, End::Never), (0, End::Give(LIFE))]);
    assert_failed(&crowd(&cache).await, ErrorKind::Timeout, seconds(1), seconds(30));
    assert_eq!((source.calls(), source.ended()), (1, 1));

    advance(seconds(1)).await;
    assert_all(&crowd(&cache).await, 0, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn only_refusals_of_the_newest_token_cause_a_refresh() {
    let (cache, source) = cache(true, &[(300, End::Give(LIFE))]);
    for (generation, expected, wait) in [(0, 1, 300), (0, 1, 0), (1, 2, 300), (0, 2, 0), (1, 2, 0)]
    {
        let tasks: JoinSet<_> = (0..CROWD)
            .map(|_| {
                let cache = Arc::clone(&cache);
                async move {
                    cache.refused(generation);
                    ask(cache).await
                }
            })
            .collect();
        let answers = tasks.join_all().await;
        assert_all(&answers, expected, Duration::from_millis(wait));
        assert_eq!(source.calls() as u64, expected, "after refusals of {generation}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_consumer_sees_no_error_in_24_hours() {
    const DAY: u64 = 24 * 3_600;
    // Asking each minute refreshes 1,500 to 1,635 s after the last time, asking rarely each time.
    let rates: [(u64, RangeInclusive<usize>); 3] =
        [(60, 52..=57), (600, 46..=49), (3_600, 23..=24)];
    for (every, expected) in rates {
        let (cache, source) = cache(false, &[(2_000, End::Give(LIFE))]);
        let (start, mut asked, mut late) = (Instant::now(), 0, 0);
        while start.elapsed() < seconds(DAY) {
            let token = cache.token().await.unwrap();
            let given = *lock(&source.given).get(token.generation as usize).unwrap();
            late += usize::from(given.elapsed() > seconds(LIFE - 10));
            asked += 1;
            sleep(seconds(every)).await;
        }
        assert_eq!(late, 0, "tokens of {asked} too old");
        let calls = source.calls();
        assert!(expected.contains(&calls), "{calls} refreshes, asked {asked} times");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_with_a_life_of_a_second_causes_no_busy_loop() {
    let (cache, source) = cache(false, &[(50, End::Give(1))]);
    let start = Instant::now();
    let mut asked = 0;
    while start.elapsed() < seconds(10) {
        cache.token().await.unwrap();
        asked += 1;
        sleep(Duration::from_millis(1)).await;
    }
    let calls = source.calls();
    assert!((10..=13).contains(&calls), "{calls} refreshes, asked {asked} times in 10 s");
}
