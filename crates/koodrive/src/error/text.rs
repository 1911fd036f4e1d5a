//! Text of the service, made fit to be shown: escaped, shortened, and without secrets.

use koodrive_api::RESERVED;
use percent_encoding::utf8_percent_encode;

/// Longer texts are cut here, in characters.
const LONGEST: usize = 300;

/// Removes the secrets of one exchange from what the service says.
#[derive(Clone, Default)]
pub(crate) struct Redactor(Vec<String>);

impl Redactor {
    /// Hiding a shorter secret would hide half of every text.
    const SHORTEST: usize = 6;

    /// The same redactor, which hides `secrets` as well.
    pub(crate) fn and<'a>(&self, secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let parts = secrets.into_iter().flat_map(with_parts);
        let worth_hiding = parts.filter(|secret| secret.len() >= Self::SHORTEST);
        let mut all: Vec<String> = worth_hiding.flat_map(spellings).collect();
        all.extend_from_slice(&self.0);
        // A secret that contains another is replaced first, or the rest of it would remain.
        all.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        all.dedup();
        Self(all)
    }

    /// `text` without secrets, with control characters escaped, and not longer than the limit.
    pub(crate) fn show(&self, text: &str) -> String {
        let without_secrets = self
            .0
            .iter()
            .fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "[redacted]"));
        let mut characters = without_secrets.chars().flat_map(escape);
        let mut shown: String = characters.by_ref().take(LONGEST).collect();
        if characters.next().is_some() {
            shown.push('…');
        }
        shown
    }
}

/// Whether `text` shows `secret`, in any spelling.
pub(crate) fn shows(text: &str, secret: &str) -> bool {
    spellings(secret).any(|spelling| text.contains(&spelling))
}

/// A secret, and the parts that are secret by themselves if it is the value of an `Authorization` header:
/// the token after its scheme, the app id and the signature.
fn with_parts(secret: &str) -> [&str; 4] {
    let token = secret.split_once([' ', '+']).map_or("", |(_scheme, token)| token);
    let signature = secret.rsplit_once("Signature=").map_or("", |(_, signature)| signature);
    let app_id = secret.split_once("AppId=").and_then(|(_, rest)| rest.split(',').next());
    [secret, token, signature, app_id.unwrap_or_default()]
}

/// The spellings of a secret: plain, in JSON, in HTML, and in a URL or a form, with hexadecimal digits of
/// either case.
fn spellings(secret: &str) -> impl Iterator<Item = String> {
    let in_json = serde_json::to_string(secret).unwrap_or_default();
    let in_a_url = utf8_percent_encode(secret, RESERVED);
    let lower = in_a_url.clone().map(|part| match part.starts_with('%') {
        true => part.to_ascii_lowercase(), // an escape: `%2F` → `%2f`
        false => part.to_owned(),
    });
    let in_urls = [in_a_url.to_string(), lower.collect()];
    let in_forms = in_urls.clone().map(|url| url.replace("%20", "+"));
    let unquoted = in_json.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let in_json = unquoted.unwrap_or(secret).to_owned();
    let (in_ascii, in_html) = (in_ascii_json(&in_json), in_html(secret));
    let others = [secret.to_owned(), in_json, in_ascii, in_html];
    others.into_iter().chain(in_urls).chain(in_forms)
}

/// JSON of a careful writer: ASCII, and harmless within HTML.
fn in_ascii_json(json: &str) -> String {
    let mut units = [0; 2];
    let spell = |character: char| match character {
        '<' | '>' | '&' | '=' | '\'' | '\u{80}'.. => {
            let units = character.encode_utf16(&mut units).iter();
            units.map(|unit| format!("\\u{unit:04x}")).collect()
        }
        _ => character.to_string(),
    };
    json.chars().map(spell).collect()
}

fn in_html(secret: &str) -> String {
    let escapes = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")];
    escapes.iter().fold(secret.to_owned(), |text, (from, to)| text.replace(*from, to))
}

/// Control characters would act on a terminal or a log. Direction marks and invisible characters would
/// mislead a reader.
fn escape(character: char) -> impl Iterator<Item = char> {
    let misleading = character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}');
    let escaped = misleading.then(|| character.escape_default());
    let plain = (!misleading).then_some(character);
    escaped.into_iter().flatten().chain(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_the_service_is_escaped_shortened_and_redacted() {
        let redactor = Redactor::default().and(["s3cret-token", "2", "a/b=c d"]);
        for (given, shown) in [
            ("plain – 图片 🙂", "plain – 图片 🙂"),
            ("a\u{1b}[31m\r\nb", "a\\u{1b}[31m\\r\\nb"),
            ("left\u{202e}right", "left\\u{202e}right"),
            ("no\u{61c}thing\u{feff}", "no\\u{61c}thing\\u{feff}"),
            ("bad token s3cret-token, page 2", "bad token [redacted], page 2"),
        ] {
            assert_eq!(redactor.show(given), shown);
        }
        for endless in ["x", "\u{202e}"] {
            let shown = redactor.show(&endless.repeat(2_000));
            assert_eq!(shown.chars().count(), LONGEST + 1);
        }
    }

    #[test]
    fn a_secret_is_recognised_in_every_spelling() {
        let redactor = Redactor::default().and(["a/b=c d\"\\+", "pass<é&'word🙂"]);
        for spelling in [
            r"pass\u003c\u00e9\u0026\u0027word\ud83d\ude42",
            "pass&lt;é&amp;&#39;word🙂",
            r#"a/b\u003dc d\"\\+"#,
            "a/b=c d&quot;\\+",
            r#"a/b=c d"\+"#,
            r#"a/b=c d\"\\+"#,
            "a%2Fb%3Dc%20d%22%5C%2B",
            "a%2fb%3dc%20d%22%5c%2b",
            "a%2Fb%3Dc+d%22%5C%2B",
            "a%2fb%3dc+d%22%5c%2b",
        ] {
            let shown = redactor.show(&format!("no such page: {spelling}."));
            assert_eq!(shown, "no such page: [redacted].", "{spelling}");
        }
    }

    #[test]
    fn a_secret_within_another_leaves_nothing_behind() {
        let redactor = Redactor::default().and(["user-17"]).and(["user-17-cursor", "at-user-17"]);
        let said = "user-17 at user-17-cursor by at-user-17";
        assert_eq!(redactor.show(said), "[redacted] at [redacted] by [redacted]");
    }
}
