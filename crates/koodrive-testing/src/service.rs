//! The service: it turns a received request into a reply. It knows no socket.
//!
//! Its state is the log of requests, the tokens and the custom albums.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use http::header::{CONTENT_TYPE, RANGE};
use jiff::Timestamp;
use serde_json::Value;

use crate::albums::order::Order;
use crate::albums::presign::{Links, Presigner};
use crate::albums::store::Albums;
use crate::auth::access::{self, Account};
use crate::auth::tokens::Tokens;
use crate::calls::albums::{self, AlbumsQuery};
use crate::calls::list::{self, Page};
use crate::calls::list_query::ListQuery;
use crate::calls::login;
use crate::calls::refresh;
use crate::dates;
use crate::replies::refusal::Refusal;
use crate::replies::reply::Reply;
use crate::requests::log::{Entry, Log};
use crate::requests::received::ReceivedRequest;
use crate::requests::route::Call;
use crate::script::Script;
use crate::storage::answer;
use crate::storage::log::DownloadLog;

pub(crate) type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

/// The account and albums of one server, and what it received.
pub(crate) struct Service {
    pub(crate) album_id: String,
    pub(crate) albums: Albums,
    pub(crate) account: Account,
    pub(crate) tokens: Mutex<Tokens>,
    pub(crate) clock: Clock,
    pub(crate) script: Script,
    pub(crate) log: Log,
    pub(crate) links: Links,
    pub(crate) downloads: DownloadLog,
}

impl Service {
    /// Records a request and answers it at the current time.
    pub(crate) fn respond(&self, request: ReceivedRequest) -> Option<Reply> {
        let now = dates::from_system_time((self.clock)());
        self.reply(request, now)
    }

    pub(crate) fn reply(&self, request: ReceivedRequest, now: Timestamp) -> Option<Reply> {
        let entry = self.log.record(request);
        let fault = entry.call.and_then(|(call, index)| self.script.fault(call, index));
        let defaults = |reply: Reply| reply.with(CONTENT_TYPE, "application/json").dated(now);
        Reply::altered(|| self.answer(&entry, now), fault, defaults)
    }

    /// Records a request to the storage and answers it at the current time, or loses its connection.
    pub(crate) fn download(&self, request: ReceivedRequest) -> Option<Reply> {
        let now = dates::from_system_time((self.clock)());
        let stored = self.albums.stored(request.path().trim_start_matches('/'));
        let file_id = stored.as_ref().map(|stored| stored.file_id.clone());
        let (index, request) = self.downloads.record(request, file_id);
        let fault = self.script.fault(Call::Download, index);
        let range = request.header(RANGE.as_str());
        let range = fault.map_or(range, |fault| fault.answered_range(range));
        let own = || answer::answer(&request, range, stored.as_ref(), self.links.host(), now);
        let paced = || self.script.paced(own());
        let reply = Reply::altered(paced, fault, |reply| reply.dated(now))?;
        Some(Reply { sent: request.sent, ..reply })
    }

    pub(crate) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, entry: &Entry, now: Timestamp) -> Reply {
        let request = &entry.request;
        let reply = match entry.call.map(|(call, _)| call) {
            Some(Call::List) => self
                .list(request, now)
                .map(|page| Reply { delay: self.script.page_delay, ..Reply::ok(&page) }),
            Some(Call::Refresh) => self
                .refresh(request, now)
                .map(|session| Reply { delay: self.script.refresh_delay, ..Reply::ok(&session) }),
            Some(Call::Albums) => self.albums(request, now).map(|page| Reply::ok(&page)),
            Some(Call::Login) => self.log_in(request, now).map(|session| Reply::ok(&session)),
            Some(Call::Logout) => self.log_out(request, now).map(|reply| Reply::ok(&reply)),
            Some(Call::Download) | None => Err(Refusal::NoSuchApi),
        };
        reply.unwrap_or_else(|refusal| refusal.reply(entry.number, now))
    }

    fn list(&self, request: &ReceivedRequest, now: Timestamp) -> Result<Page<'_>, Refusal> {
        access::check_list(request, &self.account, &self.tokens(), now)?;
        let (albums, album_id) = (self.albums.lock(), request.album_id().unwrap_or_default());
        let album = albums.get(&album_id);
        // A bad parameter is refused even if there is no such album.
        let order = album.map_or(Order::NEWEST, |album| album.info.default_order());
        let query = ListQuery::parse(request.query(), order)?;
        let album = album.ok_or(Refusal::NoSuchAlbum)?;
        Ok(list::page(album, list::start(&album_id, &query)?, &self.links(now)))
    }

    fn albums(&self, request: &ReceivedRequest, now: Timestamp) -> Result<Value, Refusal> {
        access::check_list(request, &self.account, &self.tokens(), now)?;
        let query = AlbumsQuery::parse(request.query())?;
        Ok(albums::page(&self.albums, &query, &self.links(now)))
    }

    fn links(&self, now: Timestamp) -> Presigner<'_> {
        Presigner::new(&self.account.user_id, &self.links, now)
    }

    /// The lock allows one refresh at a time, so a rotating refresh token works only once.
    fn refresh(&self, request: &ReceivedRequest, now: Timestamp) -> Result<Value, Refusal> {
        let mut tokens = self.tokens();
        access::check_refresh(request, &tokens, now)?;
        let session = tokens.refresh(&refresh::refresh_token(request.body())?, now);
        let session = session.ok_or(Refusal::BadParameter("refreshToken"))?;
        Ok(refresh::reply(session, self.script.flat_sessions))
    }

    fn log_in(&self, request: &ReceivedRequest, now: Timestamp) -> Result<Value, Refusal> {
        access::check_login(request, &self.account.login)?;
        login::check_login(request.body(), &self.account.login)?;
        Ok(login::reply(&self.account.user_id, self.tokens().log_in(now)))
    }

    fn log_out(&self, request: &ReceivedRequest, now: Timestamp) -> Result<Value, Refusal> {
        let mut tokens = self.tokens();
        access::check_logout(request, &tokens, now)?;
        let token = login::logged_out(request.body(), &self.account.user_id)?;
        let was_issued = tokens.log_out(&token);
        was_issued.then(login::logout_reply).ok_or(Refusal::BadParameter("accessToken"))
    }
}
