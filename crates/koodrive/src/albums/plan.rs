//! A listing that was checked: where it starts, and how a page of it is fetched.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use futures_core::Stream;
use tracing::{Instrument as _, Span};

use crate::{
    albums::list_content::ListAlbumContent,
    albums::listing::Listing,
    albums::sort::{SortDirection, SortType},
    calls::call::fetch_page,
    checkpoint::Checkpoint,
    client::Client,
    cursor::Cursor,
    error::{Error, Result},
    input::{self, LARGEST_PAGE},
    paging::background::in_background,
    paging::bounds::{self, Bounds},
    paging::page::AlbumContentPage,
    paging::page_loop as pagination,
    telemetry::{self as trace, Place},
};

pub(crate) struct Plan {
    client: Client,
    pub(crate) start: Checkpoint,
    trace_id: Option<String>,
    bounds: Bounds,
    span: Span,
    /// Which end of the album it is, where there are two.
    end: Option<&'static str>,
    /// How many pages it has fetched.
    pages: AtomicU64,
}

impl Plan {
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for what cannot be listed.
    pub(crate) fn new(wanted: &ListAlbumContent) -> Result<Self> {
        let plan = Self::checked(wanted)?;
        let span = trace::listing(&plan.start.listing);
        Ok(Self { span, ..plan })
    }

    /// Without a span.
    fn checked(wanted: &ListAlbumContent) -> Result<Self> {
        input::album_id(&wanted.album_id)?;
        wanted.trace_id.as_deref().map_or(Ok(()), input::trace_id)?;
        let most = wanted.page_size.map(input::page_size).transpose()?.unwrap_or(LARGEST_PAGE);
        if wanted.page_cursor.as_ref().is_some_and(Cursor::is_too_long) {
            return Err(Error::invalid("the page cursor has more than 8192 bytes"));
        }
        let listing = listing(wanted, bounds::page_size(most, wanted.max_items))?;
        Ok(Self {
            client: wanted.client.clone(),
            start: start(wanted, listing)?,
            trace_id: wanted.trace_id.clone(),
            bounds: Bounds::new(wanted.max_items, wanted.edited_since),
            span: Span::none(),
            end: None,
            pages: AtomicU64::new(0),
        })
    }

    /// All pages from the start on; in the `background`, each gets on while nobody polls for it.
    pub(crate) fn pages(
        self,
        background: bool,
    ) -> impl Stream<Item = Result<AlbumContentPage>> + Send + 'static {
        let plan = Arc::new(self);
        let (start, limit) = (plan.start.cursor.clone(), plan.client.0.timeouts.page);
        pagination::pages(start, limit, move |cursor| {
            let plan = Arc::clone(&plan);
            let fetch = move || Arc::clone(&plan).fetch(cursor.clone());
            async move { if background { in_background(fetch).await } else { fetch().await } }
        })
    }

    /// The page at `cursor`; of the one that the listing starts at, what is left.
    pub(crate) async fn fetch(self: Arc<Self>, cursor: Option<Cursor>) -> Result<AlbumContentPage> {
        let Self { client, start, trace_id, bounds, .. } = &*self;
        let (trace_id, place) = (trace_id.as_deref(), self.place());
        let page = fetch_page(&client.0, &start.listing, trace_id, cursor.as_ref(), place);
        let page = page.instrument(self.span.clone()).await?;
        self.pages.fetch_add(1, Ordering::Relaxed);
        // No later page has this cursor: that would be a circle.
        let taken = if cursor == start.cursor { start.taken } else { 0 };
        Ok(bounds.apply(page.resumed(cursor, taken)))
    }

    /// Which page comes next, counted from where a listing that was resumed began.
    fn place(&self) -> Place {
        let before = self.start.pages.saturating_add(self.pages.load(Ordering::Relaxed));
        Place { page: before.saturating_add(1), end: self.end }
    }
}

