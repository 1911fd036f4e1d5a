//! The template of paths: text, `/`, and fields in braces. No code in it.

use std::time::SystemTime;

use jiff::{Timestamp, fmt::strtime, tz::TimeZone};
use sha2::{Digest as _, Sha256};

use super::safe::{clean, fit, split_suffix};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template(Vec<Token>);

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Text(String),
    Name,
    Id,
    Album,
    Type,
    /// With a format of strftime.
    Taken(String),
}

/// What an album says about a file. Any of it may be hostile.
#[derive(Clone, Debug)]
pub(crate) struct Fields<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) id: &'a str,
    pub(crate) album: &'a str,
    pub(crate) kind: String,
    pub(crate) taken: Option<SystemTime>,
}

impl Template {
    /// # Errors
    ///
    /// What is wrong with the text.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (mut tokens, mut rest) = (Vec::new(), text);
        while let Some((before, field)) = rest.split_once('{') {
            let (field, after) = field.split_once('}').ok_or("a `{` has no `}`")?;
            tokens.extend([Token::text(before)?, Token::field(field)?]);
            rest = after;
        }
        tokens.push(Token::text(rest)?);
        if text.split('/').any(str::is_empty) {
            return Err(
                "a part of the path is empty; expected one such as {taken:%Y}/{name}".to_owned()
            );
        }
        Ok(Self(tokens))
    }

    /// The paths that a file may have, the preferred one first. They are relative, with `/` between their parts,
    /// and there is no end of them.
    pub(crate) fn candidates(&self, fields: &Fields<'_>) -> impl Iterator<Item = String> + use<> {
        let rendered = self.render(fields);
        let (folders, last) = rendered.rsplit_once('/').unwrap_or(("", &rendered));
        let part = |folder| format!("{}/", fit(&clean(folder), ""));
        let folder: String = folders.split('/').filter(|_| !folders.is_empty()).map(part).collect();
        let (stem, suffix) = stem_and_suffix(&clean(last), fields.name);
        numbered(&stem, &suffix, fields.id).map(move |name| folder.clone() + &name)
    }

    /// No field but the time it was taken can add a `/`.
    fn render(&self, fields: &Fields<'_>) -> String {
        let value = |token: &Token| match token {
            Token::Text(text) => text.clone(),
            Token::Name => clean(fields.name.filter(|name| !name.is_empty()).unwrap_or(fields.id)),
            Token::Id => clean(fields.id),
            Token::Album => clean(fields.album),
            Token::Type => clean(&fields.kind),
            Token::Taken(format) => {
                let date = fields.taken.and_then(|time| date(format, time));
                date.unwrap_or_else(|| "undated".to_owned())
            }
        };
        self.0.iter().map(value).collect()
    }
}

impl Token {
    fn text(text: &str) -> Result<Self, String> {
        match text.contains('}') {
            true => Err("a `}` has no `{`".to_owned()),
            false => Ok(Self::Text(text.to_owned())),
        }
    }

    fn field(text: &str) -> Result<Self, String> {
        match text {
            "name" => Ok(Self::Name),
            "id" => Ok(Self::Id),
            "album" => Ok(Self::Album),
            "type" => Ok(Self::Type),
            "taken" => Ok(Self::Taken("%Y-%m-%d".to_owned())),
            _ => match text.strip_prefix("taken:") {
                Some(format) if date(format, SystemTime::UNIX_EPOCH).is_some() => {
                    Ok(Self::Taken(format.to_owned()))
                }
                Some(format) => Err(format!("`{format}` is not a format of dates, such as %Y-%m")),
                None => Err(format!(
                    "there is no field `{text}`; expected {{name}}, {{id}}, {{album}}, {{type}} or {{taken:%Y-%m}}"
                )),
            },
        }
    }
}

