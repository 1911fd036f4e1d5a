//! Work that may take for ever, on a thread of its own: the process does not wait for it when it ends, as a runtime
//! would.

use std::thread;

use anyhow::Context as _;
use tokio::sync::oneshot;

pub(crate) async fn detached<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> anyhow::Result<T> {
    let (sender, receiver) = oneshot::channel();
    thread::Builder::new().spawn(move || drop(sender.send(work())))?;
    receiver.await.context("a thread was lost")
}
