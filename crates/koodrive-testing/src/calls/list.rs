//! The pages of an album.

use serde::Serialize;

use crate::albums::presign::Presigner;
use crate::albums::store::{PageItem, StoredAlbum};
use crate::calls::cursor::{self, PageStart};
use crate::calls::list_query::ListQuery;
use crate::hash;
use crate::replies::refusal::Refusal;

/// The body of a reply.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page<'a> {
    pub(crate) content_list: Vec<PageItem<'a>>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_page_cursor: Option<String>,
    pub(crate) total: u64,
    pub(crate) code: u32,
    pub(crate) msg: &'static str,
}

/// Where the requested page starts. A cursor is valid only in the listing that it came from.
pub(crate) fn start(album_id: &str, query: &ListQuery) -> Result<PageStart, Refusal> {
    let first = PageStart { order: query.order, page_size: query.page_size, offset: 0 };
    let Some(cursor) = &query.cursor else {
        return Ok(first);
    };
    cursor::open(hash::fnv1a(album_id.as_bytes()), cursor)
        .filter(|start| PageStart { offset: 0, ..*start } == first)
        .ok_or(Refusal::BadParameter("pageCursor"))
}

/// The page at `start`, with the cursor of the next one.
pub(crate) fn page<'a>(album: &StoredAlbum, start: PageStart, links: &Presigner<'a>) -> Page<'a> {
    let PageStart { order, page_size, offset } = start;
    let (size, total) = (u64::from(page_size), album.files());
    let next = PageStart { offset: offset.saturating_add(size), ..start };
    let seal = || cursor::seal(hash::fnv1a(album.info.id.as_bytes()), next);
    Page {
        content_list: album.page((order, offset, size), links),
        next_page_cursor: (next.offset < total).then(seal),
        total,
        code: 0,
        msg: "Success.",
    }
}
