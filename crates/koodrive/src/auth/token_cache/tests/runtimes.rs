//! Refreshes whose caller, client or runtime goes away.

use std::{sync::mpsc, thread};

use tokio::{runtime::Runtime, task::yield_now};

use super::*;

#[tokio::test(start_paused = true)]
async fn a_refresh_reaches_its_end_after_the_client_is_dropped() {
    let (cache, source) = cache(true, &[(1_000, End::Give(LIFE))]);
    advance(seconds(1_600)).await;
    assert_all(&crowd(&cache).await, 0, Duration::ZERO);
    yield_now().await;
    assert_eq!((source.calls(), source.ended()), (1, 0));

    drop(cache);
    sleep(seconds(2)).await;

    assert_eq!((lock(&source.given).len(), Arc::strong_count(&source)), (1, 1));
}

#[test]
fn on_a_current_thread_runtime_the_caller_waits_for_the_refresh() {
    let (mut cache, source) = cache(true, &[(1_000, End::Give(LIFE))]);
    Arc::get_mut(&mut cache).unwrap().has_background = has_background;
    let runtime = paused();
    runtime.block_on(advance(seconds(1_600)));

    let (generation, waited) = runtime.block_on(ask(Arc::clone(&cache)));

    assert_eq!((generation.unwrap(), waited), (1, seconds(1)));
    assert_eq!((source.calls(), source.ended()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn settle_waits_for_the_refresh_under_way_and_for_nothing_else() {
    let (cache, source) = cache(true, &[(1_000, End::Give(LIFE))]);
    cache.settle().await;
    advance(seconds(1_600)).await;
    assert_all(&[ask(Arc::clone(&cache)).await], 0, Duration::ZERO);
    assert_eq!(source.ended(), 0);

    cache.settle().await;

    assert_eq!((source.calls(), lock(&source.given).len()), (1, 1));
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

fn paused() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}

#[test]
fn a_refresh_whose_runtime_is_shut_down_is_started_again_on_another() {
    let (cache, source) = cache(false, &[(0, End::Never), (0, End::Give(LIFE))]);
    let first = runtime();
    let none = first.block_on(async { timeout(Duration::from_millis(5), cache.token()).await });
    assert!(none.is_err());

    let (told, hears) = mpsc::channel();
    let waiting = thread::spawn({
        let cache = Arc::clone(&cache);
        move || {
            runtime().block_on(async {
                let mut token = std::pin::pin!(ask(cache));
                assert!(timeout(Duration::from_millis(5), &mut token).await.is_err());
                told.send(()).unwrap();
                token.await.0
            })
        }
    });
    hears.recv().unwrap();
    assert_eq!((source.calls(), source.ended()), (1, 0));
    let ended = cache.ended.subscribe();
    drop(first);
    assert!(ended.has_changed().unwrap(), "nobody was woken");

    assert_eq!(waiting.join().unwrap().unwrap(), 0);
    assert_eq!(source.calls(), 2);
}

#[test]
fn a_refresh_on_a_runtime_that_is_no_longer_driven_is_started_again_on_another() {
    let (cache, source) = cache(false, &[(0, End::Never), (0, End::Give(LIFE))]);
    let idle = runtime();
    let none = idle.block_on(async { timeout(Duration::from_millis(5), cache.token()).await });
    assert!(none.is_err());

    let waiting = thread::spawn({
        let cache = Arc::clone(&cache);
        || paused().block_on(ask(cache))
    });

    let (token, waited) = waiting.join().unwrap();
    assert_eq!(token.unwrap(), 0);
    assert!((seconds(34)..seconds(36)).contains(&waited), "{waited:?}");
    assert_eq!(source.calls(), 2);
    drop(idle); // and with it the lost refresh
    let (token, _) = runtime().block_on(ask(cache));
    assert_eq!(token.unwrap(), 0);
}

#[test]
fn settle_does_not_wait_for_ever_for_a_runtime_that_is_no_longer_driven() {
    let (cache, _) = cache(false, &[(0, End::Never)]);
    let idle = runtime();
    let none = idle.block_on(async { timeout(Duration::from_millis(5), cache.token()).await });
    assert!(none.is_err());

    let settled = paused().block_on(async { timeout(seconds(60), cache.settle()).await });

    assert!(settled.is_ok());
}
