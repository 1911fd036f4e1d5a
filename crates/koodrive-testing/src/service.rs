//! The service itself: from a received request to its reply, over an album, an account and a clock.
//!
//! The only state is the log of what was received and the tokens. The socket is somebody else's.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use jiff::Timestamp;
use wiremock::ResponseTemplate;

use crate::albums::presign::Presigner;
use crate::albums::store::{Albums, Viewer};
use crate::auth::access::{self, Account};
use crate::auth::tokens::Tokens;
use crate::calls::download;
use crate::calls::list::{self, Page};
use crate::calls::list_query::ListRequest;
use crate::calls::refresh::{self, Renewed};
use crate::dates;
use crate::replies::fault::Fault;
use crate::replies::refusal::Refusal;
use crate::replies::reply::Reply;
use crate::requests::log::{Entry, Log};
use crate::requests::received::ReceivedRequest;
use crate::requests::route::Call;
use crate::script::Script;

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

impl Service {
    /// Records a request and answers it.
    pub(crate) fn respond(&self, request: ReceivedRequest) -> ResponseTemplate {
        let now = dates::from_system_time((self.clock)());
        self.reply(request, now).into_template(now)
    }

    pub(crate) fn reply(&self, request: ReceivedRequest, now: Timestamp) -> Reply {
        let entry = self.log.admit(request);
        let fault = entry.call.as_ref().and_then(|(call, place)| self.script.fault(call, *place));
        fault.map_or_else(|| self.answer(&entry, now), Fault::reply)
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
        let place = list::place(album_id, &asked)?;
        let viewer = Viewer {
            owner_id: &self.account.user_id,
            elsewhere: Presigner::new(now),
            here: download::here(request, now),
        };
        Ok(list::page(album_id, contents, place, &viewer))
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
