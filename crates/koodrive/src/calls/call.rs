//! One page, in as many attempts as it takes and the policy grants: credentials, date and trace id
//! are made anew for each, the generated client sends it, and whatever comes back becomes a page or an
//! error. Losses in the body are as common as refused connections, so the whole of it is tried again.

use std::sync::Arc;

use http::StatusCode;
use koodrive_api::Error as ApiError;

use crate::{
    albums::decode::{self as page, Decoded},
    albums::listing::Listing,
    auth::{Attempt, Proof},
    calls::retry_state::Effort,
    client::Shared,
    cursor::Cursor,
    error::{
        Result,
        reply::{self, Sent},
    },
    paging::page::AlbumContentPage,
    telemetry::Place,
    wire::trace_id,
};

/// Fetches the page at `cursor`, or the first one; `place` is what it is called where the work is traced.
/// `trace_id` is the caller's own; otherwise each attempt has a new one.
pub(crate) async fn fetch_page(
    shared: &Shared,
    listing: &Listing,
    trace_id: Option<&str>,
    cursor: Option<&Cursor>,
    place: Place,
) -> Result<AlbumContentPage> {
    let mut effort = Effort::new(shared, place);
    loop {
        let proof = match effort.proof().await {
            Ok(proof) => proof,
            Err(error) => {
                effort.wait(error).await?;
                continue;
            }
        };
        let trace_id = trace_id.map_or_else(trace_id::random, str::to_owned);
        let attempt = attempt(shared, listing, cursor, proof.clone(), &trace_id);
        match effort.attempt(&trace_id, attempt).await {
            Ok(page) => return Ok(page.of_attempt(&trace_id, effort.attempts())),
            Err(error) if effort.is_mended(&error, &proof) => {}
            Err(error) => effort.wait(error).await?,
        }
    }
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
    let attempt = Arc::new(Attempt::new(proof, transport));
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
    let sent = || Sent {
        date: Some(stamp.instant),
        redactor: attempt.redactor([shared.user_id.as_str(), cursor.map_or("", Cursor::as_str)]),
        codes: &transport.codes,
    };
    let decoded = match reply {
        Ok(reply) => page::from_wire(reply.into_inner(), &attempt.body()),
        // The body of a 200: the document that the client is generated from declares no other.
        Err(ApiError::InvalidResponsePayload(..)) => page::from_bytes(&attempt.body()),
        Err(error) => return Err(transport.failure(error, &sent()).await),
    };
    match decoded.map_err(|error| error.with_status(StatusCode::OK.as_u16()))? {
        Decoded::Page(page) => Ok(page),
        Decoded::Refusal(complaint) => {
            Err(reply::refusal(StatusCode::OK, &attempt.head(), complaint, &sent()))
        }
    }
}
