//! Access control: checks a request's headers against the account, its tokens and the server's time.
//!
//! Pure functions, in the order in which a gateway and the service behind it check: credentials, date,
//! user, trace id. They do not look at what is requested.

use jiff::Timestamp;

use crate::auth::signature::{self, App};
use crate::auth::tokens::{TokenState, Tokens};
use crate::dates::{self, BadDate};
use crate::replies::refusal::{BadSignature, Refusal};
use crate::requests::received::ReceivedRequest;

/// The vendor's English page says "58 bits"; another page says letters, digits and underscores, 58 bytes.
const TRACE_ID: usize = 58;

/// The user and the app that may list albums. Tokens are kept elsewhere, because they change.
pub(crate) struct Account {
    pub(crate) user_id: String,
    pub(crate) access_token: String,
    pub(crate) app: App,
    pub(crate) login: CarrierLogin,
}

/// What a carrier's customer signs in with.
pub(crate) struct CarrierLogin {
    pub(crate) agent: String,
    pub(crate) account: String,
    pub(crate) password: String,
}

/// Checks a request to list files or albums, which needs a valid token or signature, a date and the user.
pub(crate) fn check_list(
    request: &ReceivedRequest,
    account: &Account,
    tokens: &Tokens,
    now: Timestamp,
) -> Result<(), Refusal> {
    let authorization = authorization(request)?;
    if signature::is_signature(authorization) {
        signature::verify(request, authorization, &account.app).map_err(Refusal::BadSignature)?;
        check_signed_date(request, now)?;
    } else {
        check_token(tokens.state(authorization, now))?;
        check_date(request, now)?;
    }
    if request.single_header("x-user-id") != Some(&account.user_id) {
        return Err(Refusal::Unauthorized("X-User-Id is not the user of the token"));
    }
    check_trace_id(request)
}

/// Checks a refresh request, which needs an access token that was issued at some time. The vendor asks
/// for "the current" one; a refresh would be of little use if that must not have expired.
pub(crate) fn check_refresh(
    request: &ReceivedRequest,
    tokens: &Tokens,
    now: Timestamp,
) -> Result<(), Refusal> {
    match tokens.state(authorization(request)?, now) {
        TokenState::Valid | TokenState::Expired | TokenState::Revoked => check_trace_id(request),
        TokenState::Unknown => check_token(TokenState::Unknown),
    }
}

/// Checks the headers of a login, which needs the carrier's name and no token.
pub(crate) fn check_login(request: &ReceivedRequest, login: &CarrierLogin) -> Result<(), Refusal> {
    if request.single_header("x-hw-agentname") != Some(&login.agent) {
        return Err(Refusal::BadParameter("x-hw-agentName"));
    }
    check_trace_id(request)
}

/// Checks the headers of a logout, which needs a valid token, and neither date nor user.
pub(crate) fn check_logout(
    request: &ReceivedRequest,
    tokens: &Tokens,
    now: Timestamp,
) -> Result<(), Refusal> {
    check_token(tokens.state(authorization(request)?, now))?;
    check_trace_id(request)
}

fn authorization(request: &ReceivedRequest) -> Result<&str, Refusal> {
    request.single_header("authorization").ok_or(Refusal::Unauthorized("Authorization is missing"))
}

fn check_token(state: TokenState) -> Result<(), Refusal> {
    match state {
        TokenState::Valid => Ok(()),
        TokenState::Expired => Err(Refusal::Unauthorized("the access token has expired")),
        TokenState::Revoked | TokenState::Unknown => {
            Err(Refusal::Unauthorized("the access token is not valid"))
        }
    }
}

fn check_date(request: &ReceivedRequest, now: Timestamp) -> Result<(), Refusal> {
    let date = request.single_header("x-date").ok_or(Refusal::Unauthorized("X-Date is missing"))?;
    dates::check_x_date(date, now).map_err(|bad| {
        Refusal::Unauthorized(match bad {
            BadDate::Malformed => "X-Date is not of the form yyyyMMdd'T'HHmmss'Z'",
            BadDate::InTheFuture => "X-Date is later than the server's time",
            BadDate::TooOld => "X-Date is older than 15 minutes",
        })
    })
}

/// The same window as for a token, but the gateway checks signatures and uses its own words.
fn check_signed_date(request: &ReceivedRequest, now: Timestamp) -> Result<(), Refusal> {
    let date = request.single_header("x-date").unwrap_or_default();
    dates::check_x_date(date, now)
        .map_err(|_| Refusal::BadSignature(BadSignature::Expired { signed: date.to_owned() }))
}

