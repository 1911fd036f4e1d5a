//! Text of the service, made fit to be shown: escaped, cut, and without the secrets of the request.

use koodrive_api::RESERVED;
use percent_encoding::utf8_percent_encode;

/// Longer texts are cut here, in characters.
const LONGEST: usize = 300;

/// What one attempt must not let out again, even if the service echoes it.
#[derive(Clone, Default)]
pub(crate) struct Redactor(Vec<String>);

impl Redactor {
    /// A secret of fewer characters than this would blot out half of every text.
    const SHORTEST: usize = 6;

    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let worth_hiding = secrets.into_iter().filter(|secret| secret.len() >= Self::SHORTEST);
        Self(worth_hiding.flat_map(|secret| [secret.to_owned(), as_in_a_url(secret)]).collect())
    }

    /// `text` with control characters escaped, secrets blotted out, and an end.
    pub(crate) fn show(&self, text: &str) -> String {
        let without_secrets = self
            .0
            .iter()
            .fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "[redacted]"));
        let mut characters = without_secrets.chars();
        let mut shown: String = characters.by_ref().take(LONGEST).flat_map(escape).collect();
        if characters.next().is_some() {
            shown.push('…');
        }
        shown
    }
}

/// An echo of the URL has the secret in the spelling of a query.
fn as_in_a_url(secret: &str) -> String {
    utf8_percent_encode(secret, RESERVED).to_string()
}

/// A terminal or a log obeys control characters, and a reader is misled by direction marks.
fn escape(character: char) -> impl Iterator<Item = char> {
    let misleading = character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let escaped = misleading.then(|| character.escape_default());
    let plain = (!misleading).then_some(character);
    escaped.into_iter().flatten().chain(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_the_service_is_escaped_cut_and_redacted() {
        let redactor = Redactor::new(["s3cret-token", "2", "a/b=c d"]);
        for (given, shown) in [
            ("plain – 图片 🙂", "plain – 图片 🙂"),
            ("a\u{1b}[31m\r\nb", "a\\u{1b}[31m\\r\\nb"),
            ("left\u{202e}right", "left\\u{202e}right"),
            ("bad token s3cret-token, page 2", "bad token [redacted], page 2"),
            ("no such page: ?pageCursor=a%2Fb%3Dc%20d", "no such page: ?pageCursor=[redacted]"),
        ] {
            assert_eq!(redactor.show(given), shown);
        }
        assert_eq!(redactor.show(&"x".repeat(2_000)).chars().count(), LONGEST + 1);
    }
}
