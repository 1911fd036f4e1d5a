//! What the library does, as it happens, from its spans and events: a line each on standard error
//! (`--verbose`) and, as JSON, in a file (`--log`). Also the first failed connection, for a warning.
//!
//! The library keeps secrets out of its spans.

use std::{
    fmt::Debug,
    fs::File,
    io::{self, Write as _},
    path::PathBuf,
    sync::{Mutex, Once},
    time::Instant,
};

use anyhow::Context as _;
use jiff::Timestamp;
use serde::Serializer as _;
use serde_json::Value;
use tokio::sync::Notify;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    layer::{Context, Layer, SubscriberExt as _},
    registry::LookupSpan,
};

use crate::{config::Everywhere, private_file, report, text::sanitized};

/// The library's target.
const TARGET: &str = "koodrive";
/// Its span of one request, which is told only once it has ended.
const ATTEMPT: &str = "attempt";

static CONNECTION_FAILED: Notify = Notify::const_new();

/// Returns at the first failed connection, once; afterwards never.
pub(crate) async fn connection_failed() {
    CONNECTION_FAILED.notified().await;
}

/// Starts to listen, for the rest of the process.
///
/// # Errors
///
/// If the log cannot be opened.
pub(crate) fn install(args: &Everywhere) -> anyhow::Result<()> {
    let open = |path: &PathBuf| {
        let file = private_file::append(path);
        file.with_context(|| format!("cannot write the log {}", path.display()))
    };
    let log = args.log.as_ref().map(open).transpose()?.map(Mutex::new);
    let (is_verbose, connect_failure, log_failure) = (args.verbose, Once::new(), Once::new());
    let trace = Trace { is_verbose, log, connect_failure, log_failure };
    // Nothing else in the command sets one.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(trace));
    Ok(())
}

struct Trace {
    is_verbose: bool,
    log: Option<Mutex<File>>,
    connect_failure: Once,
    log_failure: Once,
}

/// The fields of a span or an event, in their order.
#[derive(Default)]
struct Fields(Vec<(&'static str, Value)>);

/// A span under way.
struct Open {
    fields: Fields,
    began: Instant,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Trace {
    /// Spans cost time, so they exist only if they are told.
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let is_told = self.is_verbose || self.log.is_some();
        metadata.target() == TARGET && (is_told || metadata.is_event())
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if span.name() != ATTEMPT {
            self.tell(&format!("{} began", span.name()), &fields);
        }
        span.extensions_mut().insert(Open { fields, began: Instant::now() });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(open) = span.extensions_mut().get_mut::<Open>()
        {
            values.record(&mut open.fields);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(Open { mut fields, began }) = span.extensions_mut().remove() else { return };
        let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        fields.set("took_ms", took.into());
        let ended = if span.name() == ATTEMPT { "" } else { " ended" };
        self.tell(&format!("{}{ended}", span.name()), &fields);
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        if fields.has("error.type", "Connect") {
            self.connect_failure.call_once(|| CONNECTION_FAILED.notify_one());
        }
        let message =
            fields.remove("message").unwrap_or_else(|| event.metadata().name().to_owned());
        self.tell(&message, &fields);
    }
}

impl Trace {
    fn tell(&self, what: &str, fields: &Fields) {
        let now = Timestamp::now();
        if self.is_verbose {
            let time = now.strftime("%H:%M:%S%.3f");
            report::note(&format!("{time} {what}{}", fields.line()));
        }
        let Some(log) = &self.log else { return };
        let written = fields.json(&now.to_string(), what).and_then(|line| {
            let mut log = log.lock().map_err(|_| io::Error::other("another thread panicked"))?;
            log.write_all(&line)
        });
        if let Err(error) = written {
            let warn = || report::warning(&format!("cannot write the log: {error}"));
            self.log_failure.call_once(warn);
        }
    }
}

impl Fields {
    fn set(&mut self, name: &'static str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    fn has(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(known, of)| *known == name && of == value)
    }

    fn remove(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(known, _)| *known == name)?;
        self.0.remove(at).1.as_str().map(str::to_owned)
    }

    /// ` page=2 attempt=1 error=Timeout`
    fn line(&self) -> String {
        let field = |(name, value): &(&str, Value)| {
            let name = name.trim_start_matches("http.response.").trim_end_matches(".type");
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!(" {name}={}", sanitized(&value))
        };
        self.0.iter().map(field).collect()
    }

    fn json(&self, time: &str, what: &str) -> io::Result<Vec<u8>> {
        let head = [("time", Value::from(time)), ("what", Value::from(what))];
        let mut line = Vec::new();
        let mut serializer = serde_json::Serializer::new(&mut line);
        serializer.collect_map(head.iter().chain(&self.0).map(|(name, value)| (name, value)))?;
        line.push(b'\n');
        Ok(line)
    }
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.set(field.name(), format!("{value:?}").into());
    }
}
