//! Pre-signed links of the documented form: made here, and checked here when they come back.
//!
//! The signature covers the host, the path and the whole query, so that any change is noticed. It is a
//! checksum, not cryptography. Nothing here knows which objects exist.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::dates;
use crate::hash::fnv1a;
use crate::requests::query;

/// The lifetime of the service's own links.
pub(crate) const LIFE: Duration = Duration::from_secs(3600);
const ACCESS_KEY: &str = "HPUA8WFGVY35JSJDL1GV";
const RESIZE: &str = "x-image-process=image%2Fresize%2Cm_lfit%2Ch_128%2Cw_128&";
const SIGNATURE: &str = "&X-Amz-Signature=";
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

/// Where links lead, and how long they live.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    /// The storage's URL, without a trailing `/`.
    pub(crate) base: String,
    /// A fraction of a second is left out.
    pub(crate) life: Duration,
}

impl Links {
    /// What the `Host` of a request by such a link must be.
    pub(crate) fn host(&self) -> &str {
        self.base.split_once("://").map_or(&*self.base, |(_, host)| host)
    }
}

/// Signs links for one user at one moment.
pub(crate) struct Presigner<'a> {
    pub(crate) user_id: &'a str,
    links: &'a Links,
    date: String,
}

impl<'a> Presigner<'a> {
    pub(crate) fn new(user_id: &'a str, links: &'a Links, now: Timestamp) -> Self {
        Self { user_id, links, date: dates::compact(now) }
    }

    /// The link to a stored object, which is to be saved as `name`.
    pub(crate) fn content(&self, object: &str, name: &str) -> String {
        self.url(object, "", name)
    }

    /// The link to the object's thumbnail, at most 128 pixels wide and high.
    pub(crate) fn thumbnail(&self, object: &str, name: &str) -> String {
        self.url(object, RESIZE, name)
    }

    fn url(&self, object: &str, process: &str, name: &str) -> String {
        let disposition =
            format!("attachment; filename*=UTF-8''{}", utf8_percent_encode(name, INNER));
        let disposition = utf8_percent_encode(&disposition, OUTER);
        let (date, life) = (&self.date, self.links.life.as_secs());
        let day = date.split('T').next().unwrap_or_default();
        let query = format!(
            "{process}response-content-disposition={disposition}\
             &X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={date}&X-Amz-SignedHeaders=host\
             &X-Amz-Expires={life}&X-Amz-Credential={ACCESS_KEY}%2F{day}%2Fnorth-4%2Fs3%2Faws4_request"
        );
        let path = format!("/{object}");
        let signature = signature(self.links.host(), &path, &query);
        format!("{}{path}?{query}{SIGNATURE}{signature}", self.links.base)
    }
}

/// Why a link gives no access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadLink {
    Altered,
    Expired,
}

/// Checks a link that was used at `now`.
pub(crate) fn check(host: &str, path: &str, query: &str, now: Timestamp) -> Result<(), BadLink> {
    let (signed, found) = query.rsplit_once(SIGNATURE).ok_or(BadLink::Altered)?;
    if found != signature(host, path, signed) {
        return Err(BadLink::Altered);
    }
    let date = query::first(signed, "X-Amz-Date").and_then(|date| dates::parse_x_date(&date));
    let life = query::first(signed, "X-Amz-Expires").and_then(|life| life.parse().ok());
    let (date, life) = date.zip(life).ok_or(BadLink::Altered)?;
    if now.duration_since(date) > SignedDuration::from_secs(life) {
        return Err(BadLink::Expired);
    }
    Ok(())
}

/// Whether a query asks for the thumbnail of an object.
pub(crate) fn is_thumbnail(query: &str) -> bool {
    query.starts_with(RESIZE)
}

fn signature(host: &str, path: &str, query: &str) -> String {
    let signed = [host, path, query].map(str::as_bytes).into_iter().flatten();
    let mut rng = fastrand::Rng::with_seed(fnv1a(signed));
    format!("{:032x}{:032x}", rng.u128(..), rng.u128(..))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const HOST: &str = "obs-album.example.com";

    fn links() -> Links {
        Links { base: format!("https://{HOST}"), life: LIFE }
    }

    fn now() -> Timestamp {
        "2025-10-27T09:11:51.9Z".parse().unwrap()
    }

    fn check_url(url: &str, now: Timestamp) -> Result<(), BadLink> {
        let (host, rest) = url.strip_prefix("https://").unwrap().split_once('/').unwrap();
        let (path, query) = rest.split_once('?').unwrap();
        check(host, &format!("/{path}"), query, now)
    }

    /// The vendor's example, except for host, credential and signature.
    #[test]
    fn a_content_url_has_the_documented_form() {
        let links = links();
        let url = Presigner::new("17", &links, now())
            .content("a0134878508b4ab2b1c96820dca2f31c086", "ims_kt=url&at=ori.jpg");
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
        let links = links();
        let url = Presigner::new("17", &links, now()).thumbnail("a0", "🌊 é.jpg");
        assert!(url.starts_with(
            "https://obs-album.example.com/a0\
             ?x-image-process=image%2Fresize%2Cm_lfit%2Ch_128%2Cw_128&response-content-disposition="
        ));
        assert!(url.contains("UTF-8%27%27%25F0%259F%258C%258A%2520%25C3%25A9.jpg&"), "{url}");
    }

    #[test]
    fn every_url_has_a_signature_of_its_own() {
        let links = links();
        let later = "2025-10-27T09:11:52Z".parse().unwrap();
        let (now, later) =
            (Presigner::new("17", &links, now()), Presigner::new("17", &links, later));
        let urls = [
            now.content("a", "b"),
            now.thumbnail("a", "b"),
            now.content("c", "b"),
            now.content("a", "c"),
            later.content("a", "b"),
        ];
        let signatures: HashSet<_> = urls.iter().map(|url| url.rsplit('=').next()).collect();
        assert_eq!(signatures.len(), 5);
    }

    #[test]
    fn a_link_is_valid_unchanged_and_until_its_last_second() {
        let links = Links { life: Duration::from_secs(2), ..links() };
        let url = Presigner::new("17", &links, now()).content("a0", "b = c.jpg");
        for (milliseconds, expected) in
            [(0, Ok(())), (1_100, Ok(())), (1_101, Err(BadLink::Expired))]
        {
            let at = now() + Duration::from_millis(milliseconds);
            assert_eq!(check_url(&url, at), expected, "{milliseconds}");
        }
        for altered in [
            url.replace("obs-album", "obs"),
            url.replace("/a0", "/a1"),
            url.replace("%2520", "%20"),
            url.replace("Expires=2", "Expires=3"),
            url.replace("response", "x=1&response"),
            format!("{url}0"),
            format!("{url}&x=1"),
            url.split("&X-Amz-Signature").next().unwrap().to_owned(),
        ] {
            assert_eq!(check_url(&altered, now()), Err(BadLink::Altered), "{altered}");
        }
    }
}
