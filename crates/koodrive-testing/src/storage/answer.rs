//! What the storage answers: a pure function of the request, the object, the host and the time.
//!
//! The order is that of an object store: method, signature, life of the link, object, preconditions, range.

use http::header::{
    ACCEPT_RANGES, AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    LAST_MODIFIED,
};
use http::{HeaderName, StatusCode};
use jiff::Timestamp;

use crate::albums::presign::{self, BadLink};
use crate::albums::stored::Stored;
use crate::dates;
use crate::requests::query;
use crate::requests::received::ReceivedRequest;
use crate::storage::object::Object;
use crate::storage::range::{self, Wanted};
use crate::storage::reply::StorageReply;

/// Answers a request for what is `stored` under its path. `range` stands in for its `Range` header.
pub(crate) fn answer(
    request: &ReceivedRequest,
    range: Option<&str>,
    stored: Option<&Stored>,
    host: &str,
    now: Timestamp,
) -> StorageReply {
    let reply = object(request, stored, host, now)
        .and_then(|object| check_preconditions(request, &object).map(|()| object))
        .map_or_else(|refusal| refusal, |object| send(request, range, object));
    if request.method() == "HEAD" { reply.without_body() } else { reply }
}

/// The object that a valid link leads to.
fn object(
    request: &ReceivedRequest,
    stored: Option<&Stored>,
    host: &str,
    now: Timestamp,
) -> Result<Object, StorageReply> {
    let forbidden = |code, message| StorageReply::refusal(StatusCode::FORBIDDEN, code, message);
    if !matches!(request.method(), "GET" | "HEAD") {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        return Err(StorageReply::refusal(
            status,
            "MethodNotAllowed",
            "The specified method is not allowed.",
        ));
    }
    if request.header(AUTHORIZATION.as_str()).is_some() {
        let message = "Only one auth mechanism allowed.";
        return Err(StorageReply::refusal(StatusCode::BAD_REQUEST, "InvalidArgument", message));
    }
    let is_host = request.single_header("host") == Some(host);
    let link = presign::check(host, request.path(), request.query(), now);
    match if is_host { link } else { Err(BadLink::Altered) } {
        Ok(()) => {}
        Err(BadLink::Altered) => {
            let message = "The request signature we calculated does not match the signature you \
                           provided.";
            return Err(forbidden("SignatureDoesNotMatch", message));
        }
        Err(BadLink::Expired) => return Err(forbidden("AccessDenied", "Request has expired")),
    }
    let Some(stored) = stored else {
        let message = "The specified key does not exist.";
        return Err(StorageReply::refusal(StatusCode::NOT_FOUND, "NoSuchKey", message));
    };
    let is_thumbnail = presign::is_thumbnail(request.query());
    Ok(if is_thumbnail { Object::thumbnail_of(stored) } else { Object::of(stored) })
}

/// `If-Unmodified-Since` counts only without `If-Match`, and `If-Range` never does.
fn check_preconditions(request: &ReceivedRequest, object: &Object) -> Result<(), StorageReply> {
    let matches = |tags: &str| {
        tags.split(',').any(|tag| matches!(tag.trim(), "*") || tag.trim() == object.etag)
    };
    let unmodified = |date| {
        dates::parse_http(date).is_none_or(|date| object.modified.as_second() <= date.as_second())
    };
    let holds = match (request.header("if-match"), request.header("if-unmodified-since")) {
        (Some(tags), _) => matches(tags),
        (None, Some(date)) => unmodified(date),
        (None, None) => true,
    };
    let message = "At least one of the preconditions you specified did not hold.";
    let refusal =
        || StorageReply::refusal(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", message);
    if holds { Ok(()) } else { Err(refusal()) }
}

fn send(request: &ReceivedRequest, range: Option<&str>, object: Object) -> StorageReply {
    let length = object.content.length();
    let Object { content, etag, media_type, modified } = object;
    let reply = match range::wanted(range, length) {
        Wanted::Whole => StorageReply::new(StatusCode::OK, content, 0..length),
        Wanted::Part(span) => {
            let (first, last) = (span.start, span.end.saturating_sub(1));
            StorageReply::new(StatusCode::PARTIAL_CONTENT, content, span)
                .with(CONTENT_RANGE, &format!("bytes {first}-{last}/{length}"))
        }
        Wanted::Nothing => {
            let message = "The requested range cannot be satisfied.";
            return StorageReply::refusal(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "InvalidRange",
                message,
            )
            .with(CONTENT_RANGE, &format!("bytes */{length}"));
        }
    };
    let disposition = query::first(request.query(), "response-content-disposition");
    let optional = |reply: StorageReply, name: HeaderName, value: Option<String>| match value {
        Some(value) => reply.with(name, &value),
        None => reply,
    };
    let reply = optional(reply, CONTENT_DISPOSITION, disposition);
    optional(reply, LAST_MODIFIED, dates::http(modified))
        .with(ACCEPT_RANGES, "bytes")
        .with(ETAG, &etag)
        .with(CONTENT_TYPE, &media_type)
}
