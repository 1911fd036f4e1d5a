//! JSON of an encoder that makes it safe within HTML, as Gson does → the same without the escapes of each `&` and `=` of a
//! link. To put the characters back here costs less than to have the parser do it.

use std::borrow::Cow;

use memchr::memchr;

/// A page whose beginning, in bytes, has no escape is left to the parser.
const BEGINNING: usize = 4_096;

/// Puts `&` and `=` in the place of their escapes. All else stays, right or wrong: outside a string, these characters are
/// as wrong as their escapes.
pub(crate) fn resolve(json: &str) -> Cow<'_, str> {
    let beginning = json.as_bytes().get(..BEGINNING).unwrap_or(json.as_bytes());
    if memchr(b'\\', beginning).is_none() {
        return Cow::Borrowed(json);
    }
    let (mut resolved, mut rest) = (String::with_capacity(json.len()), json);
    while let Some((before, escape)) = split_at_backslash(rest) {
        resolved.push_str(before);
        rest = match escape.split_at_checked(6) {
            Some((r"\u0026", rest)) => {
                resolved.push('&');
                rest
            }
            Some((r"\u003d", rest)) => {
                resolved.push('=');
                rest
            }
            _ => keep(&mut resolved, escape),
        };
    }
    resolved.push_str(rest);
    Cow::Owned(resolved)
}

fn split_at_backslash(json: &str) -> Option<(&str, &str)> {
    json.split_at_checked(memchr(b'\\', json.as_bytes())?)
}

/// Keeps a backslash, and the one that it escapes. Returns the rest.
fn keep<'a>(resolved: &mut String, escape: &'a str) -> &'a str {
    let (kept, rest) = escape.split_at(if escape.starts_with(r"\\") { 2 } else { 1 });
    resolved.push_str(kept);
    rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_two_characters_of_links_lose_their_escapes() {
        for (json, resolved) in [
            (r#""a\u0026b\u003d\u003c\/""#, r#""a&b=\u003c\/""#),
            (r#""\\u0026\\\u0026\\""#, r#""\\u0026\\&\\""#),
            (
                r#""\u0022\u005c\u0000\n\ud83d\ud83d\u0026照""#,
                r#""\u0022\u005c\u0000\n\ud83d\ud83d&照""#,
            ),
            (r#"{"a":\u0031\u002c}"#, r#"{"a":\u0031\u002c}"#),
            (r"\+u0026\照\u00", r"\+u0026\照\u00"),
            (r"\", r"\"),
        ] {
            assert_eq!(resolve(json), resolved);
        }
        let late = format!("{}\\/", " ".repeat(BEGINNING));
        assert!(matches!(resolve(&late), Cow::Borrowed(json) if json == late));
    }

    proptest! {
        #[test]
        fn json_means_the_same(json in r#"["\\/u0-9a-f&{}:,照nd]{0,40}"#) {
            for json in [format!("\"{json}\""), json] {
                let read = |json: &str| serde_json::from_str::<serde_json::Value>(json).ok();
                prop_assert_eq!(read(&resolve(&json)), read(&json));
            }
        }
    }
}
