//! One page, in one attempt or a few: credentials, date and trace id are made anew for each, the
//! generated client sends it, and whatever comes back becomes a page or an error.
//!
//! Two refusals are worth one more attempt each, at once: of a token of which there is a newer one,
//! and of a date that the refusal itself corrects.

use std::{num::NonZeroU32, sync::Arc};

use http::StatusCode;
use koodrive_api::Error as ApiError;

use crate::{
    auth::{Attempt, Proof},
    client::Shared,
    cursor::Cursor,
    error::{
        Error, ErrorKind, Result,
        reply::{self, Sent},
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
    /// The caller's own; otherwise each attempt has a new one.
    pub(crate) trace_id: Option<String>,
}

/// Fetches the page at `cursor`, or the first one.
pub(crate) async fn fetch_page(
    shared: &Shared,
    listing: &Listing,
    cursor: Option<&Cursor>,
) -> Result<AlbumContentPage> {
    let (mut may_renew, mut may_correct) = (true, true);
    for number in 1_u32.. {
        let proof = shared.auth.proof().await?;
        let trace_id = listing.trace_id.clone().unwrap_or_else(trace_id::random);
        let outcome = attempt(shared, listing, cursor, proof.clone(), &trace_id).await;
        match outcome {
            Ok(page) => return Ok(page.of_attempt(&trace_id, number)),
            Err(error) => match error.kind() {
                ErrorKind::Unauthorized if may_renew && shared.auth.refused(&proof) => {
                    may_renew = false;
                }
                ErrorKind::ClockSkew if may_correct && shared.transport.clock.correct() => {
                    may_correct = false;
                }
                _ => return Err(error.of_attempt(&trace_id, number)),
            },
        }
    }
    Err(Error::invalid("no attempt was left"))
}

async fn attempt(
    shared: &Shared,
    listing: &Listing,
    cursor: Option<&Cursor>,
    proof: Proof,
    trace_id: &str,
) -> Result<AlbumContentPage> {
    let transport = &shared.transport;
    let stamp = transport.clock.stamp();
    let attempt = Arc::new(Attempt::new(proof, transport.clock.clone()));
    let reply = transport
        .api(&attempt)
        .list_album_files(
            &listing.album_id,
            cursor.map(Cursor::as_str),
            Some(listing.page_size),
            listing.sort_direction.map(Into::into),
            listing.sort_type.map(Into::into),
            &stamp.text,
            Some(trace_id),
            &shared.user_id,
            shared.language.as_deref(),
        )
        .await;
    let redactor = attempt.redactor([shared.user_id.as_str(), cursor.map_or("", Cursor::as_str)]);
    let sent = Sent { date: Some(stamp.instant), redactor: &redactor };
    let decoded = match reply {
        Ok(reply) => page::from_wire(reply.into_inner(), &attempt.body()),
        // The body of a 200: the document that the client is generated from declares no other.
        Err(ApiError::InvalidResponsePayload(body, _)) => page::from_bytes(&body),
        Err(error) => return Err(transport.failure(error, &sent).await),
    };
    match decoded.map_err(|error| error.with_status(StatusCode::OK.as_u16()))? {
        Decoded::Page(page) => Ok(page),
        Decoded::Refusal(complaint) => {
            Err(reply::refusal(StatusCode::OK, &attempt.head(), complaint, &sent))
        }
    }
}
