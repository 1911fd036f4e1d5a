//! How a URL that is a secret may be printed.

use std::fmt;

use reqwest::Url;

/// A pre-signed URL. `Debug` shows its host.
pub struct RedactedUrl<'a>(pub &'a str);

impl fmt::Debug for RedactedUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = Url::parse(self.0).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or("?");
        write!(f, "PresignedUrl(https://{host}/[redacted])")
    }
}
