//! App authentication: an id, and a secret that signs the exact bytes of each request and is never sent.
//!
//! The scheme is Huawei Cloud's general one with another algorithm name, and without a date line in the
//! string to sign: the vendor's prose mentions that line, its formula does not.

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderValue;
use reqwest::{Request, Url};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::{
    error::{Error, Result},
    input,
    wire::endpoint::host,
};

const ALGORITHM: &str = "HMAC-SHA256";
const SIGNED_HEADERS: [&str; 3] = ["host", "x-date", "x-user-id"]; // ascending

/// AppId and AppSecret, for the service's app authentication: every request carries its own HMAC-SHA256
/// signature, which is valid for 15 minutes.
///
/// ```
/// use koodrive::{AppCredentials, Client};
///
/// # fn main() -> koodrive::Result<()> {
/// let client = Client::builder()
///     .user_id("1765263620687613825")
///     .credentials(AppCredentials::new("a378331eca14", "0123456789abcdef"))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct AppCredentials {
    app_id: String,
    app_secret: SecretString,
}

impl AppCredentials {
    /// The id and the secret of an app, as the vendor issued them.
    pub fn new(app_id: impl Into<String>, app_secret: impl Into<String>) -> Self {
        Self { app_id: app_id.into(), app_secret: SecretString::from(app_secret.into()) }
    }
}

redacted!(AppCredentials);

/// Signs requests for one app.
pub(crate) struct Signer {
    app_id: String,
    mac: Hmac<Sha256>,
}

impl Signer {
    pub(crate) fn new(app: &AppCredentials) -> Result<Self> {
        input::word("app id", &app.app_id)?;
        let secret = app.app_secret.expose_secret();
        input::secret("app secret", secret)?;
        let mac = Hmac::new_from_slice(secret.as_bytes());
        let mac = mac.map_err(|_| Error::invalid("the app secret is not valid"))?;
        Ok(Self { app_id: app.app_id.clone(), mac })
    }

    /// The value of `Authorization` for a request that is otherwise complete.
    pub(crate) fn authorization(&self, request: &Request) -> HeaderValue {
        let hash = sha256(canonical(request).as_bytes());
        let signature = self.sign(&format!("{ALGORITHM}\n{hash}"));
        let (app_id, names) = (&self.app_id, SIGNED_HEADERS.join(";"));
        let text =
            format!("{ALGORITHM} AppId={app_id},SignedHeaders={names},Signature={signature}");
        // Always visible ASCII: the app id was checked.
        HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(ALGORITHM))
    }

    fn sign(&self, text: &str) -> String {
        hex::encode(self.mac.clone().chain_update(text).finalize().into_bytes())
    }
}

fn canonical(request: &Request) -> String {
    let host = host(request.url());
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let headers = SIGNED_HEADERS.map(|name| match name {
        "host" => (name, host.as_str()),
        _ => (name, header(name).unwrap_or_default()),
    });
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
    canonical_request(request.method().as_str(), request.url(), &headers, body)
}

/// What both schemes sign. `headers` have lower-case names in ascending order; the query is spelt by
/// RFC 3986.
fn canonical_request(method: &str, url: &Url, headers: &[(&str, &str)], body: &[u8]) -> String {
    let slash = if url.path().ends_with('/') { "" } else { "/" };
    let lines = headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim()));
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    [
        method,
        &format!("{}{slash}", url.path()),
        &canonical_query(url.query().unwrap_or_default()),
        &lines.collect::<String>(),
        &names.join(";"),
        &sha256(body),
    ]
    .join("\n")
}

/// Sorted by name only. If values were compared too, `a-b=` would sort before `a=`.
fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(&str, &str)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    pairs.sort_by_key(|(name, _)| *name);
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "https://intl.myhuaweicloud-koodrive.com/koodrive/ose/v1/album/\
        1795607640592646273/list?pageSize=100&pageCursor=0&sortType=1&sortDirection=2";

    fn signer(secret: &str) -> Signer {
        let app_id = "a378331eca141163119eb602adb67b7802cc79cd33ba44c7d2fe61d1586c96a1";
        Signer::new(&AppCredentials::new(app_id, secret)).unwrap()
    }

    #[test]
    fn the_golden_vectors_match() {
        let mut request = Request::new(http::Method::GET, LIST.parse().unwrap());
        for (name, value) in [("x-date", "20251103T070140Z"), ("x-user-id", "1765263620687613825")]
        {
            request.headers_mut().insert(name, HeaderValue::from_static(value));
        }

        assert_eq!(
            sha256(canonical(&request).as_bytes()),
            "d44b9c55d98988649ee1b0637761368355512d286a03f82b757ba4980775a90b"
        );
        assert_eq!(
            signer("0123456789abcdef0123456789abcdef").authorization(&request),
            "HMAC-SHA256 \
             AppId=a378331eca141163119eb602adb67b7802cc79cd33ba44c7d2fe61d1586c96a1,\
             SignedHeaders=host;x-date;x-user-id,\
             Signature=cc4dca936e8ca18c7e7dbe4570dba3c64ac4c14f3f2b2119890b7543965f6685"
        );
    }

    #[test]
    fn huawei_clouds_general_example_matches() {
        let url = "https://service.region.example.com/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs/\
            ?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0";
        let headers = [
            ("content-type", "application/json"),
            ("host", "service.region.example.com"),
            ("x-sdk-date", "20191115T033655Z"),
        ];
        let hash =
            sha256(canonical_request("GET", &url.parse().unwrap(), &headers, b"").as_bytes());
        assert_eq!(hash, "b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a");

        let with_date = format!("SDK-HMAC-SHA256\n20191115T033655Z\n{hash}");
        assert_eq!(
            signer("MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc").sign(&with_date),
            "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe"
        );
    }

    #[test]
    fn a_query_is_sorted_by_name_and_keeps_its_spelling() {
        for (query, canonical) in [
            ("", ""),
            ("b=2&a=1", "a=1&b=2"),
            ("a-b=1&a=%20~%2A", "a=%20~%2A&a-b=1"),
            ("a=&B=1", "B=1&a="),
            ("a", "a="),
        ] {
            assert_eq!(canonical_query(query), canonical, "{query}");
        }
    }

    #[test]
    fn a_port_is_part_of_the_host_unless_it_is_the_default() {
        for (url, expected) in [
            ("https://example.com/", "example.com"),
            ("https://example.com:443/", "example.com"),
            ("http://127.0.0.1:8080/", "127.0.0.1:8080"),
            ("http://[::1]:8080/", "[::1]:8080"),
        ] {
            assert_eq!(host(&url.parse().unwrap()), expected);
        }
    }

    #[test]
    fn an_app_without_id_or_secret_is_refused() {
        for (id, secret) in [("", "s"), ("a b", "s"), ("a\n", "s"), ("a", ""), ("a", " ")] {
            assert!(Signer::new(&AppCredentials::new(id, secret)).is_err(), "{id:?} {secret:?}");
        }
    }
}
