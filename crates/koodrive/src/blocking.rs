//! For programs without async (feature `blocking`): the same operations, run to their end on the thread that
//! asks.
//!
//! Build and configure everything as an async program does, then hand what would be awaited to [`wait`], and a
//! stream to [`iter`]:
//!
//! ```no_run
//! use koodrive::{AccessToken, Client, SortDirection, SortType, blocking};
//!
//! fn main() -> koodrive::Result<()> {
//!     let client = Client::builder()
//!         .user_id("1765263620687613825")
//!         .credentials(AccessToken::new("eyJ…"))
//!         .build()?;
//!     let newest_first = client
//!         .list_album_content("1795607640592646273")
//!         .sort_type(SortType::ShootingTime)
//!         .sort_direction(SortDirection::Descending);
//!     for (number, file) in blocking::iter(newest_first.stream()).take(10).enumerate() {
//!         let file = file?;
//!         let download = client.download(&file).to_path(format!("photos/{number}"));
//!         println!("{} bytes", blocking::wait(download)?.bytes);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! One background thread, started at the first call, drives connections, read-ahead and token refreshes, also
//! between two calls. It lives as long as the process. So before a program with a [`Session`](crate::Session)
//! ends, it should wait for a refresh under way: `blocking::wait(client.settle())`.
//!
//! In an async program these functions block a thread that others wait for. Use the stream itself there.

use std::{
    future::{Future, poll_fn},
    io,
    pin::{Pin, pin},
    sync::{Arc, LazyLock},
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use futures_core::Stream;
use tokio::{
    runtime::{Builder, EnterGuard, Runtime},
    task::unconstrained,
};

/// Runs a future of this crate to its end.
///
/// If the system cannot start the background thread, the future fails as it does outside a Tokio runtime, and a
/// warning in the log says why.
pub fn wait<F: Future>(future: F) -> F::Output {
    let _inside = enter();
    let waker = Waker::from(Arc::new(Parked(thread::current())));
    let mut context = Context::from_waker(&waker);
    // A task of Tokio's may poll only so often before it yields, and one that blocks never does.
    let mut future = pin!(unconstrained(future));
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// The items of a stream of this crate, one by one: the files of an album, its pages, or the bytes of a file.
///
/// Nothing is sent before the first item is asked for. It may be asked again after an error, or after the end,
/// as the stream may.
pub fn iter<S: Stream + Unpin>(stream: S) -> Iter<S> {
    Iter { stream }
}

/// The items of a stream; from [`iter`].
#[derive(Debug)]
#[must_use = "iterators do nothing unless asked for an item"]
pub struct Iter<S> {
    stream: S,
}

impl<S> Iter<S> {
    /// The stream, for its [checkpoint](crate::ItemStream::checkpoint) or its
    /// [progress](crate::ItemStream::progress).
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// The stream, to go on with the rest of it.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: Stream + Unpin> Iterator for Iter<S> {
    type Item = S::Item;

    fn next(&mut self) -> Option<S::Item> {
        wait(poll_fn(|context| Pin::new(&mut self.stream).poll_next(context)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

/// The thread that waits for a future.
struct Parked(Thread);

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// With a worker thread, what is spawned goes on between two calls; a current-thread runtime would stand still.
static RUNTIME: LazyLock<io::Result<Runtime>> = LazyLock::new(|| {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).thread_name("koodrive").enable_all();
    builder.build().inspect_err(|error| tracing::warn!(%error, "cannot start a thread"))
});

/// Not `Runtime::block_on`, which panics where an async program calls it by mistake.
fn enter() -> Option<EnterGuard<'static>> {
    RUNTIME.as_ref().ok().map(Runtime::enter)
}
