//! Reads a listing patiently: waits out short outages, reports the first failed connection and what cannot be
//! read, and shows how far it got.

use futures::StreamExt as _;
use koodrive::{Error, ItemStream, Result};

use crate::{
    exit::Ended, patience::Patience, progress::ProgressDisplay, report, service::Service, trace,
};

pub(crate) struct Reader<'a, T> {
    pub(crate) items: ItemStream<T>,
    pub(crate) display: ProgressDisplay,
    /// The most items that can come. `None` if the service's total says nothing about their number.
    most: Option<u64>,
    pub(crate) service: &'a Service,
    patience: Patience,
}

impl<'a, T> Reader<'a, T> {
    pub(crate) fn new(
        service: &'a Service,
        items: ItemStream<T>,
        display: ProgressDisplay,
        most: Option<u64>,
    ) -> Self {
        Self { items, display, most, service, patience: Patience::new(service.limits) }
    }

    /// How many items could not be read, which was reported.
    pub(crate) fn unreadable(&self) -> u64 {
        self.items.progress().unreadable
    }

    /// The next item; `None` after the last. An error need not be waited for.
    ///
    /// Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Option<T>> {
        loop {
            let next = tokio::select! {
                next = self.items.next() => next.transpose(),
                () = trace::connection_failed() => {
                    self.display.suspend(|| report::cannot_connect(&self.service.hint));
                    continue;
                }
            };
            match next {
                Err(error) if error.is_skippable() => {
                    self.display.suspend(|| report::warning(&error.to_string()));
                }
                Err(error) if self.patience.allows(&error) => {}
                Err(error) => return Err(error),
                Ok(next) => {
                    self.patience.restore();
                    self.show();
                    return Ok(next);
                }
            }
        }
    }

    fn show(&self) {
        let progress = self.items.progress();
        let total = progress.total.zip(self.most).map(|(total, most)| total.min(most));
        self.display.show(progress.items, total);
    }

    /// Reports why the listing failed, which ends the command.
    pub(crate) fn fail(&self, error: Error) -> Ended {
        self.display.clear();
        report::listing_error(error, &self.service.hint)
    }
}
