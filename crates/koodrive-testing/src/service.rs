//! The service itself: from a received request to its reply, over an album, an account and a clock.
//!
//! The only state is the log of what was received and the tokens. The socket is somebody else's.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use wiremock::ResponseTemplate;

use crate::albums::computed;
use crate::albums::presign::Presigner;
use crate::albums::store::{Albums, Contents, Viewer};
use crate::auth::access::{self, Account};
use crate::auth::tokens::Tokens;
use crate::calls::cursor::{self, Place};
use crate::calls::download;
use crate::calls::refresh::{self, Renewed};
use crate::dates;
use crate::replies::fault::Fault;
use crate::replies::reply::{Page, Refusal, Reply};
use crate::requests::received::{Entry, Log, ReceivedRequest};
use crate::requests::route::{Call, ListRequest};

pub(crate) type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

pub(crate) struct Service {
    pub(crate) album_id: String,
    pub(crate) albums: Albums,
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
    pub(crate) page_delay: Duration,
    pub(crate) refresh_delay: Duration,
    pub(crate) flat_sessions: bool,
}

impl Script {
    /// The fault for a request, by its place among those that ask for the same.
    fn fault(&self, call: &Call, place: usize) -> Option<&Fault> {
        match call {
            Call::List { .. } => self.faults.get(&place),
            Call::Refresh => self.refresh_faults.get(&place),
            Call::Download => None,
        }
    }

    /// The faults for requests that did not come, of so many that did.
    pub(crate) fn unused(&self, lists: usize, refreshes: usize) -> Vec<String> {
        let unused = |faults: &BTreeMap<usize, Fault>, received, what| -> Vec<String> {
            faults.range(received..).map(|(number, _)| format!("{what} {number}")).collect()
        };
        let lists = unused(&self.faults, lists, "list request");
        [lists, unused(&self.refresh_faults, refreshes, "refresh request")].concat()
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
            Some((Call::List { album_id }, _)) => self
                .list(request, album_id, now)
                .map(|page| Reply::good(&page).delayed(self.script.page_delay)),
            Some((Call::Refresh, _)) => self
                .refresh(request, now)
                .map(|renewed| Reply::good(&renewed).delayed(self.script.refresh_delay)),
            Some((Call::Download, _)) => Ok(download::reply(request, &self.albums, now)),
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
        let albums = self.albums.lock();
        let contents = albums.get(album_id).ok_or(Refusal::NoSuchAlbum)?;
        let place = place(album_id, &asked)?;
        let viewer = Viewer {
            owner_id: &self.account.user_id,
            elsewhere: Presigner::new(now),
            here: download::here(request, now),
        };
        Ok(page(album_id, contents, place, &viewer))
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

/// Where the page begins that is asked for. A cursor is good only for the listing it comes from.
fn place(album_id: &str, asked: &ListRequest) -> Result<Place, Refusal> {
    let first = Place { order: asked.order, page_size: asked.page_size, position: 0 };
    let Some(cursor) = &asked.cursor else {
        return Ok(first);
    };
    cursor::open(computed::fingerprint(album_id.as_bytes()), cursor)
        .filter(|place| Place { position: 0, ..*place } == first)
        .ok_or(Refusal::BadParameter("pageCursor"))
}

fn page<'a>(album_id: &str, contents: &Contents, place: Place, viewer: &Viewer<'a>) -> Page<'a> {
    let Place { order, page_size, position } = place;
    let (size, total) = (u64::from(page_size), contents.files());
    let next = Place { position: position.saturating_add(size), ..place };
    let seal = || cursor::seal(computed::fingerprint(album_id.as_bytes()), next);
    Page {
        content_list: contents.page(album_id, (order, position, size), viewer),
        next_page_cursor: (next.position < total).then(seal),
        total,
        code: 0,
        msg: "Success.",
    }
}
