//! The bodies of a refresh request and its reply.

use serde::Deserialize;
use serde_json::{Value, json};

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

/// The body of a reply. The session is `data` itself if `flat`, as in the vendor's table, and otherwise
/// `data.sessionInfo`, as in its example.
pub(crate) fn reply(session: Session, flat: bool) -> Value {
    let session = session_info(session);
    let data = if flat { session } else { json!({ "sessionInfo": session }) };
    json!({ "data": data, "code": 0, "msg": "Success" })
}

/// A session, in the fields of a refresh and a login.
pub(crate) fn session_info(session: Session) -> Value {
    json!({
        "accessToken": session.access_token,
        "expiresIn": session.life.as_secs(), // rounded down
        "issuedAt": session.issued_at.as_millisecond().to_string(),
        "refreshToken": session.refresh_token,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

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
            assert_eq!(
                reply(session.clone(), flat),
                json!({ "data": data, "code": 0, "msg": "Success" })
            );
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
