//! A URL that is a secret, because it gives access to the file.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use koodrive_api::RedactedUrl;
use reqwest::Url;
use serde::Serialize;

use super::timestamp::{from_civil, instant};

/// A pre-signed URL, byte for byte as it was received.
///
/// Fetch it with a plain GET without further headers. Do not parse and rebuild it: its query holds doubly
/// encoded text, and the signature covers the exact bytes. `Debug` shows only the host.
///
/// ```
/// let url = "https://obs.example.com/photo?X-Amz-Date=20251027T091151Z&X-Amz-Expires=3600&X-Amz-Signature=5ec4e7";
/// let url = koodrive::PresignedUrl::from(url);
/// assert_eq!(format!("{url:?}"), "PresignedUrl(https://obs.example.com/[redacted])");
/// assert!(url.expires_at().is_some());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct PresignedUrl<'a>(&'a str);

impl<'a> PresignedUrl<'a> {
    /// The URL itself.
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// When the URL expires, as it says itself (`X-Amz-Date` + `X-Amz-Expires`): usually an hour after the
    /// page was listed. For a new one, list the page again; [`Client::download`](crate::Client::download) does that by
    /// itself.
    pub fn expires_at(self) -> Option<SystemTime> {
        let url = Url::parse(self.0).ok()?;
        let value =
            |wanted| url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value);
        let signed = instant(from_civil("%Y%m%dT%H%M%SZ", &value("X-Amz-Date")?)?)?;
        let life = value("X-Amz-Expires")?.parse().ok().map(Duration::from_secs)?;
        signed.checked_add(life)
    }
}

impl<'a> From<&'a str> for PresignedUrl<'a> {
    fn from(url: &'a str) -> Self {
        Self(url)
    }
}

impl fmt::Debug for PresignedUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        RedactedUrl(self.0).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_life_of_a_url_is_read_from_it_and_never_guessed() {
        let signed = SystemTime::UNIX_EPOCH + Duration::from_secs(1_761_556_311);
        for (query, seconds) in [
            ("a=b%253D&X-Amz-Date=20251027T091151Z&X-Amz-Expires=3600", Some(3_600)),
            ("X-Amz-Expires=0&X-Amz-Date=20251027T091151Z", Some(0)),
            ("X-Amz-Date=20251027T091151Z", None),
            ("X-Amz-Expires=3600", None),
            ("X-Amz-Date=20251327T091151Z&X-Amz-Expires=3600", None),
            ("X-Amz-Date=20251027T091151Z&X-Amz-Expires=-1", None),
            ("X-Amz-Date=20251027T091151Z&X-Amz-Expires=18446744073709551615", None),
            ("", None),
        ] {
            let url = format!("https://example.com/photo?{query}");
            let expected = seconds.map(|seconds| signed + Duration::from_secs(seconds));
            assert_eq!(PresignedUrl(&url).expires_at(), expected, "{query}");
        }
        assert_eq!(PresignedUrl("not a URL").expires_at(), None);
    }

    #[test]
    fn debug_shows_the_host_alone() {
        let shown = |url: &str| format!("{:?}", PresignedUrl(url));
        assert_eq!(
            shown("https://a.example/b?c=d#e"),
            "PresignedUrl(https://a.example/[redacted])"
        );
        assert_eq!(shown("secret"), "PresignedUrl(https://?/[redacted])");
    }
}