/// Where a listing stands that cannot start.
pub(crate) fn nowhere(wanted: &ListAlbumContent) -> Checkpoint {
    let listing = || Listing {
        album_id: wanted.album_id.clone(),
        page_size: wanted
            .page_size
            .map_or(Ok(LARGEST_PAGE), input::page_size)
            .unwrap_or(LARGEST_PAGE),
        sort_type: None,
        sort_direction: None,
        is_unordered: wanted.is_unordered,
    };
    let start = || Checkpoint::start(Arc::new(listing()), None);
    wanted.resume.clone().unwrap_or_else(start)
}

/// A listing from each end.
pub(crate) fn both(wanted: &ListAlbumContent) -> Result<[Plan; 2]> {
    let ListAlbumContent { page_cursor, sort_type, sort_direction, resume, .. } = wanted;
    let is_ordered = sort_type.is_some() || sort_direction.is_some();
    let is_bounded = wanted.max_items.is_some() || wanted.edited_since.is_some();
    if is_ordered || is_bounded || page_cursor.is_some() || resume.is_some() {
        return Err(Error::invalid(
            "an unordered listing goes from both ends of the whole album to where they meet: set no \
             order, cursor or bound beside it; to resume a listing, list in an order",
        ));
    }
    let end = |direction| {
        let (by, direction) = (Some(SortType::CreationTime), Some(direction));
        let wanted = wanted.clone();
        Plan::checked(&ListAlbumContent { sort_type: by, sort_direction: direction, ..wanted })
    };
    let (low, high) = (end(SortDirection::Ascending)?, end(SortDirection::Descending)?);
    let span = trace::listing(&nowhere(wanted).listing);
    Ok([
        Plan { span: span.clone(), end: Some("oldest"), ..low },
        Plan { span, end: Some("newest"), ..high },
    ])
}

fn listing(wanted: &ListAlbumContent, page_size: NonZeroU32) -> Result<Listing> {
    let (sort_type, sort_direction) = order(wanted)?;
    let (album_id, is_unordered) = (wanted.album_id.clone(), false);
    Ok(Listing { album_id, page_size, sort_type, sort_direction, is_unordered })
}

fn order(wanted: &ListAlbumContent) -> Result<(Option<SortType>, Option<SortDirection>)> {
    let set = (wanted.sort_type, wanted.sort_direction);
    match (wanted.edited_since, set) {
        (None, set) => Ok(set),
        (Some(_), (None | Some(SortType::UpdateTime), None | Some(SortDirection::Descending))) => {
            Ok((Some(SortType::UpdateTime), Some(SortDirection::Descending)))
        }
        (Some(_), _) => Err(Error::invalid(
            "`edited_since` lists by update time, the last first; set no other order beside it",
        )),
    }
}

fn start(wanted: &ListAlbumContent, listing: Listing) -> Result<Checkpoint> {
    match &wanted.resume {
        Some(checkpoint) if continues(wanted, &listing, &checkpoint.listing) => {
            Ok(checkpoint.clone())
        }
        Some(_) => Err(Error::invalid(
            "the checkpoint is of another listing; expected the same album, and no other order, \
             page size or page cursor than its own",
        )),
        None => Ok(Checkpoint::start(Arc::new(listing), wanted.page_cursor.clone())),
    }
}

/// Whether nothing was set that is otherwise in `earlier`.
fn continues(wanted: &ListAlbumContent, listing: &Listing, earlier: &Listing) -> bool {
    let Listing { album_id, page_size, sort_type, sort_direction, .. } = listing;
    *album_id == earlier.album_id
        && !earlier.is_unordered
        && wanted.page_cursor.is_none()
        && (wanted.page_size.is_none() || *page_size == earlier.page_size)
        && (sort_type.is_none() || *sort_type == earlier.sort_type)
        && (sort_direction.is_none() || *sort_direction == earlier.sort_direction)
}
