//! All logs, traces and panics of all crates in this process, at the finest level.

use std::fmt::{Debug, Write as _};
use std::panic::{self, PanicHookInfo};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::keep_spans_and_events;

static SEEN: AtomicUsize = AtomicUsize::new(0);
static KEPT: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Records from now on, on all threads.
pub(super) fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        log::set_logger(&Logs).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        keep_spans_and_events();
        tracing::subscriber::set_global_default(Traces).unwrap();
        let former = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            keep_panic(panic);
            former(panic);
        }));
    });
}

/// The number of records so far.
pub(super) fn seen() -> usize {
    SEEN.load(Ordering::Relaxed)
}

/// The records that may show a secret.
pub(super) fn suspicious() -> Vec<String> {
    kept().clone()
}

/// Keeps only what is worth searching, since the other tests of the binary are recorded too.
fn keep(text: String) {
    SEEN.fetch_add(1, Ordering::Relaxed);
    if text.contains("Canary") || text.contains("Signature=") {
        kept().push(text);
    }
}

fn kept() -> MutexGuard<'static, Vec<String>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ignores the panics of tests: a failing test may show its reason.
fn keep_panic(panic: &PanicHookInfo<'_>) {
    if panic.location().is_none_or(|place| !Path::new(place.file()).starts_with("tests")) {
        keep(panic.to_string());
    }
}

struct Logs;

impl log::Log for Logs {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        keep(format!("{}: {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}

struct Traces;

impl Subscriber for Traces {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut text = Text(span.metadata().name().to_owned());
        span.record(&mut text);
        keep(text.0);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut text = Text(String::new());
        values.record(&mut text);
        keep(text.0);
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(event.metadata().target().to_owned());
        event.record(&mut text);
        keep(text.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The fields of a span or an event.
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}
