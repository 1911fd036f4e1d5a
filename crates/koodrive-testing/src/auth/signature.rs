//! App authentication: checks that a request is signed with the secret of the app that it names.
//!
//! The expected signature is computed from the received request alone. `access` checks its date.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::auth::canonical;
use crate::hash::sha256_hex;
use crate::replies::refusal::BadSignature;
use crate::requests::received::ReceivedRequest;

const ALGORITHM: &str = "HMAC-SHA256";
const MUST_BE_SIGNED: [&str; 2] = ["x-date", "x-user-id"];

/// An app that may call the service.
pub(crate) struct App {
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// Whether an `Authorization` claims to be a signature, valid or not.
pub(crate) fn is_signature(authorization: &str) -> bool {
    authorization.strip_prefix(ALGORITHM).is_some_and(|rest| rest.starts_with(' '))
}

/// Checks the signature of `request`, whose `Authorization` is `authorization`.
pub(crate) fn verify(
    request: &ReceivedRequest,
    authorization: &str,
    app: &App,
) -> Result<(), BadSignature> {
    let claim = Claim::parse(authorization).ok_or(BadSignature::Malformed)?;
    if claim.app_id != app.id {
        return Err(BadSignature::UnknownApp { app_id: claim.app_id.to_owned() });
    }
    let canonical = canonical::request(request, claim.signed_headers);
    let canonical = canonical.ok_or(BadSignature::SignedHeader)?;
    if sign(&app.secret, &canonical).as_deref() == Some(claim.signature) {
        Ok(())
    } else {
        Err(BadSignature::Mismatch { canonical })
    }
}

/// Never `None`: HMAC accepts keys of any length.
fn sign(secret: &str, canonical: &str) -> Option<String> {
    let to_sign = format!("{ALGORITHM}\n{}", sha256_hex(canonical.as_bytes()));
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    Some(hex::encode(mac.chain_update(to_sign).finalize().into_bytes()))
}

/// The contents of `HMAC-SHA256 AppId=…,SignedHeaders=…,Signature=…`.
#[derive(Debug, PartialEq, Eq)]
struct Claim<'a> {
    app_id: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Claim<'a> {
    /// Accepts only the documented form: one space, none after the commas, names in ascending order.
    fn parse(authorization: &'a str) -> Option<Self> {
        let rest = authorization.strip_prefix(ALGORITHM)?.strip_prefix(" AppId=")?;
        let (app_id, rest) = rest.split_once(",SignedHeaders=")?;
        let (signed_headers, signature) = rest.split_once(",Signature=")?;
        let claim = Self { app_id, signed_headers, signature };
        claim.is_well_formed().then_some(claim)
    }

