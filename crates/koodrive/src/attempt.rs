//! One attempt at one page: credentials, date and trace id are made for it, the generated client sends
//! it, and whatever comes back becomes a page or an error.

use std::{
    num::NonZeroU32,
    sync::{Arc, OnceLock},
};

use http::{HeaderMap, HeaderValue, StatusCode};
use koodrive_api::{Error as ApiError, Exchange, ResponseValue, types};

use crate::{
    client::Shared,
    cursor::Cursor,
    error::{
        Error, Result,
        reply::{self, Sent},
        text::Redactor,
        transport,
    },
    page::{self, AlbumContentPage, Decoded},
    sort::{SortDirection, SortType},
    trace_id,
};

/// What every page request of a listing repeats.
#[derive(Clone, Debug)]
pub(crate) struct Listing {
    pub(crate) album_id: String,
    pub(crate) page_size: NonZeroU32,
    pub(crate) sort_type: Option<SortType>,
    pub(crate) sort_direction: Option<SortDirection>,
}

type Reply = Result<ResponseValue<types::AlbumContentPage>, ApiError>;

/// Fetches the page at `cursor`, or the first one.
pub(crate) async fn fetch_page(
    shared: &Shared,
    listing: &Listing,
    cursor: Option<&Cursor>,
) -> Result<AlbumContentPage> {
    let attempt = Arc::new(Attempt::new(shared.credentials.resolve()?));
    let stamp = shared.clock.stamp();
    let trace_id = trace_id::new();
    let reply = shared
        .api(&attempt)
        .list_album_files(
            &listing.album_id,
            cursor.map(Cursor::as_str),
            Some(listing.page_size),
            listing.sort_direction.map(Into::into),
            listing.sort_type.map(Into::into),
            &stamp.text,
            Some(&trace_id),
            &shared.user_id,
            shared.language.as_deref(),
        )
        .await;
    let redactor = attempt.redactor([shared.user_id.as_str(), cursor.map_or("", Cursor::as_str)]);
    let sent = Sent { date: stamp.instant, redactor: &redactor };
    match read(reply, shared, &attempt, &sent).await {
        Ok(page) => Ok(page.of_attempt(&trace_id, 1)),
        Err(error) => Err(error.of_attempt(&trace_id, 1)),
    }
}

/// One exchange with the service, as the low level's hooks see it.
pub(crate) struct Attempt {
    authorization: HeaderValue,
    head: OnceLock<HeaderMap>,
}

impl Attempt {
    fn new(authorization: HeaderValue) -> Self {
        Self { authorization, head: OnceLock::new() }
    }

    /// The headers of the response, if there was one; the low level's errors do not keep them.
    fn head(&self) -> HeaderMap {
        self.head.get().cloned().unwrap_or_default()
    }

    /// Blots out what must not come out again if the service echoes it: the token, and `others`.
    fn redactor<'a>(&'a self, others: impl IntoIterator<Item = &'a str>) -> Redactor {
        let value = self.authorization.to_str().unwrap_or_default();
        let token = value.split_once([' ', '+']).map_or("", |(_scheme, token)| token);
        Redactor::new([value, token].into_iter().chain(others))
    }
}

impl Exchange for Attempt {
    fn authorize(&self, _: &reqwest::Request) -> HeaderValue {
        self.authorization.clone()
    }

    fn received(&self, head: &HeaderMap) {
        self.head.get_or_init(|| head.clone());
    }
}

async fn read(
    reply: Reply,
    shared: &Shared,
    attempt: &Attempt,
    sent: &Sent<'_>,
) -> Result<AlbumContentPage> {
    match reply {
        Ok(reply) => accept(page::from_wire(reply.into_inner()), attempt, sent),
        // The body of a 200: the document that the client is generated from declares no other.
        Err(ApiError::InvalidResponsePayload(body, _)) => {
            accept(page::from_bytes(&body), attempt, sent)
        }
        Err(ApiError::UnexpectedResponse(response)) => Err(reply::error(response, sent).await),
        Err(
            ApiError::CommunicationError(error)
            | ApiError::ResponseBodyError(error)
            | ApiError::InvalidUpgrade(error),
        ) => Err(transport::error(error, &shared.endpoint.host)),
        // Their texts may hold anything; all that is sent was checked, so they do not occur.
        Err(ApiError::InvalidRequest(_) | ApiError::Custom(_) | ApiError::ErrorResponse(_)) => {
            Err(Error::invalid("no request could be made of the arguments"))
        }
    }
}

fn accept(
    decoded: Result<Decoded>,
    attempt: &Attempt,
    sent: &Sent<'_>,
) -> Result<AlbumContentPage> {
    match decoded.map_err(|error| error.with_status(StatusCode::OK.as_u16()))? {
        Decoded::Page(page) => Ok(page),
        Decoded::Refusal(complaint) => {
            Err(reply::refusal(StatusCode::OK, &attempt.head(), complaint, sent))
        }
    }
}
