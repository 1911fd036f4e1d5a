//! The state of a stream: its size hint, its end and its progress.

use futures::{Stream, StreamExt as _, stream::FusedStream};
use koodrive_testing::{AlbumServer, Fault};
use serde_json::json;

use super::{
    in_tens,
    paged::{PagedMock, page},
};

type Hint = (usize, Option<usize>);

/// Polls to the end, and checks the hint before each poll against the number of items that followed.
async fn honest_hints(mut stream: impl Stream + Unpin) -> Vec<Hint> {
    let mut hints = vec![stream.size_hint()];
    while stream.next().await.is_some() {
        hints.push(stream.size_hint());
        assert!(hints.len() < 100, "the stream does not end");
    }
    let all = hints.len() - 1;
    for (out, (lower, upper)) in hints.iter().enumerate() {
        let left = all - out;
        assert!(*lower <= left, "after {out}: {left} left, at least {lower} promised");
        assert!(upper.is_none_or(|upper| upper >= left), "after {out}: {left} left of {upper:?}");
    }
    hints
}

fn exact(left: impl Iterator<Item = usize>) -> Vec<Hint> {
    left.map(|left| (left, Some(left))).collect()
}

#[tokio::test]
async fn the_size_hint_is_honest_and_exact_on_the_last_page() {
    let server = AlbumServer::builder().files(25).start().await;

    let hints = honest_hints(in_tens(&server).stream()).await;

    assert_eq!(hints.len(), 26);
    assert_eq!(hints[21..], exact((0..5).rev()));
}

#[tokio::test]
async fn the_size_hint_is_honest_for_an_empty_or_rejected_listing() {
    let server = AlbumServer::builder().files(0).start().await;

    let whole = honest_hints(in_tens(&server).stream()).await;
    let refused = honest_hints(in_tens(&server).page_size(0).stream()).await;

    assert_eq!((whole.len(), refused.len()), (1, 2));
    assert_eq!(refused[1], (0, Some(0)));
}

#[tokio::test]
async fn the_size_hint_counts_errors_as_items() {
    let fault = |number, status| {
        AlbumServer::builder().files(25).fault(number, Fault::status(status)).start()
    };
    let (transient, last) = (fault(1, 503).await, fault(2, 401).await);
    let broken = PagedMock::start(|_| {
        let mut page = page(&[], None);
        page["contentList"] = json!([{"id": "a"}, null, {"id": "c"}, null]);
        page
    })
    .await;
    let circle = PagedMock::start(|_| page(&["a", "b"], Some("A"))).await;

    let hints = [
        honest_hints(in_tens(&transient).stream()).await,
        honest_hints(in_tens(&last).stream()).await,
        honest_hints(circle.album().stream()).await,
    ];
    let of_broken = honest_hints(broken.album().stream()).await;
    let readable = honest_hints(broken.album().stream().split().0).await;

    assert_eq!(hints.map(|hints| hints.len() - 1), [25 + 1, 20 + 1, 2 + 2 + 1]);
    assert_eq!(of_broken[1..], exact((0..4).rev()));
    assert_eq!(readable.len() - 1, 2);
}

#[tokio::test]
async fn the_size_hint_ignores_the_total() {
    let server = PagedMock::start(|cursor| {
        let mut page = page(&["a", "b"], cursor.is_empty().then_some("A"));
        page["total"] = json!(if cursor.is_empty() { 1_u64 } else { u64::MAX });
        page
    })
    .await;

    let hints = honest_hints(server.album().stream()).await;

    assert_eq!(hints.len(), 5);
    assert_eq!(hints[3..], exact((0..2).rev()));
}

#[tokio::test]
async fn the_size_hints_of_pages_and_split_files_are_honest() {
    let server = AlbumServer::builder().files(25).fault(7, Fault::status(401)).start().await;

    let pages = honest_hints(in_tens(&server).pages()).await;
    let (files, _outcome) = in_tens(&server).stream().split();
    let files = honest_hints(files).await;
    let (cut_short, outcome) = in_tens(&server).stream().split();
    let cut_short = honest_hints(cut_short).await;

    assert_eq!([pages, files, cut_short].map(|hints| hints.len() - 1), [3, 25, 10]);
    assert!(outcome.result().is_err());
}

/// Polls to the end. The stream may not be terminated before its last item is out.
async fn ends_when_it_says_so(mut stream: impl FusedStream + Unpin) -> usize {
    let mut items = 0;
    loop {
        let was_terminated = stream.is_terminated();
        match stream.next().await {
            Some(_) => assert!(!was_terminated, "terminated after {items} items"),
            None => break,
        }
        items += 1;
    }
    assert!(stream.is_terminated());
    assert!(stream.next().await.is_none() && stream.is_terminated());
    items
}

#[tokio::test]
async fn a_stream_is_terminated_only_after_its_last_item() {
    let server = AlbumServer::builder().files(25).fault(7, Fault::status(401)).start().await;

    let files = ends_when_it_says_so(in_tens(&server).stream()).await;
    let pages = ends_when_it_says_so(in_tens(&server).pages()).await;
    let with_error = ends_when_it_says_so(in_tens(&server).stream()).await;
    let refused = ends_when_it_says_so(in_tens(&server).page_size(101).stream()).await;
    let refused_pages = ends_when_it_says_so(in_tens(&server).page_size(101).pages()).await;

    assert_eq!([files, pages, with_error], [25, 3, 10 + 1]);
    assert_eq!([refused, refused_pages], [1, 1]);
    assert_eq!(server.received_requests().len(), 3 + 3 + 2);
}

#[tokio::test]
async fn a_new_stream_is_not_terminated_even_for_an_empty_album() {
    let server = AlbumServer::builder().files(0).start().await;
    let mut files = in_tens(&server).stream();

    let before = files.is_terminated();
    let first = files.next().await;

    assert!(!before && first.is_none() && files.is_terminated());
}

#[tokio::test]
async fn progress_counts_only_the_files_yielded() {
    let server = AlbumServer::builder().files(25).fault(1, Fault::status(503)).start().await;
    let mut files = in_tens(&server).stream();
    let mut seen = Vec::new();

    loop {
        let progress = files.progress();
        seen.push((progress.items, progress.pages, progress.total));
        if files.next().await.is_none() {
            break;
        }
    }

    assert_eq!(seen[0], (0, 0, None));
    assert_eq!(seen[10], (10, 1, Some(25)));
    assert_eq!(seen[11], (10, 1, Some(25)), "an error was counted");
    assert_eq!(seen[12], (11, 2, Some(25)));
    assert_eq!(seen[26..], [(25, 3, Some(25))]);
}