fn check_trace_id(request: &ReceivedRequest) -> Result<(), Refusal> {
    match request.header("x-traceid") {
        Some(id) if !is_trace_id(id) => Err(Refusal::BadParameter("X-Traceid")),
        _ => Ok(()),
    }
}

fn is_trace_id(id: &str) -> bool {
    id.len() == TRACE_ID && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::auth::tokens::SessionRules;
    use crate::requests::received::tests::received;

    const TOKEN: &str = "3b911d723003f70a";
    const USER: &str = "1765263620687613825";
    const DATE: &str = "20251103T070140Z";
    const GOOD: [(&str, &str); 3] =
        [("authorization", TOKEN), ("x-date", DATE), ("x-user-id", USER)];
    /// The golden vector of `signature`, which has the same secret.
    const SIGNED: &str = "HMAC-SHA256 AppId=a378331e,SignedHeaders=host;x-date;x-user-id,\
        Signature=cc4dca936e8ca18c7e7dbe4570dba3c64ac4c14f3f2b2119890b7543965f6685";

    fn account() -> Account {
        Account {
            user_id: USER.to_owned(),
            access_token: TOKEN.to_owned(),
            app: App {
                id: "a378331e".to_owned(),
                secret: "0123456789abcdef0123456789abcdef".to_owned(),
            },
            login: CarrierLogin {
                agent: "Carrier".to_owned(),
                account: "ada".to_owned(),
                password: "s3cret".to_owned(),
            },
        }
    }

    fn now() -> Timestamp {
        "2025-11-03T07:01:40Z".parse().unwrap()
    }

    fn tokens() -> Tokens {
        Tokens::new(TOKEN, "refresh", SessionRules::default(), now())
    }

    fn list(headers: &[(&str, &str)]) -> Result<(), Refusal> {
        check_list(&received("GET", "/", "", headers), &account(), &tokens(), now())
    }

    fn signed_list(date: &str, authorization: &str, now: Timestamp) -> Result<(), Refusal> {
        let path = "/koodrive/ose/v1/album/1795607640592646273/list";
        let query = "pageSize=100&pageCursor=0&sortType=1&sortDirection=2";
        let host = ("host", "intl.myhuaweicloud-koodrive.com");
        let headers =
            [("authorization", authorization), host, ("x-date", date), ("x-user-id", USER)];
        check_list(&received("GET", path, query, &headers), &account(), &tokens(), now)
    }

    #[test]
    fn a_missing_wrong_or_repeated_header_is_refused() {
        assert_eq!(list(&GOOD), Ok(()));
        for at in 0..GOOD.len() {
            let mut without = GOOD.to_vec();
            without.remove(at);
            assert!(matches!(list(&without), Err(Refusal::Unauthorized(_))), "{at} missing");

            let mut doubled = GOOD.to_vec();
            doubled.push(GOOD[at]);
            assert!(matches!(list(&doubled), Err(Refusal::Unauthorized(_))), "{at} doubled");

            let mut wrong = GOOD.to_vec();
            wrong[at].1 = "1505084218764547200";
            assert!(matches!(list(&wrong), Err(Refusal::Unauthorized(_))), "{at} wrong");
        }
    }

    #[test]
    fn each_kind_of_bad_date_has_its_own_message() {
        for (date, word) in [
            ("20251103T070141Z", "later"),
            ("20251103T064639Z", "older"),
            ("2025307T0070140Z", "form"),
        ] {
            let refusal = list(&[("authorization", TOKEN), ("x-date", date), ("x-user-id", USER)]);
            let Err(Refusal::Unauthorized(why)) = refusal else { panic!("{date} was accepted") };
            assert!(why.contains(word), "{date}: {why}");
        }
    }

    #[test]
    fn a_trace_id_is_optional_but_must_be_valid() {
        let good = "aZ0_".repeat(14) + "9A";
        for (id, accepted) in [
            (good.clone(), true),
            (format!("{good}a"), false),
            (good.replace("9A", "9"), false),
            (good.replace('_', "-"), false),
            ("é".repeat(29), false),
            (String::new(), false),
        ] {
            let headers = [&GOOD[..], &[("x-traceid", &id)]].concat();
            let expected = if accepted { Ok(()) } else { Err(Refusal::BadParameter("X-Traceid")) };
            assert_eq!(list(&headers), expected, "{id}");
            let refresh = received("POST", "/", "", &headers);
            assert_eq!(check_refresh(&refresh, &tokens(), now()), expected, "{id}");
        }
    }

    #[test]
    fn a_signature_replaces_a_token() {
        assert_eq!(signed_list(DATE, SIGNED, now()), Ok(()));
        let altered = SIGNED.replace("6685", "6686");
        let verdict = signed_list(DATE, &altered, now());
        assert!(matches!(verdict, Err(Refusal::BadSignature(BadSignature::Mismatch { .. }))));
    }

    #[test]
    fn a_signature_is_valid_only_within_the_window_of_its_date() {
        let second = Duration::from_secs(1);
        for (at, accepted) in [
            (now() - second, false),
            (now(), true),
            (now() + 900 * second, true),
            (now() + 901 * second, false),
        ] {
            let expired = BadSignature::Expired { signed: DATE.to_owned() };
            let expected = if accepted { Ok(()) } else { Err(Refusal::BadSignature(expired)) };
            assert_eq!(signed_list(DATE, SIGNED, at), expected, "{at}");
        }
    }

    #[test]
    fn a_list_needs_a_valid_token_and_a_refresh_any_issued_one() {
        let expired = |tokens: &mut Tokens| {
            let life = Some(Duration::ZERO);
            *tokens = Tokens::new(
                TOKEN,
                "refresh",
                SessionRules { life, ..SessionRules::default() },
                now(),
            );
        };
        let fresh: fn(&mut Tokens) = |_| ();
        for (what, change, value, lists, refreshes) in [
            ("valid", fresh, TOKEN, true, true),
            ("expired", expired, TOKEN, false, true),
            ("revoked", |tokens| tokens.revoke(TOKEN), TOKEN, false, true),
            ("unknown", fresh, "5e1fa1b0", false, false),
            ("the refresh token", fresh, "refresh", false, false),
        ] {
            let mut tokens = tokens();
            change(&mut tokens);
            let headers = [("authorization", value), GOOD[1], GOOD[2]];
            let request = received("GET", "/", "", &headers);
            let list = check_list(&request, &account(), &tokens, now());
            assert_eq!(list.is_ok(), lists, "{what}: {list:?}");
            let refresh = check_refresh(&request, &tokens, now());
            assert_eq!(refresh.is_ok(), refreshes, "{what}: {refresh:?}");
        }
    }

    #[test]
    fn a_login_needs_the_carriers_name_and_no_token() {
        let check = |headers: &[(&str, &str)]| {
            check_login(&received("POST", "/", "", headers), &account().login)
        };
        let agent = ("x-hw-agentname", "Carrier");
        assert_eq!(check(&[agent]), Ok(()));
        for refused in [&[][..], &[agent, agent], &[("x-hw-agentname", "carrier")]] {
            assert_eq!(check(refused), Err(Refusal::BadParameter("x-hw-agentName")), "{refused:?}");
        }
        assert_eq!(
            check(&[agent, ("x-traceid", "short")]),
            Err(Refusal::BadParameter("X-Traceid"))
        );
    }

    #[test]
    fn a_logout_needs_a_valid_token() {
        let check = |headers: &[(&str, &str)], tokens: &Tokens| {
            check_logout(&received("POST", "/", "", headers), tokens, now())
        };
        assert_eq!(check(&GOOD[..1], &tokens()), Ok(()));
        assert!(matches!(check(&[], &tokens()), Err(Refusal::Unauthorized(_))));
        let mut revoked = tokens();
        revoked.revoke(TOKEN);
        assert!(matches!(check(&GOOD[..1], &revoked), Err(Refusal::Unauthorized(_))));
    }

    #[test]
    fn a_refresh_needs_neither_date_nor_user_and_accepts_no_signature() {
        let check = |headers: &[(&str, &str)]| {
            check_refresh(&received("POST", "/", "", headers), &tokens(), now())
        };
        assert_eq!(check(&GOOD[..1]), Ok(()));
        assert_eq!(check(&[GOOD[0], ("x-date", "?"), ("x-user-id", "?")]), Ok(()));
        for refused in [&[][..], &[GOOD[0], GOOD[0]], &[("authorization", SIGNED)]] {
            assert!(matches!(check(refused), Err(Refusal::Unauthorized(_))), "{refused:?}");
        }
    }
}
