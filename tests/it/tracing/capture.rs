//! A subscriber that keeps the spans and events of `koodrive` on this thread.

use std::collections::HashMap;
use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{DefaultGuard, set_default};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use crate::support::keep_spans_and_events;

/// A span or an event.
#[derive(Clone)]
pub(super) struct Captured {
    pub(super) id: u64,
    pub(super) parent: Option<u64>,
    /// The message, for an event.
    pub(super) name: String,
    pub(super) target: &'static str,
    pub(super) level: Level,
    fields: Vec<(&'static str, String)>,
}

impl Captured {
    /// Empty if there is no such field.
    pub(super) fn field(&self, name: &str) -> String {
        let field = self.fields.iter().find(|(field, _)| *field == name);
        field.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// All fields except these.
    pub(super) fn without<const N: usize>(&self, names: [&str; N]) -> String {
        let mut text = String::new();
        for (field, value) in self.fields.iter().filter(|(field, _)| !names.contains(field)) {
            write!(text, " {field}={value}").unwrap();
        }
        text.trim_start().to_owned()
    }
}

/// Captures until it is dropped.
pub(super) struct Capture {
    kept: Arc<Mutex<Kept>>,
    _guard: DefaultGuard,
}

#[derive(Default)]
struct Kept {
    spans: Vec<Captured>,
    events: Vec<Captured>,
    /// In the order of closing.
    closed: Vec<u64>,
    /// The numbers of spans by their ids, which the registry reuses.
    numbers: HashMap<u64, u64>,
}

impl Capture {
    pub(super) fn start() -> Self {
        keep_spans_and_events();
        let kept = Arc::<Mutex<Kept>>::default();
        let subscriber = tracing_subscriber::registry().with(CaptureLayer(Arc::clone(&kept)));
        Self { kept, _guard: set_default(subscriber) }
    }

    pub(super) fn spans(&self, name: &str) -> Vec<Captured> {
        let kept = self.kept.lock().unwrap();
        kept.spans.iter().filter(|span| span.name == name).cloned().collect()
    }

    pub(super) fn only(&self, name: &str) -> Captured {
        let spans = self.spans(name);
        assert_eq!(spans.len(), 1, "spans {name}");
        spans[0].clone()
    }

    pub(super) fn events(&self) -> Vec<Captured> {
        self.kept.lock().unwrap().events.clone()
    }

    pub(super) fn is_closed(&self, span: &Captured) -> bool {
        self.kept.lock().unwrap().closed.contains(&span.id)
    }

    pub(super) fn closed_before(&self, one: &Captured, other: &Captured) -> bool {
        let closed = self.kept.lock().unwrap().closed.clone();
        let place = |captured: &Captured| closed.iter().position(|id| *id == captured.id);
        place(one).is_some_and(|one| place(other).is_none_or(|other| one < other))
    }
}

struct CaptureLayer(Arc<Mutex<Kept>>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for CaptureLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let metadata = attributes.metadata();
        let parent = context.span(id).unwrap().parent().map(|parent| parent.id().into_u64());
        let mut kept = self.0.lock().unwrap();
        let number = kept.spans.len() as u64;
        let parent = parent.and_then(|id| kept.numbers.get(&id).copied());
        kept.numbers.insert(id.into_u64(), number);
        let mut captured = Captured {
            id: number,
            parent,
            name: metadata.name().to_owned(),
            target: metadata.target(),
            level: *metadata.level(),
            fields: Vec::new(),
        };
        attributes.record(&mut captured);
        kept.spans.push(captured);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut kept = self.0.lock().unwrap();
        let number = kept.numbers[&id.into_u64()];
        values.record(&mut kept.spans[number as usize]);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        if metadata.target() != "koodrive" {
            return;
        }
        let mut kept = self.0.lock().unwrap();
        let parent = context.event_span(event).map(|span| span.id().into_u64());
        let parent = parent.and_then(|id| kept.numbers.get(&id).copied());
        let (target, level) = (metadata.target(), *metadata.level());
        let mut captured =
            Captured { id: 0, parent, name: String::new(), target, level, fields: Vec::new() };
        event.record(&mut captured);
        let message = captured.fields.iter().position(|(field, _)| *field == "message");
        captured.name = message.map(|place| captured.fields.remove(place).1).unwrap_or_default();
        kept.events.push(captured);
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        let mut kept = self.0.lock().unwrap();
        let number = kept.numbers[&id.into_u64()];
        kept.closed.push(number);
    }
}

impl Visit for Captured {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.push((field.name(), value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.push((field.name(), format!("{value:?}")));
    }
}
