//! Work that gets on while nobody polls for it.

use std::panic::resume_unwind;

use tokio::{runtime::Handle, task::JoinSet};

/// What `work` makes comes to, from a task of its own, which is aborted if nobody waits for it any
/// more. Without a runtime, or where it is gone meanwhile, from here.
pub(crate) async fn in_background<F>(work: impl Fn() -> F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    let Ok(runtime) = Handle::try_current() else {
        return work().await;
    };
    let mut task = JoinSet::new(); // aborts what is in it when it is dropped
    task.spawn_on(work(), &runtime);
    match task.join_next().await {
        Some(Ok(output)) => output,
        Some(Err(error)) if error.is_panic() => resume_unwind(error.into_panic()),
        Some(Err(_)) | None => work().await,
    }
}
