//! The bodies of a refresh request and its reply.

use serde::{Deserialize, Serialize};

use crate::auth::tokens::Session;
use crate::replies::refusal::Refusal;

/// The refresh token in the body of a request. Other fields are ignored.
pub(crate) fn refresh_token(body: &[u8]) -> Result<String, Refusal> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct RefreshRequest {
        refresh_token: String,
    }
    let asked: Result<RefreshRequest, _> = serde_json::from_slice(body);
    asked.map(|asked| asked.refresh_token).map_err(|_| Refusal::BadParameter("refreshToken"))
}

/// The body of a reply.
#[derive(Serialize)]
pub(crate) struct RefreshReply {
    data: SessionData,
    code: u32,
    msg: &'static str,
}

/// The forms of the vendor's table and of its example.
#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum SessionData {
    Flat(SessionFields),
    Wrapped { session_info: SessionFields },
}

/// A session, in the fields of a refresh and a login.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionFields {
    access_token: String,
    /// In whole seconds, rounded down.
    expires_in: u64,
    issued_at: String,
    refresh_token: String,
}

impl RefreshReply {
    /// `session` becomes `data` itself if `flat`, otherwise `data.sessionInfo`.
    pub(crate) fn new(session: Session, flat: bool) -> Self {
        let session_info = SessionFields::from(session);
        let data = if flat {
            SessionData::Flat(session_info)
        } else {
            SessionData::Wrapped { session_info }
        };
        Self { data, code: 0, msg: "Success" }
    }
}

impl From<Session> for SessionFields {
    fn from(session: Session) -> Self {
        Self {
            access_token: session.access_token,
            expires_in: session.life.as_secs(),
            issued_at: session.issued_at.as_millisecond().to_string(),
            refresh_token: session.refresh_token,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_session_has_either_of_the_vendors_forms() {
        let session = Session {
            access_token: "AT 3b911d723003f70a1265124148fdfe486c108b64bf8d0de3".to_owned(),
            life: Duration::from_millis(1_800_900),
            issued_at: Timestamp::from_millisecond(1_772_006_999_088).unwrap(),
            refresh_token: "0e0e72d3c7e9e4444df6bc3fb111eaee18eb7b2393a939cb".to_owned(),
        };
        let written = json!({
            "accessToken": "AT 3b911d723003f70a1265124148fdfe486c108b64bf8d0de3",
            "expiresIn": 1800,
            "issuedAt": "1772006999088",
            "refreshToken": "0e0e72d3c7e9e4444df6bc3fb111eaee18eb7b2393a939cb",
        });
        for (flat, data) in [(false, json!({ "sessionInfo": written })), (true, written.clone())] {
            let body = serde_json::to_value(RefreshReply::new(session.clone(), flat)).unwrap();
            assert_eq!(body, json!({ "data": data, "code": 0, "msg": "Success" }));
        }
    }

    #[test]
    fn a_refresh_request_is_a_json_object_with_a_refresh_token() {
        let bad = Err(Refusal::BadParameter("refreshToken"));
        for (body, expected) in [
            (r#"{"refreshToken":"0e0e"}"#, Ok("0e0e".to_owned())),
            (r#"{"x":1,"refreshToken":""}"#, Ok(String::new())),
            (r#"{"refresh_token":"0e0e"}"#, bad.clone()),
            (r#"{"refreshToken":17}"#, bad.clone()),
            (r#"{"refreshToken":null}"#, bad.clone()),
            (r#"{"refreshToken":"0e0e""#, bad.clone()),
            ("refreshToken=0e0e", bad.clone()),
            (r#""0e0e""#, bad.clone()),
            ("", bad),
        ] {
            assert_eq!(refresh_token(body.as_bytes()), expected, "{body}");
        }
    }
}
