//! The query of an album listing: what every page request repeats, the text of it that a checkpoint keeps,
//! and the call for one page.

use std::{fmt, num::NonZeroU32, sync::Arc};

use bytes::Bytes;
use koodrive_api::{Client as Api, RESERVED, types};
use percent_encoding::utf8_percent_encode;
use tracing::{Span, debug_span, field};

use super::{content::AlbumContent, decode, order::Order};
use crate::{
    checkpoint::Checkpoint,
    cursor::Cursor,
    error::Result,
    input::{self, number},
    paging::{
        bounds,
        listing::{Listing, PageCall},
        page::Batch,
        page_loop::PageRequest,
    },
    telemetry,
    wire::operation::{Answer, Operation, Reply},
};

/// What every page request of a listing repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListContentQuery {
    pub(super) album_id: String,
    pub(super) page_size: PageSize,
    pub(super) order: Order,
}

/// The size of pages, and the setting that it follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PageSize {
    /// What is sent.
    pub(super) size: u32,
    /// What the caller set, or the largest size.
    pub(super) setting: u32,
}

impl PageSize {
    /// Not checked yet.
    pub(super) fn new(setting: Option<u32>, max_items: Option<u64>) -> Self {
        let setting = setting.unwrap_or(input::LARGEST_PAGE);
        Self { size: bounds::page_size(setting, max_items), setting }
    }
}

impl ListContentQuery {
    pub(super) fn check(&self) -> Result<()> {
        input::album_id(&self.album_id)?;
        input::page_size(self.page_size.setting)?;
        input::page_size(self.page_size.size)
    }

    /// Reads what `Display` writes, if it is valid.
    pub(super) fn parse(key: &str) -> Option<Self> {
        let (album_id, rest) = key.split_once(':')?;
        let (page_size, order) = rest.split_once(':')?;
        let (size, setting) = page_size.split_once('/').unwrap_or((page_size, page_size));
        let page_size = PageSize { size: number(size)?, setting: number(setting)? };
        let (album_id, order) = (album_id.to_owned(), Order::parse(order)?);
        let query = Self { album_id, page_size, order };
        query.check().is_ok().then_some(query)
    }

    /// The span of a whole listing.
    pub(super) fn span(&self) -> Span {
        debug_span!(
            target: telemetry::TARGET,
            "list_album_content",
            album_id = self.album_id,
            page_size = self.page_size.size,
            sort_type = self.order.by.map(field::debug),
            sort_direction = self.order.direction.map(field::debug),
            unordered = self.order.is_from_both_ends.then_some(true),
        )
    }
}

/// The key of a checkpoint: `<album>:<page size>:<order>`, with the page size as `<size>/<setting>` where
/// the two differ.
impl fmt::Display for ListContentQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { album_id, page_size: PageSize { size, setting }, order } = self;
        let album_id = utf8_percent_encode(album_id, RESERVED); // it may not be checked yet
        if size == setting {
            write!(f, "{album_id}:{size}:{order}")
        } else {
            write!(f, "{album_id}:{size}/{setting}:{order}")
        }
    }
}

/// The vendor's "Listing Album Files".
impl Listing for ListContentQuery {
    type Item = AlbumContent;
}

/// `GET /koodrive/ose/v1/album/{albumId}/list`.
impl Operation for PageCall<'_, ListContentQuery> {
    type Wire = types::AlbumContentPage;
    type Output = Batch<AlbumContent>;

    const IS_PAGE: bool = true;

    async fn send(&self, api: &Api, date: &str, trace_id: &str) -> Reply<Self::Wire> {
        let ListContentQuery { album_id, page_size, order } = self.listing;
        api.list_album_files(
            album_id,
            self.request.start.cursor.as_ref().map(Cursor::as_str),
            NonZeroU32::new(page_size.size),
            order.direction.map(Into::into),
            order.by.map(Into::into),
            date,
            Some(trace_id),
            &self.context.user_id,
            self.context.language.as_deref(),
        )
        .await
    }

    fn decode(&self, wire: Option<Self::Wire>, body: &Bytes) -> Result<Answer<Self::Output>> {
        let PageRequest { start, listed } = self.request;
        let mut answer = match wire {
            Some(wire) => decode::from_wire(wire, body, *listed),
            None => decode::from_bytes(body, *listed),
        }?;
        if let Answer::Output(batch) = &mut answer {
            let page = Arc::new(Checkpoint { taken: 0, ..start.clone() });
            batch.items.iter_mut().for_each(|file| file.set_page(&page));
        }
        Ok(answer)
    }

    fn secrets(&self) -> Vec<&str> {
        let cursor = self.request.start.cursor.as_ref().map(Cursor::as_str);
        [Some(self.context.user_id.as_str()), cursor].into_iter().flatten().collect()
    }
}