fn date(format: &str, time: SystemTime) -> Option<String> {
    let time = Timestamp::try_from(time).ok()?.to_zoned(TimeZone::UTC);
    let text = strtime::format(format, &time).ok()?;
    (!text.split('/').any(str::is_empty)).then_some(text)
}

/// A template without the name of the file in it still leads to a name with its suffix.
fn stem_and_suffix(last: &str, name: Option<&str>) -> (String, String) {
    let name = clean(name.unwrap_or_default());
    let suffix = split_suffix(&name).1;
    let has_suffix = last.to_lowercase().ends_with(&suffix.to_lowercase());
    let (stem, suffix) = if has_suffix { split_suffix(last) } else { (last, suffix) };
    (stem.to_owned(), suffix.to_owned())
}

/// The names that a file may have, the preferred one first: all but it contain a digest of the id.
pub(super) fn numbered(stem: &str, suffix: &str, id: &str) -> impl Iterator<Item = String> + use<> {
    let [stem, suffix, id] = [stem, suffix, id].map(str::to_owned);
    (0..).map(move |number| fit(&stem, &(tag(&id, number) + &suffix)))
}

/// Distinguishes files of the same name, the same way whenever it is asked.
fn tag(id: &str, number: u32) -> String {
    let digest = match number {
        0 => return String::new(),
        1 => Sha256::digest(id),
        number => Sha256::digest(format!("{id}/{number}")),
    };
    format!(".{}", hex::encode(digest.first_chunk::<4>().copied().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, time::Duration};

    use proptest::prelude::*;

    use super::*;
    use crate::names::folded;

    fn fields<'a>(id: &'a str, name: &'a str) -> Fields<'a> {
        let taken = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(1_757_986_280)).unwrap();
        Fields {
            name: Some(name),
            id,
            album: "Sea / 2025",
            kind: "image".to_owned(),
            taken: Some(taken),
        }
    }

    fn paths(template: &str, fields: &Fields<'_>, count: usize) -> Vec<String> {
        Template::parse(template).unwrap().candidates(fields).take(count).collect()
    }

    #[test]
    fn a_template_places_files_by_what_the_album_says_about_them() {
        for (template, path) in [
            ("{name}", "sea.jpg"),
            ("{taken:%Y/%m}/{name}", "2025/09/sea.jpg"),
            ("{album}/{type}/{name}", "Sea _ 2025/image/sea.jpg"),
            ("{taken} {id}", "2025-09-16 F-1.jpg"),
            ("{id}.JPG", "F-1.JPG"),
            ("{id}.raw", "F-1.raw.jpg"),
            ("../{name}", "_/sea.jpg"),
            ("C:/{name}", "C_/sea.jpg"),
        ] {
            assert_eq!(paths(template, &fields("F-1", "sea.jpg"), 1), [path], "{template}");
        }
    }

    #[test]
    fn what_the_album_does_not_say_has_a_word_of_its_own() {
        let unknown = Fields { name: None, taken: None, ..fields("F1", "") };
        assert_eq!(paths("{taken:%Y/%m}/{name}", &unknown, 1), ["undated/F1"]);
    }

    #[test]
    fn files_of_one_name_are_told_apart_by_a_digest_of_their_ids() {
        let paths = paths("a/{name}", &fields("F1", "sea.jpg"), 3);
        assert_eq!(paths, ["a/sea.jpg", "a/sea.deae2d4d.jpg", "a/sea.ef99db15.jpg"]);
    }

    #[test]
    fn a_wrong_template_is_refused() {
        for (template, reason) in [
            ("{name", "a `{` has no `}`"),
            ("name}", "a `}` has no `{`"),
            ("{size}", "there is no field `size`"),
            ("{taken:%!}", "`%!` is not a format of dates"),
            ("{taken:/%Y}{name}", "`/%Y` is not a format of dates"),
            ("", "a part of the path is empty"),
            ("/{name}", "a part of the path is empty"),
            ("{taken:%Y}//{name}", "a part of the path is empty"),
        ] {
            let refused = Template::parse(template).unwrap_err();
            assert!(refused.starts_with(reason), "{template}: {refused}");
        }
    }

    /// Pieces that have broken other tools.
    const HOSTILE: &[&str] = &[
        "..",
        "/",
        "\\",
        ".",
        " ",
        "sea",
        "SEA",
        "Sea.jpg",
        ".jpg",
        "con",
        "NUL",
        "COM1",
        ":",
        "\0",
        "\n",
        "\u{202e}",
        "\u{200d}",
        "\u{feff}",
        "e\u{301}",
        "é",
        "É",
        "ß",
        "ẞ",
        "ss",
        "ſ",
        "ı",
        "I",
        "İ",
        "图",
        "👨\u{200d}👩",
        "%2e%2e",
        "{name}",
        "~",
        "$(rm)",
        "-rf",
        "CON ",
        ".koodrive",
        "KOODRI~1",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "\u{1d160}",
        "\u{958}",
        "ﬁ",
        "\u{fffe}",
        "*",
        "?",
        "manifest.ndjson",
        ".part",
        "1",
        "2",
        "3",
    ];

    fn hostile_name(rng: &mut fastrand::Rng) -> String {
        (0..rng.usize(..7)).map(|_| HOSTILE[rng.usize(..HOSTILE.len())]).collect()
    }

    /// What no path may be, said another way than in the code.
    fn check(path: &str) {
        for part in path.split('/') {
            assert!(!part.is_empty() && part.len() <= 251, "{path:?}");
            assert!(!part.starts_with(['.', ' ']) && !part.ends_with(['.', ' ']), "{path:?}");
            assert!(
                !part.contains(['\\', '<', '>', ':', '"', '|', '?', '*', '\u{202e}']),
                "{path:?}"
            );
            assert!(!part.chars().any(char::is_control), "{path:?}");
            let stem = part.split('.').next().unwrap().trim_end().to_lowercase();
            assert!(!["con", "nul", "com1"].contains(&&*stem), "{path:?}");
        }
        assert!(icu_normalizer::ComposingNormalizerBorrowed::new_nfc().is_normalized(path));
    }

    fn give_hostile_names(count: usize) {
        let mut rng = fastrand::Rng::with_seed(7);
        let template = Template::parse("{type}/{name}").unwrap();
        let mut given = HashSet::new();
        for number in 0..count {
            let (id, name) = (number.to_string(), hostile_name(&mut rng));
            let mut paths = template.candidates(&fields(&id, &name));
            let path = paths.find(|path| given.insert(folded(path))).unwrap();
            check(&path);
            assert!(path.starts_with("image/") && path.matches('/').count() == 1, "{path:?}");
        }
        assert_eq!(given.len(), count);
    }

    #[test]
    fn hostile_names_stay_in_the_target_and_apart() {
        give_hostile_names(20_000);
    }

    #[test]
    #[ignore = "takes a minute"]
    fn a_million_hostile_names_stay_in_the_target_and_apart() {
        give_hostile_names(1_000_000);
    }

    proptest! {
        #[test]
        fn any_text_leads_to_a_safe_path(id in ".*", name in "\\PC*|.*", album in ".*", kind in ".*") {
            let fields = Fields { album: &album, kind, ..fields(&id, &name) };
            for path in paths("{album}/{type}/{id}/{name}", &fields, 3) {
                check(&path);
                prop_assert_eq!(path.matches('/').count(), 3);
                prop_assert_eq!(paths("{album}/{type}/{id}/{name}", &fields, 3).contains(&path), true);
            }
        }

        #[test]
        fn a_safe_name_is_kept(name in "[a-zA-Z0-9é图 ]{0,20}[a-z]\\.(jpg|mp4)") {
            let name = format!("x{name}");
            prop_assert_eq!(paths("{name}", &fields("F1", &name), 1), [name]);
        }
    }
}
