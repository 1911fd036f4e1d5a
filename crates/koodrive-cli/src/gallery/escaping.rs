//! Text from outside, as HTML and URLs have it.

use std::fmt::{self, Write as _};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::text::sanitized;

/// What a part of a path consists of, as it is.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Text in an element or in an attribute with quotes. What does not print becomes visible.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for char in sanitized(self.0).chars() {
            match char {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                char => f.write_char(char)?,
            }
        }
        Ok(())
    }
}

/// The URL of a path relative to the page: never one of another site, whatever the path begins with.
pub(super) fn url(path: &str) -> String {
    let parts = path.split('/').filter(|part| !part.is_empty());
    let parts: Vec<String> =
        parts.map(|part| utf8_percent_encode(part, PART).to_string()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_text_in_elements_and_attributes() {
        for (text, html) in [
            ("sea & hills", "sea &amp; hills"),
            (
                r#""><script>alert(1)</script>.jpg"#,
                "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;.jpg",
            ),
            ("' onerror=alert(1) '", "&#39; onerror=alert(1) &#39;"),
            ("&lt;", "&amp;lt;"),
            ("gpj\u{202e}exe", "gpj\u{fffd}exe"),
            ("a\nb\0", "a␊b␀"),
            ("家庭 👨‍👩‍👧 é", "家庭 👨‍👩‍👧 é"),
        ] {
            assert_eq!(Escaped(text).to_string(), html);
        }
    }

    #[test]
    fn a_url_is_a_path_below_the_page() {
        for (path, expected) in [
            ("2025/sea.jpg", "2025/sea.jpg"),
            (".koodrive/thumbnails/01/a-b_c~d.jpg", ".koodrive/thumbnails/01/a-b_c~d.jpg"),
            ("a#b?c%20&d.jpg", "a%23b%3Fc%2520%26d.jpg"),
            (r#""'<>\.jpg"#, "%22%27%3C%3E%5C.jpg"),
            ("海 🌊.jpg", "%E6%B5%B7%20%F0%9F%8C%8A.jpg"),
            ("javascript:alert(1)", "javascript%3Aalert%281%29"),
            ("//example.com/sea.jpg", "example.com/sea.jpg"),
            ("a\nb", "a%0Ab"),
        ] {
            assert_eq!(url(path), expected);
        }
    }
}
