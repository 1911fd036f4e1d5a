//! Refusals, in the words of the service or of its gateway.
//!
//! Other modules decide why a request is refused; this one only writes the reply.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::dates;
use crate::replies::reply::Reply;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The gateway knows no such path or method.
    NoSuchApi,
    /// The token, date or user is not accepted. The vendor documents no code for this.
    Unauthorized(&'static str),
    /// The gateway does not accept the signature.
    BadSignature(BadSignature),
    BadParameter(&'static str),
    NoSuchAlbum,
}

/// Why a signature is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BadSignature {
    /// `Authorization` does not have the documented form, or a mandatory header is not signed.
    Malformed,
    UnknownApp {
        app_id: String,
    },
    /// A signed header is missing or repeated.
    SignedHeader,
    /// The canonical form of the received request has a different signature.
    Mismatch {
        canonical: String,
    },
    /// The signed date is outside the window.
    Expired {
        signed: String,
    },
}

impl Refusal {
    /// The reply to request `number`, which determines the gateway's request id.
    pub(crate) fn reply(&self, number: usize, now: Timestamp) -> Reply {
        let envelope = |code: u32, msg: String| json!({ "code": code, "msg": msg });
        match self {
            Self::NoSuchApi => {
                let msg = "The API does not exist or has not been published in the environment";
                let body = gateway_error("APIG.0101", msg.to_owned(), number);
                Reply::json(StatusCode::NOT_FOUND, &body)
            }
            Self::BadSignature(bad) => {
                let why = signature_words(bad, now);
                let msg = format!("Incorrect app authentication information: {why}");
                Reply::json(StatusCode::UNAUTHORIZED, &gateway_error("APIG.0303", msg, number))
            }
            Self::Unauthorized(why) => {
                let msg = format!("Authentication failed: {why}.");
                Reply::json(StatusCode::UNAUTHORIZED, &envelope(401, msg))
            }
            Self::BadParameter(name) => {
                let msg = format!("Invalid parameter: {name}.");
                Reply::json(StatusCode::BAD_REQUEST, &envelope(13_000_102, msg))
            }
            Self::NoSuchAlbum => {
                let msg = "The resource does not exist.".to_owned();
                Reply::json(StatusCode::BAD_REQUEST, &envelope(13_000_309, msg))
            }
        }
    }
}

fn gateway_error(code: &str, message: String, number: usize) -> Value {
    let id = fastrand::Rng::with_seed(number as u64).u128(..);
    json!({ "error_code": code, "error_msg": message, "request_id": format!("{id:032x}") })
}

/// The words of Huawei Cloud's gateway, which repeats what it received.
fn signature_words(bad: &BadSignature, now: Timestamp) -> String {
    match bad {
        BadSignature::Malformed => "Authorization format is incorrect".to_owned(),
        BadSignature::UnknownApp { app_id } => format!("app not found, appkey {app_id}"),
        BadSignature::SignedHeader => "a signed header is missing or repeated".to_owned(),
        BadSignature::Mismatch { canonical } => {
            format!("verify signature fail, canonicalRequest:{}", canonical.replace('\n', "|"))
        }
        BadSignature::Expired { signed } => {
            let now = dates::compact(now);
            format!("signature expired, signature time:{signed},server time:{now}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_in_the_services_format() {
        for (refusal, status, code) in [
            (Refusal::Unauthorized("the access token is not valid"), 401, 401),
            (Refusal::BadParameter("pageSize"), 400, 13_000_102),
            (Refusal::NoSuchAlbum, 400, 13_000_309),
        ] {
            let reply = refusal.reply(0, Timestamp::UNIX_EPOCH);
            let body: Value = serde_json::from_slice(&reply.content.piece(0)).unwrap();
            assert_eq!(reply.status, status, "{refusal:?}");
            assert_eq!(body["code"], code, "{refusal:?}");
            assert!(body["msg"].is_string(), "{refusal:?}");
        }
    }

    #[test]
    fn the_gateway_answers_unknown_paths_with_an_id_for_each_request() {
        let body = |number| -> Value {
            let reply = Refusal::NoSuchApi.reply(number, Timestamp::UNIX_EPOCH);
            assert_eq!(reply.status, 404);
            serde_json::from_slice(&reply.content.piece(0)).unwrap()
        };
        assert_eq!(body(0)["error_code"], "APIG.0101");
        assert_eq!(body(0)["request_id"].as_str().unwrap().len(), 32);
        assert_ne!(body(0)["request_id"], body(1)["request_id"]);
    }

    #[test]
    fn a_bad_signature_is_refused_in_the_gateways_words() {
        let date = || "20230527T000431Z".to_owned();
        for (bad, words) in [
            (BadSignature::Malformed, "Authorization format is incorrect"),
            (BadSignature::UnknownApp { app_id: "01".to_owned() }, "app not found, appkey 01"),
            (BadSignature::SignedHeader, "a signed header is missing or repeated"),
            (
                BadSignature::Mismatch {
                    canonical: "GET\n/test/\n\nhost:h\n\nhost\ne3".to_owned(),
                },
                "verify signature fail, canonicalRequest:GET|/test/||host:h||host|e3",
            ),
            (
                BadSignature::Expired { signed: date() },
                "signature expired, signature time:20230527T000431Z,server time:20230527T020608Z",
            ),
        ] {
            let now = "2023-05-27T02:06:08.9Z".parse().unwrap();
            let reply = Refusal::BadSignature(bad).reply(0, now);
            let body: Value = serde_json::from_slice(&reply.content.piece(0)).unwrap();
            assert_eq!(
                (reply.status, &body["error_code"]),
                (StatusCode::UNAUTHORIZED, &"APIG.0303".into())
            );
            let expected = format!("Incorrect app authentication information: {words}");
            assert_eq!(body["error_msg"], expected);
        }
    }
}
