//! One attempt at one page: credentials, date and trace id are made for it, the generated client sends
//! it, and whatever comes back becomes a page or an error.

use std::num::NonZeroU32;

use http::{HeaderMap, StatusCode};
use koodrive_api::{Error as ApiError, Hooks, ResponseValue, types};

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

/// The largest page that is read, in bytes after decompression: 80 times a full one.
const PAGE_LIMIT: usize = 16 * 1024 * 1024;

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
    let authorization = shared.credentials.resolve()?;
    let stamp = shared.clock.stamp();
    let trace_id = trace_id::new();
    let hooks = Hooks::new(authorization.authorize.clone(), PAGE_LIMIT);
    let api =
        koodrive_api::Client::new_with_client(&shared.endpoint.base, shared.http.clone(), hooks);
    let reply = api
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
    let cursor = cursor.map_or("", Cursor::as_str);
    let redactor = Redactor::new([authorization.secret(), &shared.user_id, cursor]);
    let sent = Sent { date: stamp.instant, redactor: &redactor };
    match read(reply, &shared.endpoint.host, &sent).await {
        Ok(page) => Ok(page.of_attempt(&trace_id, 1)),
        Err(error) => Err(error.of_attempt(&trace_id, 1)),
    }
}

async fn read(reply: Reply, host: &str, sent: &Sent<'_>) -> Result<AlbumContentPage> {
    match reply {
        Ok(reply) => {
            let headers = reply.headers().clone();
            accept(page::from_wire(reply.into_inner()), &headers, sent)
        }
        // The body of a 200: the document that the client is generated from declares no other.
        Err(ApiError::InvalidResponsePayload(body, _)) => {
            accept(page::from_bytes(&body), &HeaderMap::new(), sent)
        }
        Err(ApiError::UnexpectedResponse(response)) => Err(reply::error(response, sent).await),
        Err(
            ApiError::CommunicationError(error)
            | ApiError::ResponseBodyError(error)
            | ApiError::InvalidUpgrade(error),
        ) => Err(transport::error(error, host)),
        // Their texts may hold anything; all that is sent was checked, so they do not occur.
        Err(ApiError::InvalidRequest(_) | ApiError::Custom(_) | ApiError::ErrorResponse(_)) => {
            Err(Error::invalid("no request could be made of the arguments"))
        }
    }
}

fn accept(
    decoded: Result<Decoded>,
    headers: &HeaderMap,
    sent: &Sent<'_>,
) -> Result<AlbumContentPage> {
    match decoded.map_err(|error| error.with_status(StatusCode::OK.as_u16()))? {
        Decoded::Page(page) => Ok(page),
        Decoded::Refusal(complaint) => {
            Err(reply::refusal(StatusCode::OK, headers, complaint, sent))
        }
    }
}
