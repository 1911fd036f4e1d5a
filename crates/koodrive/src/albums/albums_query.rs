//! The query of a listing of albums, and the call for one page.
//!
//! The service lists albums of one kind and type at a time, and numbers the pages. Here, the sections of all
//! kinds and types are one list, and a place in it is spelled as a cursor.

use std::{fmt, num::NonZeroU32};

use bytes::Bytes;
use koodrive_api::{Client as Api, RESERVED, types};
use percent_encoding::utf8_percent_encode;

use super::{
    album::{Album, AlbumKind, AlbumType},
    decode,
};
use crate::{
    calls::context::Context,
    cursor::Cursor,
    error::Result,
    input::number,
    paging::{
        listing::{Listing, PageCall},
        page::Batch,
    },
    wire::operation::{Answer, Operation, Reply},
};

/// What every page request of a listing repeats.
#[derive(Clone)]
pub(super) struct ListAlbumsQuery {
    pub(super) sections: Vec<Section>,
    pub(super) group_id: Option<String>,
    pub(super) page_size: u32,
}

/// The albums of one kind and type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Section(pub(super) AlbumKind, pub(super) AlbumType);

impl ListAlbumsQuery {
    /// How the key of a checkpoint begins.
    pub(super) const KEY: &str = ":albums:";

    /// The page that `cursor` leads to, if this list has it.
    pub(super) fn place(&self, cursor: Option<&Cursor>) -> Option<(Section, NonZeroU32)> {
        let Some(cursor) = cursor else { return Some((*self.sections.first()?, NonZeroU32::MIN)) };
        let (section, page) = cursor.as_str().rsplit_once('.')?;
        let section = self.sections.iter().find(|it| it.to_string() == section)?;
        Some((*section, NonZeroU32::new(number(page)?)?))
    }

    /// A section ends with an empty page.
    fn next(&self, section: Section, page: NonZeroU32, is_empty: bool) -> Option<Cursor> {
        let mut sections_after = self.sections.iter().skip_while(|it| **it != section).skip(1);
        let (section, page) = match is_empty {
            true => (*sections_after.next()?, NonZeroU32::MIN),
            false => (section, page.saturating_add(1)),
        };
        Cursor::new(Some(format!("{section}.{page}")))
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0.number(), self.1.number())
    }
}

/// The key of a checkpoint: `:albums:<page size>:<group>:<section>:…`. The key of an album's listing begins with
/// its id.
impl fmt::Display for ListAlbumsQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group_id = utf8_percent_encode(self.group_id.as_deref().unwrap_or_default(), RESERVED);
        write!(f, "{}{}:{group_id}", Self::KEY, self.page_size)?;
        self.sections.iter().try_for_each(|section| write!(f, ":{section}"))
    }
}

/// The vendor's "Listing Albums".
impl Listing for ListAlbumsQuery {
    type Item = Album;
}

impl PageCall<'_, ListAlbumsQuery> {
    fn place(&self) -> (Section, NonZeroU32) {
        let start = (Section(AlbumKind::Personal, AlbumType::Collection), NonZeroU32::MIN);
        self.listing.place(self.request.start.cursor.as_ref()).unwrap_or(start)
    }
}

/// `GET /koodrive/ose/v1/album/list`.
impl Operation for PageCall<'_, ListAlbumsQuery> {
    type Wire = types::AlbumPage;
    type Output = Batch<Album>;

    const IS_PAGE: bool = true;

    async fn send(&self, api: &Api, date: &str, trace_id: &str) -> Reply<Self::Wire> {
        let (Section(kind, album_type), page) = self.place();
        let ListAlbumsQuery { group_id, page_size, .. } = self.listing;
        let page_size = NonZeroU32::new(*page_size);
        let Context { user_id, language, .. } = self.context;
        let (kind, album_type) = (kind.number(), album_type.number());
        let (group_id, language) = (group_id.as_deref(), language.as_deref());
        let (page, trace_id) = (Some(page), Some(trace_id));
        api.list_albums(
            kind, album_type, group_id, page, page_size, date, trace_id, user_id, language,
        )
        .await
    }

    fn decode(&self, _: Option<Self::Wire>, body: &Bytes) -> Result<Answer<Batch<Album>>> {
        let (section, page) = self.place();
        let pages_before = u64::from(page.get()).saturating_sub(1);
        let listed = pages_before.saturating_mul(self.listing.page_size.into());
        let mut answer = decode::from_bytes::<Album>(body, Some(listed))?;
        if let Answer::Output(batch) = &mut answer {
            let is_empty = batch.items.is_empty() && batch.unreadable.is_empty();
            batch.next = self.listing.next(section, page, is_empty);
            batch.total = batch.total.filter(|_| self.listing.sections.len() == 1);
            let Section(kind, album_type) = section;
            batch.items.iter_mut().for_each(|album| album.fill_in(kind, album_type));
        }
        Ok(answer)
    }

    fn secrets(&self) -> Vec<&str> {
        vec![&self.context.user_id]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query() -> ListAlbumsQuery {
        let sections = vec![
            Section(AlbumKind::Personal, AlbumType::Manual),
            Section(AlbumKind::Shared, AlbumType::Manual),
        ];
        ListAlbumsQuery { sections, group_id: None, page_size: 100 }
    }

    fn cursor(text: &str) -> Option<Cursor> {
        Cursor::new(Some(text.to_owned()))
    }

    #[test]
    fn a_section_ends_with_an_empty_page_and_the_list_with_the_last_section() {
        let query = query();
        for (here, is_empty, next) in [
            ("", false, "1.2.2"),
            ("", true, "2.2.1"),
            ("1.2.41", false, "1.2.42"),
            ("1.2.41", true, "2.2.1"),
            ("2.2.1", false, "2.2.2"),
            ("2.2.1", true, ""),
        ] {
            let (section, page) = query.place(cursor(here).as_ref()).unwrap();
            assert_eq!(query.next(section, page, is_empty), cursor(next), "{here} {is_empty}");
        }
    }

    #[test]
    fn a_cursor_of_another_list_leads_nowhere() {
        for text in ["1.1.1", "1.2.0", "1.2", "1.2.x", "1.2.+1", "secret"] {
            assert!(query().place(cursor(text).as_ref()).is_none(), "{text}");
        }
    }
}
