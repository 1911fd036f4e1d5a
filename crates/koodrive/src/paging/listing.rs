//! An operation that lists, and the calls that bring its pages.

use std::sync::Arc;

use futures_core::Stream;
use tracing::{Instrument as _, Span};

use super::{
    background::in_background,
    bounds::Bounds,
    page::{Batch, Page},
    page_loop::{PageLoop, PageRequest},
};
use crate::{
    calls::{
        call::{CallOptions, Called, call},
        context::Client,
    },
    checkpoint::Checkpoint,
    error::{Error, Result},
    telemetry::{self, PageNumber},
    wire::operation::Operation,
};

/// What is listed. A page-numbered operation spells the number as its cursor.
pub(crate) trait Listing: Send + Sync + 'static {
    type Item: Send + 'static;

    /// The call for one page.
    fn page(&self, request: &PageRequest) -> impl Operation<Output = Batch<Self::Item>>;
}

/// A listing with everything that its calls need.
pub(crate) struct ListQuery<L: Listing> {
    pub(crate) client: Client,
    pub(crate) listing: L,
    pub(crate) start: Checkpoint,
    pub(crate) bounds: Bounds<L::Item>,
    pub(crate) trace_id: Option<String>,
    pub(crate) span: Span,
    /// Which end it lists from, if there are two.
    pub(crate) end: Option<&'static str>,
}

impl<L: Listing> ListQuery<L> {
    /// All pages. In the background, a page arrives even while nobody polls for it.
    pub(crate) fn pages(
        self,
        in_the_background: bool,
    ) -> impl Stream<Item = Result<Page<L::Item>>> + Send + 'static {
        let limit = self.client.0.timeouts.page;
        let (page_loop, caller) = self.split();
        page_loop.pages(limit, move |request| {
            let caller = Arc::clone(&caller);
            let fetch = move || Arc::clone(&caller).fetch(request.clone());
            async move {
                if in_the_background { in_background(limit, fetch).await } else { fetch().await }
            }
        })
    }

    /// The first page alone.
    pub(crate) async fn send(self) -> Result<Page<L::Item>> {
        let (mut page_loop, caller) = self.split();
        let outcome = caller.fetch(page_loop.request()).await;
        match outcome {
            Ok(called) => Ok(page_loop.accept(called).0),
            Err(error) => Err(page_loop.place(error)),
        }
    }

    fn split(self) -> (PageLoop<L::Item>, Arc<Caller<L>>) {
        let Self { client, listing, start, bounds, trace_id, span, end } = self;
        (PageLoop::new(start, bounds), Arc::new(Caller { client, listing, trace_id, span, end }))
    }
}

/// Makes the calls of a listing.
struct Caller<L> {
    client: Client,
    listing: L,
    trace_id: Option<String>,
    span: Span,
    end: Option<&'static str>,
}

impl<L: Listing> Caller<L> {
    async fn fetch(self: Arc<Self>, request: PageRequest) -> Result<Called<Batch<L::Item>>> {
        let page = Some(PageNumber { page: request.number, end: self.end });
        let options = CallOptions { trace_id: self.trace_id.as_deref(), page };
        let operation = self.listing.page(&request);
        let called = call(&self.client.0, &operation, options).instrument(self.span.clone());
        let called = called.await?;
        telemetry::items(&called.span, called.output.items.len());
        Ok(blamed(called))
    }
}

/// Adds to the errors within a batch which request brought it.
fn blamed<T>(mut called: Called<Batch<T>>) -> Called<Batch<T>> {
    let Called { output, trace_id, attempts, .. } = &mut called;
    let blame = |error: Error| error.with_trace_id(trace_id).with_attempts(*attempts);
    let unreadable = std::mem::take(&mut output.unreadable);
    output.unreadable =
        unreadable.into_iter().map(|(index, error)| (index, blame(error))).collect();
    called
}
