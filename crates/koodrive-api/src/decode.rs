//! The body of a response → its generated type. The generator's own decoding would check UTF-8 string by
//! string; one check of the whole body costs a fraction of that.

use std::{borrow::Cow, mem, str};

use progenitor_client::{Error, ResponseValue};
use reqwest::Response;
use serde::de::DeserializeOwned;

use crate::escapes;

/// What the generated methods call, with the signature of the one that they would call otherwise.
pub(crate) async fn from_response<T: DeserializeOwned, E>(
    mut response: Response,
) -> Result<ResponseValue<T>, Error<E>> {
    let (status, headers) = (response.status(), mem::take(response.headers_mut()));
    let body = response.bytes().await.map_err(Error::ResponseBodyError)?;
    match serde_json::from_str(&json_text(&body)) {
        Ok(value) => Ok(ResponseValue::new(value, status, headers)),
        Err(error) => Err(Error::InvalidResponsePayload(body, error)),
    }
}

/// Returns `json` as text, with fewer escapes. Bytes that are not UTF-8 become lone surrogates (`\udc00`): an error for
/// a string that holds them if it is read, and no error if it is skipped.
pub fn json_text(json: &[u8]) -> Cow<'_, str> {
    // Two of them: the first could be the second half of a pair, or follow a backslash.
    let replaced = |invalid: &[u8]| if invalid.is_empty() { "" } else { r"\udc00\udc00" };
    str::from_utf8(json).map_or_else(
        |_| json.utf8_chunks().flat_map(|it| [it.valid(), replaced(it.invalid())]).collect(),
        escapes::resolve,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AlbumContent;

    #[test]
    fn bytes_that_are_not_utf_8_cost_only_what_reads_them() {
        let file = |before: &str, after: &str, name| {
            let json = format!(r#"{{"id":"1","{name}":"{before}"#).into_bytes();
            let json = [json, b"\xff".to_vec(), format!(r#"{after}"}}"#).into_bytes()].concat();
            serde_json::from_str::<AlbumContent>(&json_text(&json)).ok()
        };
        for (before, after) in [("", ""), ("é", "照"), (r"\ud800", ""), ("", r"\udc00"), ("\\", "")]
        {
            assert_eq!(file(before, after, "fileName"), None, "{before}, {after}");
            assert!(file(before, after, "new").is_some(), "{before}, {after}");
        }
        assert_eq!(json_text("é\u{fffd}".as_bytes()), "é\u{fffd}");
        assert_eq!(json_text(b"\xe7\x85"), r"\udc00\udc00");
        assert!(serde_json::from_str::<AlbumContent>(&json_text(b"{\"id\":\"1\"\xff}")).is_err());
    }
}
