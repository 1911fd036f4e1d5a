//! A URL that is a secret, because it gives access to the file.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use jiff::{civil, tz::TimeZone};
use reqwest::Url;
use serde::{Deserialize, Serialize};

use super::timestamp::instant;

/// A pre-signed URL, byte for byte as it was received.
///
/// Fetch it with a plain GET without further headers. Do not parse and rebuild it: its query holds doubly
/// encoded text, and the signature covers the exact bytes. `Debug` shows only the host.
///
/// ```
/// let url = "https://obs.example.com/photo?X-Amz-Date=20251027T091151Z&X-Amz-Expires=3600&X-Amz-Signature=5ec4e7";
/// let url = koodrive::PresignedUrl::from(url.to_owned());
/// assert_eq!(format!("{url:?}"), "PresignedUrl(https://obs.example.com/[redacted])");
/// assert!(url.expires_at().is_some());
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PresignedUrl(String);

impl PresignedUrl {
    /// The URL itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// When the URL expires, as it says itself (`X-Amz-Date` + `X-Amz-Expires`): usually an hour after the
    /// page was listed. For a new one, list the page again.
    pub fn expires_at(&self) -> Option<SystemTime> {
        let url = Url::parse(&self.0).ok()?;
        let value =
            |wanted| url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value);
        let signed =
            civil::DateTime::strptime("%Y%m%dT%H%M%SZ", value("X-Amz-Date")?.as_ref()).ok()?;
        let signed = instant(signed.to_zoned(TimeZone::UTC).ok()?.timestamp())?;
        let life = value("X-Amz-Expires")?.parse().ok().map(Duration::from_secs)?;
        signed.checked_add(life)
    }
}

impl From<String> for PresignedUrl {
    fn from(url: String) -> Self {
        Self(url)
    }
}

impl fmt::Debug for PresignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = Url::parse(&self.0).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or("?");
        write!(f, "PresignedUrl(https://{host}/[redacted])")
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
            let url = PresignedUrl(format!("https://example.com/photo?{query}"));
            let expected = seconds.map(|seconds| signed + Duration::from_secs(seconds));
            assert_eq!(url.expires_at(), expected, "{query}");
        }
        assert_eq!(PresignedUrl("not a URL".to_owned()).expires_at(), None);
    }

    #[test]
    fn debug_shows_the_host_alone() {
        let shown = |url: &str| format!("{:?}", PresignedUrl(url.to_owned()));
        assert_eq!(
            shown("https://a.example/b?c=d#e"),
            "PresignedUrl(https://a.example/[redacted])"
        );
        assert_eq!(shown("secret"), "PresignedUrl(https://?/[redacted])");
    }
}
