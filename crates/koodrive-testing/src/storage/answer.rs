//! What the storage answers: a pure function of the request, the object, the host and the time.
//!
//! The order is that of an object store: method, signature, life of the link, object, preconditions, range.

use http::StatusCode;
use http::header::{
    ACCEPT_RANGES, AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    LAST_MODIFIED,
};
use jiff::Timestamp;

use crate::albums::presign::{self, BadLink};
use crate::albums::stored::Stored;
use crate::dates;
use crate::replies::reply::Reply;
use crate::requests::query;
use crate::requests::received::ReceivedRequest;
use crate::storage::object::Object;
use crate::storage::range::{self, Wanted};

/// Answers a request for what is `stored` under its path. `range` stands in for its `Range` header.
pub(crate) fn answer(
    request: &ReceivedRequest,
    range: Option<&str>,
    stored: Option<&Stored>,
    host: &str,
    now: Timestamp,
) -> Reply {
    let object = check_link(request, host, now).and_then(|()| {
        let object = stored.map(|stored| object(request, stored)).ok_or(NO_SUCH_KEY)?;
        check_preconditions(request, &object).map(|()| object)
    });
    object.map_or_else(Refusal::reply, |object| send(request, range, object))
}

/// A refusal, in the words of an object store.
#[derive(Clone, Copy)]
struct Refusal(StatusCode, &'static str, &'static str);

const METHOD_NOT_ALLOWED: Refusal = Refusal(
    StatusCode::METHOD_NOT_ALLOWED,
    "MethodNotAllowed",
    "The specified method is not allowed against this resource.",
);
const TWO_CREDENTIALS: Refusal =
    Refusal(StatusCode::BAD_REQUEST, "InvalidArgument", "Only one auth mechanism allowed.");
const ALTERED: Refusal = Refusal(
    StatusCode::FORBIDDEN,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided.",
);
const EXPIRED: Refusal = Refusal(StatusCode::FORBIDDEN, "AccessDenied", "Request has expired");
const NO_SUCH_KEY: Refusal =
    Refusal(StatusCode::NOT_FOUND, "NoSuchKey", "The specified key does not exist.");
const PRECONDITION_FAILED: Refusal = Refusal(
    StatusCode::PRECONDITION_FAILED,
    "PreconditionFailed",
    "At least one of the preconditions you specified did not hold.",
);
const INVALID_RANGE: Refusal = Refusal(
    StatusCode::RANGE_NOT_SATISFIABLE,
    "InvalidRange",
    "The requested range cannot be satisfied.",
);

impl Refusal {
    fn reply(self) -> Reply {
        let Self(status, code, message) = self;
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <Error><Code>{code}</Code><Message>{message}</Message></Error>"
        );
        Reply::whole(status, body).with(CONTENT_TYPE, "application/xml")
    }
}

fn check_link(request: &ReceivedRequest, host: &str, now: Timestamp) -> Result<(), Refusal> {
    if !matches!(request.method(), "GET" | "HEAD" | "PUT" | "DELETE") {
        return Err(METHOD_NOT_ALLOWED);
    }
    if request.header(AUTHORIZATION.as_str()).is_some() {
        return Err(TWO_CREDENTIALS);
    }
    // Links are signed for this method and this host.
    if (request.method(), request.single_header("host")) != ("GET", Some(host)) {
        return Err(ALTERED);
    }
    presign::check(host, request.path(), request.query(), now).map_err(|bad| match bad {
        BadLink::Altered => ALTERED,
        BadLink::Expired => EXPIRED,
    })
}

fn object(request: &ReceivedRequest, stored: &Stored) -> Object {
    let is_thumbnail = presign::is_thumbnail(request.query());
    if is_thumbnail { Object::thumbnail_of(stored) } else { Object::of(stored) }
}

/// Of those that fail. `If-Unmodified-Since` counts only without `If-Match`, and `If-Range` never does.
fn check_preconditions(request: &ReceivedRequest, object: &Object) -> Result<(), Refusal> {
    let is_unmodified = |since: Timestamp| object.modified.as_second() <= since.as_second();
    let holds = match (request.header("if-match"), request.header("if-unmodified-since")) {
        (Some(tags), _) => is_among(tags, object),
        (None, Some(date)) => dates::parse_http(date).is_none_or(is_unmodified),
        (None, None) => true,
    };
    holds.then_some(()).ok_or(PRECONDITION_FAILED)
}

fn is_among(tags: &str, object: &Object) -> bool {
    tags.split(',').map(str::trim).any(|tag| tag == "*" || tag == object.etag)
}

fn send(request: &ReceivedRequest, range: Option<&str>, object: Object) -> Reply {
    let length = object.content.length();
    let is_known = request.header("if-none-match").is_some_and(|tags| is_among(tags, &object));
    let Object { content, etag, media_type, modified } = object;
    let reply = match range::wanted(range, length) {
        _ if is_known => Reply::new(StatusCode::NOT_MODIFIED, content, 0..length),
        Wanted::Whole => Reply::new(StatusCode::OK, content, 0..length),
        Wanted::Part(span) => {
            let (first, last) = (span.start, span.end.saturating_sub(1));
            Reply::new(StatusCode::PARTIAL_CONTENT, content, span)
                .with(CONTENT_RANGE, &*format!("bytes {first}-{last}/{length}"))
        }
        Wanted::Nothing => {
            let range = format!("bytes */{length}");
            return INVALID_RANGE.reply().with(CONTENT_RANGE, &*range);
        }
    };
    let disposition = query::first(request.query(), "response-content-disposition");
    reply
        .with(CONTENT_DISPOSITION, disposition.as_deref())
        .with(LAST_MODIFIED, dates::http(modified).as_deref())
        .with(ACCEPT_RANGES, "bytes")
        .with(ETAG, &*etag)
        .with(CONTENT_TYPE, &*media_type)
}
