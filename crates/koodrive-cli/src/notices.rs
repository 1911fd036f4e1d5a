//! The first failed connection of a command, from the library's `tracing` events, so that it is reported
//! while the client keeps trying.

use std::{
    fmt::Debug,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// The library's target.
const TARGET: &str = "koodrive";

/// Waits for the first failed connection.
pub(crate) struct ConnectionNotice(Arc<Notify>);

impl ConnectionNotice {
    /// Starts to listen, for the rest of the process.
    pub(crate) fn listen() -> Self {
        let notify = Arc::new(Notify::new());
        let listener = Listener { notify: Arc::clone(&notify), has_failed: AtomicBool::new(false) };
        // Nothing else in the command sets one.
        let _ = tracing::subscriber::set_global_default(listener);
        Self(notify)
    }

    /// Returns at the first failed connection, once; afterwards never.
    pub(crate) async fn wait(&self) {
        self.0.notified().await;
    }
}

/// Reads the events of retries, and has no use for spans.
struct Listener {
    notify: Arc<Notify>,
    has_failed: AtomicBool,
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target() == TARGET
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut is_connect = IsConnect(false);
        event.record(&mut is_connect);
        if is_connect.0 && !self.has_failed.swap(true, Ordering::Relaxed) {
            self.notify.notify_one();
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Whether an event is about an error of kind `Connect`.
struct IsConnect(bool);

impl Visit for IsConnect {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0 |= field.name() == "error.type" && format!("{value:?}") == "Connect";
    }
}
