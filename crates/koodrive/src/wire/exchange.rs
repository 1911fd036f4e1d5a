//! One try of one operation. How its authorization was obtained, and whether another try follows, is
//! decided elsewhere.

use std::sync::Arc;

use http::StatusCode;
use koodrive_api::Error as ApiError;

use super::{
    authorization::Authorization,
    hooks::ExchangeHooks,
    operation::{Answer, Operation},
    transport::Transport,
};
use crate::error::{
    Result,
    response::{self, Sent},
};

pub(crate) async fn exchange<O: Operation>(
    transport: &Transport,
    operation: &O,
    authorization: Authorization,
    trace_id: &str,
) -> Result<O::Output> {
    let date = transport.clock.stamp();
    let hooks = Arc::new(ExchangeHooks::new(authorization, transport));
    let api = transport.api(Arc::clone(&hooks) as _);
    let sent = || Sent {
        date: O::IS_DATED.then_some(date.instant),
        redactor: hooks.redactor(operation.secrets()),
        codes: &transport.codes,
    };
    let wire = match operation.send(&api, &date.text, trace_id).await {
        Ok(reply) => Some(reply.into_inner()),
        // The body of a 200: the document that the client is generated from declares no other.
        Err(ApiError::InvalidResponsePayload(..)) => None,
        Err(error) => return Err(transport.failure(error, &sent()).await),
    };
    let body = hooks.body();
    let answer = operation.decode(wire, &body);
    let status = Some(StatusCode::OK.as_u16());
    match answer.map_err(|error| error.with(|facts| facts.status = status))? {
        Answer::Output(output) => Ok(output),
        Answer::Refusal(error) => {
            Err(response::refusal(StatusCode::OK, &hooks.head(), error, &body, &sent()))
        }
    }
}
