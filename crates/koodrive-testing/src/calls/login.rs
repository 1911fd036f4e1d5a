//! The bodies of the carrier's login and logout.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::auth::access::CarrierLogin;
use crate::auth::tokens::Session;
use crate::calls::refresh::session_info;
use crate::replies::refusal::Refusal;

/// The kind of login that asks for a password (`authType`). The other one asks for a code from a message.
const BY_PASSWORD: &str = "1";

/// Checks the body of a login. Other fields are ignored.
pub(crate) fn check_login(body: &[u8], expected: &CarrierLogin) -> Result<(), Refusal> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct LoginRequest {
        account: String,
        auth_type: String,
        password: String,
    }
    let asked: LoginRequest =
        serde_json::from_slice(body).map_err(|_| Refusal::BadParameter("body"))?;
    if asked.auth_type != BY_PASSWORD {
        return Err(Refusal::BadParameter("authType"));
    }
    // One refusal for both, so that it does not say which accounts exist.
    let is_known = asked.account == expected.account && asked.password == expected.password;
    is_known.then_some(()).ok_or(Refusal::BadParameter("account or password"))
}

/// The access token in the body of a logout by `user_id`.
pub(crate) fn logged_out(body: &[u8], user_id: &str) -> Result<String, Refusal> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct LogoutRequest {
        user_id: String,
        access_token: String,
    }
    let asked: LogoutRequest =
        serde_json::from_slice(body).map_err(|_| Refusal::BadParameter("body"))?;
    if asked.user_id != user_id {
        return Err(Refusal::BadParameter("userId"));
    }
    Ok(asked.access_token)
}

/// The body of a reply to a login.
pub(crate) fn reply(user_id: &str, session: Session) -> Value {
    let user = json!({
        "userId": user_id,
        "firstname": "Ada",
        "surname": "Example",
        "phone": "+10000000000",
        "email": "ada@example.com",
    });
    let data = json!({ "userInfo": user, "sessionInfo": session_info(session) });
    json!({ "code": 0, "msg": "Success", "data": data })
}

/// The body of a reply to a logout.
pub(crate) fn logout_reply() -> Value {
    json!({ "code": 0, "msg": "Success" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_account_with_its_password_is_accepted() {
        let expected = CarrierLogin {
            agent: "Carrier".to_owned(),
            account: "ada".to_owned(),
            password: "s3cret".to_owned(),
        };
        let bad = |name| Err(Refusal::BadParameter(name));
        for (body, verdict) in [
            (r#"{"account":"ada","authType":"1","password":"s3cret","captchaToken":""}"#, Ok(())),
            (r#"{"account":"ada","authType":"1","password":"S3cret"}"#, bad("account or password")),
            (r#"{"account":"bob","authType":"1","password":"s3cret"}"#, bad("account or password")),
            (r#"{"account":"ada","authType":"2","password":"s3cret"}"#, bad("authType")),
            (r#"{"account":"ada","authType":1,"password":"s3cret"}"#, bad("body")),
            (r#"{"account":"ada","authType":"1"}"#, bad("body")),
            ("account=ada", bad("body")),
        ] {
            assert_eq!(check_login(body.as_bytes(), &expected), verdict, "{body}");
        }
    }

    #[test]
    fn a_logout_names_the_user_and_the_token() {
        let bad = |name| Err(Refusal::BadParameter(name));
        for (body, verdict) in [
            (r#"{"userId":"17","accessToken":"AT 3b91"}"#, Ok("AT 3b91".to_owned())),
            (r#"{"userId":"18","accessToken":"AT 3b91"}"#, bad("userId")),
            (r#"{"userId":17,"accessToken":"AT 3b91"}"#, bad("body")),
            (r#"{"userId":"17"}"#, bad("body")),
            ("", bad("body")),
        ] {
            assert_eq!(logged_out(body.as_bytes(), "17"), verdict, "{body}");
        }
    }
}
