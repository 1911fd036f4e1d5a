//! A listing that was checked: where it starts, and how a page of it is fetched.

use std::{num::NonZeroU32, sync::Arc};

use crate::{
    attempt::fetch_page,
    bounds::{self, Bounds},
    checkpoint::Checkpoint,
    client::Client,
    cursor::Cursor,
    error::{Error, Result},
    input::{self, LARGEST_PAGE},
    list::ListAlbumContent,
    listing::Listing,
    page::AlbumContentPage,
    sort::{SortDirection, SortType},
};

pub(crate) struct Plan {
    client: Client,
    pub(crate) start: Checkpoint,
    trace_id: Option<String>,
    bounds: Bounds,
}

impl Plan {
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for what cannot be listed.
    pub(crate) fn new(wanted: &ListAlbumContent) -> Result<Self> {
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
        })
    }

    /// Where a listing stands that cannot start.
    pub(crate) fn nowhere(wanted: &ListAlbumContent) -> Checkpoint {
        let listing = || Listing {
            album_id: wanted.album_id.clone(),
            page_size: LARGEST_PAGE,
            sort_type: None,
            sort_direction: None,
        };
        let start = || Checkpoint::start(Arc::new(listing()), None);
        wanted.resume.clone().unwrap_or_else(start)
    }

    /// The page at `cursor`; of the one that the listing starts at, what is left.
    pub(crate) async fn fetch(self: Arc<Self>, cursor: Option<Cursor>) -> Result<AlbumContentPage> {
        let Self { client, start, trace_id, bounds } = &*self;
        let trace_id = trace_id.as_deref();
        let page = fetch_page(&client.0, &start.listing, trace_id, cursor.as_ref()).await?;
        // No later page has this cursor: that would be a circle.
        let taken = if cursor == start.cursor { start.taken } else { 0 };
        Ok(bounds.apply(page.resumed(cursor, taken)))
    }
}

fn listing(wanted: &ListAlbumContent, page_size: NonZeroU32) -> Result<Listing> {
    let (sort_type, sort_direction) = order(wanted)?;
    Ok(Listing { album_id: wanted.album_id.clone(), page_size, sort_type, sort_direction })
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
    let Listing { album_id, sort_type, sort_direction, .. } = listing;
    *album_id == earlier.album_id
        && wanted.page_cursor.is_none()
        && wanted.page_size.is_none_or(|size| size == earlier.page_size.get())
        && (sort_type.is_none() || *sort_type == earlier.sort_type)
        && (sort_direction.is_none() || *sort_direction == earlier.sort_direction)
}
