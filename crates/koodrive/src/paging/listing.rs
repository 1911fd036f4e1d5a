//! An operation that lists, and the calls that bring its pages.

use std::sync::Arc;

use tracing::{Instrument as _, Span};

use super::{
    background::in_background,
    bounds::Bounds,
    page::{Batch, Page},
    page_loop::{PageLoop, PageRequest},
    pages::Pages,
};
use crate::{
    calls::{
        call::{Origin, call},
        context::{Client, Context},
    },
    checkpoint::Checkpoint,
    error::Result,
    telemetry::{self, Asked},
    wire::operation::Operation,
};

/// What is listed. Its [`PageCall`] is an [`Operation`].
pub(crate) trait Listing: Send + Sync + 'static {
    type Item: Send + 'static;
}

/// The call for one page. A page-numbered operation spells the number as its cursor.
pub(crate) struct PageCall<'a, L> {
    pub(crate) context: &'a Context,
    pub(crate) listing: &'a L,
    pub(crate) request: &'a PageRequest,
}

/// A listing with what all its calls need.
pub(crate) struct ListQuery<L> {
    pub(crate) client: Client,
    pub(crate) listing: L,
    pub(crate) start: Checkpoint,
    pub(crate) trace_id: Option<String>,
    pub(crate) span: Span,
    /// Which end it lists from, if there are two.
    pub(crate) end: Option<&'static str>,
}

impl<L: Listing> ListQuery<L>
where
    for<'a> PageCall<'a, L>: Operation<Output = Batch<L::Item>>,
{
    /// All pages. In the background, a page arrives even while nobody polls for it.
    pub(crate) fn pages(self, bounds: Bounds<L::Item>, is_in_background: bool) -> Pages<L::Item> {
        let (start, limit) = (self.start.clone(), self.client.0.timeouts.page);
        let query = Arc::new(self);
        let pages = PageLoop::new(start.clone(), bounds).pages(limit, move |request| {
            let query = Arc::clone(&query);
            let fetch = move || Arc::clone(&query).fetch(request.clone());
            async move {
                match is_in_background {
                    true => in_background(limit, fetch).await,
                    false => fetch().await,
                }
            }
        });
        Pages::new(start, pages)
    }

    /// The first page alone.
    pub(crate) async fn send(self, bounds: Bounds<L::Item>) -> Result<Page<L::Item>> {
        let mut page_loop = PageLoop::new(self.start.clone(), bounds);
        match Arc::new(self).fetch(page_loop.request()).await {
            Ok((batch, origin)) => Ok(page_loop.accept(batch, origin).0),
            Err(error) => Err(page_loop.place(error)),
        }
    }

    async fn fetch(self: Arc<Self>, request: PageRequest) -> Result<(Batch<L::Item>, Origin)> {
        let number = request.start.pages.saturating_add(1);
        let asked = Asked { page: Some(number), end: self.end };
        let context = &*self.client.0;
        let operation = PageCall { context, listing: &self.listing, request: &request };
        let call = call(context, &operation, self.trace_id.as_deref(), asked);
        let (batch, origin) = call.instrument(self.span.clone()).await?;
        telemetry::items(&origin.span, batch.items.len());
        Ok((batch, origin))
    }
}
