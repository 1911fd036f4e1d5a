//! Downloads by pre-signed link, answered as an object store does: the link alone gives access, and
//! errors are XML.

use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::{SignedDuration, Timestamp};

use crate::albums::presign::{LIFE, Presigner};
use crate::albums::store::Albums;
use crate::dates;
use crate::replies::reply::Reply;
use crate::requests::query;
use crate::requests::received::ReceivedRequest;
use crate::requests::route::MEDIA;

/// The content of the requested file, or a refusal.
pub(crate) fn reply(request: &ReceivedRequest, albums: &Albums, now: Timestamp) -> Reply {
    let object = request.path().strip_prefix(MEDIA).unwrap_or_default();
    let Some((album_id, file)) = albums.stored(object) else {
        return refusal(StatusCode::NOT_FOUND, "NoSuchKey");
    };
    if request.header(AUTHORIZATION.as_str()).is_some() {
        return refusal(StatusCode::BAD_REQUEST, "InvalidArgument");
    }
    let signed = query::first(request.query(), "X-Amz-Date").unwrap_or_default();
    let Some(signed) = dates::parse_x_date(&signed) else {
        return refusal(StatusCode::FORBIDDEN, "AccessDenied");
    };
    let link = file.link(&album_id, &presigner(request, signed));
    if !link.ends_with(&format!("{}?{}", request.path(), request.query())) {
        return refusal(StatusCode::FORBIDDEN, "SignatureDoesNotMatch");
    }
    if now.duration_since(signed) > SignedDuration::from_secs(LIFE) {
        return refusal(StatusCode::FORBIDDEN, "AccessDenied");
    }
    let media_type = file.media_type().and_then(|kind| HeaderValue::from_str(kind).ok());
    let media_type = media_type.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    answer(StatusCode::OK, media_type, file.stored_content().unwrap_or_default().to_vec())
}

/// Signs links that lead back to the host of this request.
pub(crate) fn presigner(request: &ReceivedRequest, now: Timestamp) -> Presigner {
    let host = request.header("host").unwrap_or_default();
    Presigner::new(now).with_base(format!("http://{host}{}", MEDIA.trim_end_matches('/')))
}

fn refusal(status: StatusCode, code: &str) -> Reply {
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>");
    answer(status, HeaderValue::from_static("application/xml"), body.into())
}

fn answer(status: StatusCode, media_type: HeaderValue, body: Vec<u8>) -> Reply {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, media_type)]);
    Reply { status, headers, body, delay: Duration::ZERO }
}
