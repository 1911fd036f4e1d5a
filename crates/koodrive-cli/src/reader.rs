//! Reads a listing patiently: waits out short outages, and reports the first failed connection.

use futures::StreamExt as _;
use koodrive::{ItemStream, Result};

use crate::{
    patience::Patience,
    progress::ProgressDisplay,
    report::{self, AccountHint},
    service::Service,
    trace,
};

pub(crate) struct Reader<'a, T> {
    pub(crate) items: ItemStream<T>,
    pub(crate) display: ProgressDisplay,
    service: &'a Service,
    patience: Patience,
}

impl<'a, T> Reader<'a, T> {
    pub(crate) fn new(
        service: &'a Service,
        items: ItemStream<T>,
        display: ProgressDisplay,
    ) -> Self {
        Self { items, display, service, patience: Patience::new(service.limits) }
    }

    /// What messages about errors need to know.
    pub(crate) fn hint(&self) -> &'a AccountHint {
        &self.service.hint
    }

    /// The next item, or an error that need not be waited for. An item that cannot be read is reported, and
    /// also an error; the listing continues after it.
    ///
    /// Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Option<Result<T>> {
        loop {
            let next = tokio::select! {
                next = self.items.next() => next,
                () = trace::connection_failed() => {
                    self.display.suspend(|| report::cannot_connect(&self.service.hint));
                    continue;
                }
            };
            match &next {
                Some(Ok(_)) => self.patience.restore(),
                Some(Err(error)) if error.is_skippable() => {
                    self.display.suspend(|| report::warning(&error.to_string()));
                }
                Some(Err(error)) if self.patience.allows(error) => continue,
                _ => {}
            }
            return next;
        }
    }
}
