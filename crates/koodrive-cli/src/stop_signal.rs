//! Ctrl-C and SIGTERM.
//!
//! The first signal asks to stop. The second one exits at once, because the program may be blocked: in a write
//! to a pipe that nobody reads, or in the digest of a large file.

use std::{io, process, thread, time::Duration};

use futures::FutureExt as _;
use tokio::{runtime, sync::watch, time::sleep};

use crate::exit::{Ended, Exit};

/// Signals so soon after the first one belong to it: `timeout` sends one to the program and one to its group.
const AT_ONCE: Duration = Duration::from_millis(200);

/// Whether a signal asked to stop, and which one.
#[derive(Clone)]
pub(crate) struct StopSignal(watch::Receiver<Option<Exit>>);

impl StopSignal {
    /// Starts to handle signals, which then no longer end the program by themselves. They are handled on a thread
    /// of their own: the program's runtime, when it ends, handles none, and waits for what is blocked.
    pub(crate) fn listen() -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let mut signals = {
            let _inside = runtime.enter();
            Signals::new()?
        };
        let (sender, receiver) = watch::channel(None);
        let handle = async move {
            let first = signals.next().await;
            sender.send_replace(Some(first));
            sleep(AT_ONCE).await;
            while signals.next().now_or_never().is_some() {}
            let second = signals.next().await;
            process::exit(second as i32);
        };
        thread::Builder::new().spawn(move || runtime.block_on(handle))?;
        Ok(Self(receiver))
    }

    /// Why to stop, if a signal arrived.
    pub(crate) fn reason(&self) -> Option<Exit> {
        *self.0.borrow()
    }

    /// Does some work, unless a signal arrives before it is done.
    pub(crate) async fn unless<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Ended> {
        tokio::select! {
            done = work => Ok(done),
            reason = self.wait() => Err(Ended(reason)),
        }
    }

    /// Waits for a signal.
    pub(crate) async fn wait(&mut self) -> Exit {
        match self.0.wait_for(Option::is_some).await {
            Ok(reason) => (*reason).unwrap_or(Exit::Terminated),
            Err(_) => Exit::Terminated, // the runtime is shutting down
        }
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let [interrupt, terminate] = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
        Ok(Self { interrupt: interrupt?, terminate: terminate? })
    }

    async fn next(&mut self) -> Exit {
        tokio::select! {
            _ = self.interrupt.recv() => Exit::Interrupted,
            _ = self.terminate.recv() => Exit::Terminated,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Exit {
        // An error means that there is no console, so there is no Ctrl-C.
        match tokio::signal::ctrl_c().await {
            Ok(()) => Exit::Interrupted,
            Err(_) => std::future::pending().await,
        }
    }
}
