//! The service itself: from a received request to its reply, over an album, an account and a clock.
//!
//! The only state is the log of what was received. The socket is somebody else's.

use std::collections::BTreeMap;
use std::time::SystemTime;

use jiff::Timestamp;
use wiremock::ResponseTemplate;

use crate::album::Album;
use crate::cursor::{self, Place};
use crate::dates;
use crate::fault::Fault;
use crate::item::Item;
use crate::presign::Presigner;
use crate::record::{Entry, Log, ReceivedRequest};
use crate::reply::{Page, Refusal, Reply};
use crate::request::{self, Account, ListRequest};

pub(crate) type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

pub(crate) struct Service {
    pub(crate) album_id: String,
    pub(crate) album: Album,
    pub(crate) account: Account,
    pub(crate) clock: Clock,
    pub(crate) faults: BTreeMap<usize, Fault>,
    pub(crate) log: Log,
}

impl Service {
    /// Records a request and answers it.
    pub(crate) fn respond(&self, request: ReceivedRequest) -> ResponseTemplate {
        let now = dates::from_system_time((self.clock)());
        let entry = self.log.admit(request);
        let fault = entry.list_number.and_then(|number| self.faults.get(&number));
        fault.map_or_else(|| self.answer(&entry, now), Fault::reply).into_template(now)
    }

    fn answer(&self, entry: &Entry, now: Timestamp) -> Reply {
        match self.list(&entry.request, now) {
            Ok(page) => Reply::page(&page),
            Err(refusal) => Reply::refusal(&refusal, entry.number),
        }
    }

    fn list(&self, request: &ReceivedRequest, now: Timestamp) -> Result<Page<'_>, Refusal> {
        let album_id = request::route(request).ok_or(Refusal::NoSuchApi)?;
        request::check_headers(request, &self.account, now)?;
        let asked = ListRequest::parse(request.query())?;
        if album_id != self.album_id {
            return Err(Refusal::NoSuchAlbum);
        }
        let place = self.place(&asked)?;
        Ok(self.page(place, now))
    }

    /// Where the page begins that is asked for. A cursor is good only for the listing it comes from.
    fn place(&self, asked: &ListRequest) -> Result<Place, Refusal> {
        let first = Place { order: asked.order, page_size: asked.page_size, position: 0 };
        let Some(cursor) = &asked.cursor else {
            return Ok(first);
        };
        cursor::open(self.album.seed(), cursor)
            .filter(|place| Place { position: 0, ..*place } == first)
            .ok_or(Refusal::BadParameter("pageCursor"))
    }

    fn page(&self, place: Place, now: Timestamp) -> Page<'_> {
        let presigner = Presigner::new(now);
        let size = u64::from(place.page_size);
        let files = self.album.page(place.order, place.position, size);
        let item = |file| Item::new(&self.album, file, &self.account.user_id, &presigner);
        Page {
            content_list: files.into_iter().map(item).collect(),
            next_page_cursor: self.next(place),
            total: self.album.files(),
            code: 0,
            msg: "Success.",
        }
    }

    /// The cursor of the page after this one, if there is one.
    fn next(&self, place: Place) -> Option<String> {
        let position = place.position.saturating_add(u64::from(place.page_size));
        let next = Place { position, ..place };
        (position < self.album.files()).then(|| cursor::seal(self.album.seed(), next))
    }
}
