//! What a caller set for an album listing, and what follows from it: the query, where it starts, and how much
//! is wanted.

use std::time::SystemTime;

use super::{
    content::AlbumContent,
    content_query::{ListContentQuery, PageSize},
    order::{Order, SortDirection, SortType},
    timestamp::Timestamp,
};
use crate::{
    checkpoint::Checkpoint,
    cursor::Cursor,
    error::{Error, Result},
    input::ensure,
    paging::{
        bounds::Bounds,
        items::{OnUnreadable, ReadAhead},
    },
    wire::trace_id,
};

#[derive(Clone, Default)]
pub(super) struct ContentSettings {
    pub(super) album_id: String,
    pub(super) page_size: Option<u32>,
    pub(super) page_cursor: Option<Cursor>,
    pub(super) order: Order,
    pub(super) trace_id: Option<String>,
    pub(super) resume: Option<Checkpoint>,
    pub(super) read_ahead: Option<usize>,
    pub(super) max_items: Option<u64>,
    pub(super) edited_since: Option<SystemTime>,
    pub(super) on_unreadable: Option<OnUnreadable>,
}

impl ContentSettings {
    /// What is listed and from where. After a resume, the checkpoint says both.
    pub(super) fn resolve(&self) -> Result<(ListContentQuery, Checkpoint)> {
        let asked = self.asked();
        asked.check()?;
        self.check(&asked)?;
        let Some(checkpoint) = &self.resume else { return Ok((asked, self.unchecked_start())) };
        let resumed = self.resumed(&asked, &checkpoint.key).map_err(|difference| {
            Error::invalid(format!(
                "the checkpoint belongs to another listing: {difference}; resume it with the same settings"
            ))
        })?;
        Ok((resumed, checkpoint.clone()))
    }

    /// Where the listing starts if it can.
    pub(super) fn unchecked_start(&self) -> Checkpoint {
        let start = || Checkpoint::start(&self.asked().to_string(), self.page_cursor.clone());
        self.resume.clone().unwrap_or_else(start)
    }

    fn asked(&self) -> ListContentQuery {
        let mut order = self.order;
        if self.edited_since.is_some() {
            order.by = order.by.or(Some(SortType::UpdateTime));
            order.direction = order.direction.or(Some(SortDirection::Descending));
        }
        let page_size = PageSize::new(self.page_size, self.max_items);
        ListContentQuery { album_id: self.album_id.clone(), page_size, order }
    }

    fn check(&self, asked: &ListContentQuery) -> Result<()> {
        self.trace_id.as_deref().map_or(Ok(()), trace_id::check)?;
        let is_sendable = !self.page_cursor.as_ref().is_some_and(Cursor::is_too_long);
        ensure(is_sendable, "the page cursor has more than 8192 bytes")?;
        let is_by_update = asked.order.by == Some(SortType::UpdateTime)
            && asked.order.direction == Some(SortDirection::Descending);
        let Order { by, direction, is_from_both_ends } = self.order;
        let is_ordered = by.is_some() || direction.is_some();
        let is_bounded = self.max_items.is_some() || self.edited_since.is_some();
        let has_start = self.page_cursor.is_some() || self.resume.is_some();
        ensure(
            !is_from_both_ends || !(is_ordered || is_bounded || has_start),
            "an unordered listing takes no order, cursor, bound or checkpoint; remove `unordered` to \
             use one",
        )?;
        ensure(
            self.edited_since.is_none() || is_by_update,
            "`edited_since` sorts by update time, newest first; do not set another order",
        )
    }

    /// The earlier listing of this key, or what is set and was not so in it.
    fn resumed(
        &self,
        asked: &ListContentQuery,
        key: &str,
    ) -> Result<ListContentQuery, &'static str> {
        let earlier = ListContentQuery::parse(key).ok_or("it lists albums")?;
        let (order, before) = (asked.order, earlier.order);
        let is_other_size = |size| size != earlier.page_size.setting;
        let differences = [
            ("the album differs", asked.album_id != earlier.album_id),
            ("it was unordered", before.is_from_both_ends),
            ("it has its own page cursor", self.page_cursor.is_some()),
            ("the page size differs", self.page_size.is_some_and(is_other_size)),
            ("the time to sort by differs", order.by.is_some_and(|by| Some(by) != before.by)),
            (
                "the sort direction differs",
                order.direction.is_some_and(|direction| Some(direction) != before.direction),
            ),
        ];
        match differences.into_iter().find(|(_, differs)| *differs) {
            Some((what, _)) => Err(what),
            None => Ok(earlier),
        }
    }

    /// The settings of one end of an unordered listing.
    pub(super) fn of_one_end(&self, direction: SortDirection) -> Self {
        let (by, direction) = (Some(SortType::CreationTime), Some(direction));
        Self { order: Order { by, direction, is_from_both_ends: false }, ..self.clone() }
    }

    pub(super) fn bounds(&self) -> Bounds<AlbumContent> {
        let edited = |file: &AlbumContent| file.edited_time().and_then(Timestamp::to_system_time);
        Bounds::new(
            self.max_items,
            self.edited_since
                .map(|since| Box::new(move |file: &_| Some(edited(file)? < since)) as Box<_>),
        )
    }

    pub(super) fn thresholds(&self) -> ReadAhead {
        let size = self.resolve().map_or(0, |(query, _)| query.page_size.size);
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let nine_tenths = size.saturating_sub(size.div_ceil(10));
        match self.read_ahead {
            Some(files) => ReadAhead { first_page: files, later_pages: files },
            None => ReadAhead { first_page: nine_tenths, later_pages: size },
        }
    }
}