    fn is_well_formed(&self) -> bool {
        let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_small = |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase();
        let names: Vec<&str> = self.signed_headers.split(';').collect();
        !self.app_id.is_empty()
            && is_word(self.app_id)
            && names.iter().all(|name| name.bytes().all(is_small))
            && names.is_sorted_by(|one, next| one < next)
            && MUST_BE_SIGNED.iter().all(|name| names.contains(name))
            && self.signature.len() == 64
            && self.signature.bytes().all(is_hex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requests::received::tests::received;

    const APP: &str = "a378331eca141163119eb602adb67b7802cc79cd33ba44c7d2fe61d1586c96a1";
    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    const PATH: &str = "/koodrive/ose/v1/album/1795607640592646273/list";
    const QUERY: &str = "pageSize=100&pageCursor=0&sortType=1&sortDirection=2";
    const HEADERS: [(&str, &str); 3] = [
        ("host", "intl.myhuaweicloud-koodrive.com"),
        ("x-date", "20251103T070140Z"),
        ("x-user-id", "1765263620687613825"),
    ];
    const NAMES: &str = "host;x-date;x-user-id";
    const SIGNATURE: &str = "cc4dca936e8ca18c7e7dbe4570dba3c64ac4c14f3f2b2119890b7543965f6685";

    fn app() -> App {
        App { id: APP.to_owned(), secret: SECRET.to_owned() }
    }

    fn header(app: &str, names: &str, signature: &str) -> String {
        format!("HMAC-SHA256 AppId={app},SignedHeaders={names},Signature={signature}")
    }

    fn golden() -> ReceivedRequest {
        received("GET", PATH, QUERY, &HEADERS)
    }

    #[test]
    fn the_golden_vector_is_verified() {
        let canonical = canonical::request(&golden(), NAMES).unwrap();
        assert_eq!(
            sha256_hex(canonical.as_bytes()),
            "d44b9c55d98988649ee1b0637761368355512d286a03f82b757ba4980775a90b",
            "{canonical}"
        );
        assert_eq!(sign(SECRET, &canonical).as_deref(), Some(SIGNATURE));
        assert_eq!(verify(&golden(), &header(APP, NAMES, SIGNATURE), &app()), Ok(()));
    }

    #[test]
    fn the_vendors_example_header_is_accepted() {
        let signature = "bd355f202be40f95bf9510fd7bd48ad711a7d144c01df07d515ee0fbf3a47416";
        let value = header(APP, NAMES, signature);
        let claim = Claim { app_id: APP, signed_headers: NAMES, signature };
        assert_eq!(Claim::parse(&value), Some(claim));
    }

    #[test]
    fn any_change_to_what_is_signed_is_detected() {
        let changed = |at: usize, value| {
            let mut headers = HEADERS;
            headers[at].1 = value;
            received("GET", PATH, QUERY, &headers)
        };
        for (what, request) in [
            ("method", received("POST", PATH, QUERY, &HEADERS)),
            ("path", received("GET", &PATH.replace("273", "274"), QUERY, &HEADERS)),
            ("query", received("GET", PATH, &QUERY.replace("=0", "=1"), &HEADERS)),
            ("no query", received("GET", PATH, "", &HEADERS)),
            ("host", changed(0, "cn.myhuaweicloud-koodrive.com")),
            ("date", changed(1, "20251103T070141Z")),
            ("user", changed(2, "1765263620687613826")),
        ] {
            let verdict = verify(&request, &header(APP, NAMES, SIGNATURE), &app());
            assert!(matches!(verdict, Err(BadSignature::Mismatch { .. })), "{what}: {verdict:?}");
        }
    }

    #[test]
    fn the_order_and_encoding_of_the_query_do_not_matter() {
        let other = "sortDirection=2&page%43ursor=%30&sortType=1&pageSize=100";
        let request = received("GET", PATH, other, &HEADERS);
        assert_eq!(verify(&request, &header(APP, NAMES, SIGNATURE), &app()), Ok(()));
    }

    #[test]
    fn an_unknown_app_a_wrong_secret_and_a_missing_header_are_distinguished() {
        let value = header(APP, NAMES, SIGNATURE);
        let other = header("0123", NAMES, SIGNATURE);
        let unknown = BadSignature::UnknownApp { app_id: "0123".to_owned() };
        assert_eq!(verify(&golden(), &other, &app()), Err(unknown));

        let wrong = App { secret: "another".to_owned(), ..app() };
        let verdict = verify(&golden(), &value, &wrong);
        assert!(matches!(verdict, Err(BadSignature::Mismatch { .. })));

        for at in 0..HEADERS.len() {
            let mut headers = HEADERS.to_vec();
            headers.remove(at);
            let request = received("GET", PATH, QUERY, &headers);
            assert_eq!(verify(&request, &value, &app()), Err(BadSignature::SignedHeader), "{at}");
        }
    }

    #[test]
    fn other_headers_may_be_signed_and_the_host_may_be_left_out() {
        for names in ["x-date;x-user-id", "accept;host;x-date;x-user-id", NAMES] {
            let headers = [&HEADERS[..], &[("accept", "*/*")]].concat();
            let request = received("GET", PATH, QUERY, &headers);
            let signature = sign(SECRET, &canonical::request(&request, names).unwrap()).unwrap();
            assert_eq!(verify(&request, &header(APP, names, &signature), &app()), Ok(()));
        }
    }

    #[test]
    fn every_deviation_from_the_form_is_refused() {
        let good = header(APP, NAMES, SIGNATURE);
        for (from, to) in [
            ("HMAC-SHA256 ", "HMAC-SHA256  "),
            ("HMAC-SHA256 ", "SDK-HMAC-SHA256 "),
            ("HMAC-SHA256 ", "hmac-sha256 "),
            ("AppId=", "Access="),
            (APP, ""),
            (APP, "two words"),
            (APP, "two,parts"),
            (",SignedHeaders", ", SignedHeaders"),
            (",Signature", ", Signature"),
            (",Signature=", ""),
            (NAMES, ""),
            (NAMES, "host;x-date"),
            (NAMES, "host;x-user-id"),
            (NAMES, "x-date;host;x-user-id"),
            (NAMES, "host;x-user-id;x-date"),
            (NAMES, "host;x-date;x-date;x-user-id"),
            (NAMES, "Host;x-date;x-user-id"),
            (NAMES, "host; x-date;x-user-id"),
            (NAMES, "host,x-date,x-user-id"),
            (SIGNATURE, ""),
            (SIGNATURE, &SIGNATURE.to_uppercase()),
            (SIGNATURE, SIGNATURE.trim_end_matches('5')),
            (SIGNATURE, &format!("{SIGNATURE}0")),
            (SIGNATURE, &format!("{SIGNATURE} ")),
        ] {
            let value = good.replacen(from, to, 1);
            let verdict = verify(&golden(), &value, &app());
            assert_eq!(verdict, Err(BadSignature::Malformed), "{value}");
        }
    }

    #[test]
    fn a_signature_is_recognised_by_its_algorithm() {
        for (value, is) in [
            ("HMAC-SHA256 AppId=", true),
            ("HMAC-SHA256 ", true),
            ("HMAC-SHA256", false),
            ("HMAC-SHA2567 ", false),
            ("Bearer HMAC-SHA256 ", false),
        ] {
            assert_eq!(is_signature(value), is, "{value}");
        }
    }
}
