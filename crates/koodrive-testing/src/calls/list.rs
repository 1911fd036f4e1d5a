//! Pages of an album, as list requests get them.

use serde::Serialize;

use crate::albums::store::{Contents, Shown, Viewer};
use crate::calls::cursor::{self, Place};
use crate::calls::list_query::ListRequest;
use crate::hash;
use crate::replies::refusal::Refusal;

/// The body of a good reply.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page<'a> {
    pub(crate) content_list: Vec<Shown<'a>>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_page_cursor: Option<String>,
    pub(crate) total: u64,
    pub(crate) code: u32,
    pub(crate) msg: &'static str,
}

/// Where the page begins that is asked for. A cursor is good only for the listing it comes from.
pub(crate) fn place(album_id: &str, asked: &ListRequest) -> Result<Place, Refusal> {
    let first = Place { order: asked.order, page_size: asked.page_size, position: 0 };
    let Some(cursor) = &asked.cursor else {
        return Ok(first);
    };
    cursor::open(hash::fingerprint(album_id.as_bytes()), cursor)
        .filter(|place| Place { position: 0, ..*place } == first)
        .ok_or(Refusal::BadParameter("pageCursor"))
}

pub(crate) fn page<'a>(
    album_id: &str,
    contents: &Contents,
    place: Place,
    viewer: &Viewer<'a>,
) -> Page<'a> {
    let Place { order, page_size, position } = place;
    let (size, total) = (u64::from(page_size), contents.files());
    let next = Place { position: position.saturating_add(size), ..place };
    let seal = || cursor::seal(hash::fingerprint(album_id.as_bytes()), next);
    Page {
        content_list: contents.page(album_id, (order, position, size), viewer),
        next_page_cursor: (next.position < total).then(seal),
        total,
        code: 0,
        msg: "Success.",
    }
}
