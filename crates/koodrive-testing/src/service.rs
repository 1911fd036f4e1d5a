//! The service itself: from a received request to its reply, over an album, an account and a clock.
//!
//! The only state is the log of what was received and the tokens. The socket is somebody else's.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use wiremock::ResponseTemplate;

use crate::access::{self, Account};
use crate::album::Album;
use crate::cursor::{self, Place};
use crate::dates;
use crate::fault::Fault;
use crate::item::Item;
use crate::presign::Presigner;
use crate::record::{Entry, Log, ReceivedRequest};
use crate::refresh::{self, Renewed};
use crate::reply::{Page, Refusal, Reply};
use crate::request::{Call, ListRequest};
use crate::tokens::Tokens;

pub(crate) type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

pub(crate) struct Service {
    pub(crate) album_id: String,
    pub(crate) album: Album,
    pub(crate) account: Account,
    pub(crate) tokens: Mutex<Tokens>,
    pub(crate) clock: Clock,
    pub(crate) script: Script,
    pub(crate) log: Log,
}

/// What a test wants otherwise than the service would have it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    pub(crate) faults: BTreeMap<usize, Fault>,
    pub(crate) refresh_faults: BTreeMap<usize, Fault>,
    pub(crate) refresh_delay: Duration,
    pub(crate) flat_sessions: bool,
}

impl Script {
    /// The fault for a request, by its place among those that ask for the same.
    fn fault(&self, call: &Call, place: usize) -> Option<&Fault> {
        match call {
            Call::List { .. } => self.faults.get(&place),
            Call::Refresh => self.refresh_faults.get(&place),
        }
    }
}

impl Service {
    /// Records a request and answers it.
    pub(crate) fn respond(&self, request: ReceivedRequest) -> ResponseTemplate {
        let now = dates::from_system_time((self.clock)());
        let entry = self.log.admit(request);
        let fault = entry.call.as_ref().and_then(|(call, place)| self.script.fault(call, *place));
        fault.map_or_else(|| self.answer(&entry, now), Fault::reply).into_template(now)
    }

    pub(crate) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, entry: &Entry, now: Timestamp) -> Reply {
        let request = &entry.request;
        let reply = match &entry.call {
            Some((Call::List { album_id }, _)) => {
                self.list(request, album_id, now).map(|page| Reply::good(&page))
            }
            Some((Call::Refresh, _)) => self
                .refresh(request, now)
                .map(|renewed| Reply::good(&renewed).delayed(self.script.refresh_delay)),
            None => Err(Refusal::NoSuchApi),
        };
        reply.unwrap_or_else(|refusal| Reply::refusal(&refusal, entry.number, now))
    }

    fn list(
        &self,
        request: &ReceivedRequest,
        album_id: &str,
        now: Timestamp,
    ) -> Result<Page<'_>, Refusal> {
        access::check_list(request, &self.account, &self.tokens(), now)?;
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

    /// One refresh at a time: of two with one refresh token that rotates, the second is refused.
    fn refresh(&self, request: &ReceivedRequest, now: Timestamp) -> Result<Renewed, Refusal> {
        let mut tokens = self.tokens();
        access::check_refresh(request, &tokens, now)?;
        let session = tokens.refresh(&refresh::read(request.body())?, now);
        let session = session.ok_or(Refusal::BadParameter("refreshToken"))?;
        Ok(Renewed::new(session, self.script.flat_sessions))
    }
}
