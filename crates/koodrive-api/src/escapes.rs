//! JSON that may stand inside HTML → the same with fewer escapes. Gson writes `\u0026` for each `&` of a link, and other
//! encoders `\/`. To put the characters back here costs less than to have the parser do it.

use std::borrow::Cow;

use memchr::memchr;

/// None of a character that has a meaning outside strings, where the escape is an error.
const ESCAPES: [(&str, char); 6] = [
    (r"\u0026", '&'),
    (r"\u003d", '='),
    (r"\/", '/'),
    (r"\u003c", '<'),
    (r"\u003e", '>'),
    (r"\u0027", '\''),
];

/// A page whose beginning, in bytes, has no escape is left to the parser.
const BEGINNING: usize = 4_096;

/// Puts the characters in the place of these escapes. All else stays, right or wrong.
pub(crate) fn resolve(json: &str) -> Cow<'_, str> {
    let beginning = json.as_bytes().get(..BEGINNING).unwrap_or(json.as_bytes());
    let first = memchr(b'\\', beginning).and_then(|at| json.split_at_checked(at));
    let Some((before, mut rest)) = first else { return Cow::Borrowed(json) };
    let mut resolved = String::with_capacity(json.len());
    resolved.push_str(before);
    while !rest.is_empty() {
        let after = match known(rest) {
            Some((character, after)) => {
                resolved.push(character);
                after
            }
            None => {
                let (kept, after) = rest.split_at(if rest.starts_with(r"\\") { 2 } else { 1 });
                resolved.push_str(kept);
                after
            }
        };
        let (between, escape) = split_at_escape(after).unwrap_or((after, ""));
        resolved.push_str(between);
        rest = escape;
    }
    Cow::Owned(resolved)
}

fn split_at_escape(json: &str) -> Option<(&str, &str)> {
    json.split_at_checked(memchr(b'\\', json.as_bytes())?)
}

/// The character of an escape, and what follows it.
fn known(escape: &str) -> Option<(char, &str)> {
    ESCAPES.into_iter().find_map(|(from, to)| Some((to, escape.strip_prefix(from)?)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_json_could_have_as_it_is_loses_its_escape() {
        for (json, resolved) in [
            (r#""a\u0026b\u003d\u003c\u003e\u0027\/""#, r#""a&b=<>'/""#),
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
