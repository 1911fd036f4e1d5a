//! Pre-signed URLs of the documented form, which lead to this server or nowhere.
//!
//! By default the host is a name reserved for examples, and the signature is always invented, so no
//! test can reach real storage with such a URL.

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::dates;

const HOST: &str = "https://obs-album.example.com";
/// The lifetime of a URL, in seconds.
pub(crate) const LIFE: i64 = 3600;
const ACCESS_KEY: &str = "HPUA8WFGVY35JSJDL1GV";
const RESIZE: &str = "x-image-process=image%2Fresize%2Cm_lfit%2Ch_128%2Cw_128&";
/// Everything but the unreserved characters of RFC 3986.
const OUTER: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Everything but the attribute characters of RFC 5987. After the second encoding `=` becomes `%253D`
/// but `&` becomes `%26`, as in the vendor's example.
const INNER: &AsciiSet = &OUTER
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'^')
    .remove(b'`')
    .remove(b'|');

/// Signs URLs at one moment. They expire after [`LIFE`].
pub(crate) struct Presigner {
    base: String,
    date: String,
    second: u64,
}

impl Presigner {
    pub(crate) fn new(now: Timestamp) -> Self {
        let second = now.as_second().cast_unsigned();
        Self { base: HOST.to_owned(), date: dates::compact(now), second }
    }

    /// Changes the base URL of the objects, which has no trailing `/`.
    pub(crate) fn with_base(self, base: String) -> Self {
        Self { base, ..self }
    }

    /// The URL of a stored object, to be saved as `name`. `seed` identifies the object.
    pub(crate) fn content(&self, object: &str, name: &str, seed: u64) -> String {
        self.url(object, "", name, seed)
    }

    /// The URL of the object's thumbnail, at most 128 pixels wide and high.
    pub(crate) fn thumbnail(&self, object: &str, name: &str, seed: u64) -> String {
        self.url(object, RESIZE, name, !seed)
    }

    fn url(&self, object: &str, process: &str, name: &str, seed: u64) -> String {
        let disposition =
            format!("attachment; filename*=UTF-8''{}", utf8_percent_encode(name, INNER));
        let disposition = utf8_percent_encode(&disposition, OUTER);
        let (base, date, signature) = (&self.base, &self.date, self.signature(seed));
        let day = date.split('T').next().unwrap_or_default();
        format!(
            "{base}/{object}?{process}response-content-disposition={disposition}\
             &X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={date}&X-Amz-SignedHeaders=host\
             &X-Amz-Expires={LIFE}&X-Amz-Credential={ACCESS_KEY}%2F{day}%2Fnorth-4%2Fs3%2Faws4_request\
             &X-Amz-Signature={signature}"
        )
    }

    fn signature(&self, seed: u64) -> String {
        let mut rng = fastrand::Rng::with_seed(seed ^ self.second);
        format!("{:032x}{:032x}", rng.u128(..), rng.u128(..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn presigner() -> Presigner {
        Presigner::new("2025-10-27T09:11:51.9Z".parse().unwrap())
    }

    /// The vendor's example, except for host, credential and signature.
    #[test]
    fn a_content_url_has_the_documented_form() {
        let url =
            presigner().content("a0134878508b4ab2b1c96820dca2f31c086", "ims_kt=url&at=ori.jpg", 1);
        let expected = "https://obs-album.example.com/a0134878508b4ab2b1c96820dca2f31c086\
            ?response-content-disposition=attachment%3B%20filename%2A%3DUTF-8%27%27\
            ims_kt%253Durl%26at%253Dori.jpg&X-Amz-Algorithm=AWS4-HMAC-SHA256\
            &X-Amz-Date=20251027T091151Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600\
            &X-Amz-Credential=HPUA8WFGVY35JSJDL1GV%2F20251027%2Fnorth-4%2Fs3%2Faws4_request\
            &X-Amz-Signature=";
        let signature = url.strip_prefix(expected).unwrap_or_else(|| panic!("{url}"));
        assert_eq!(signature.len(), 64);
        assert!(signature.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
    }

    #[test]
    fn a_thumbnail_url_requests_the_same_object_resized() {
        let url = presigner().thumbnail("a0", "🌊 é.jpg", 1);
        assert!(url.starts_with(
            "https://obs-album.example.com/a0\
             ?x-image-process=image%2Fresize%2Cm_lfit%2Ch_128%2Cw_128&response-content-disposition="
        ));
        assert!(url.contains("UTF-8%27%27%25F0%259F%258C%258A%2520%25C3%25A9.jpg&"), "{url}");
    }

    #[test]
    fn every_url_has_a_signature_of_its_own() {
        let (now, later) = (presigner(), Presigner::new("2025-10-27T09:11:52Z".parse().unwrap()));
        let urls = [
            now.content("a", "b", 1),
            now.thumbnail("a", "b", 1),
            now.content("a", "b", 2),
            later.content("a", "b", 1),
        ];
        let signatures: std::collections::HashSet<_> =
            urls.iter().map(|url| url.rsplit('=').next()).collect();
        assert_eq!(signatures.len(), 4);
    }
}
