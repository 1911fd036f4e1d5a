//! Work that gets on while nobody polls it.

use std::panic::resume_unwind;

use tokio::task::JoinSet;

/// Runs `work` as a task of its own, which is aborted when this future is dropped. If the runtime of the
/// task shuts down, the work is done again here.
pub(super) async fn in_background<F>(work: impl Fn() -> F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    let mut task = JoinSet::new(); // aborts its tasks when it is dropped
    task.spawn(work());
    match task.join_next().await {
        Some(Ok(output)) => output,
        Some(Err(error)) if error.is_panic() => resume_unwind(error.into_panic()),
        Some(Err(_)) | None => work().await,
    }
}
