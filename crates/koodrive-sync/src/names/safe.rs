//! One part of a path, made safe for every disk at once.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::{CodePointSetData, props::DefaultIgnorableCodePoint};

/// The longest part: 255 bytes, without those that a sidecar appends.
const LONGEST: usize = 250;
/// What follows the last dot is a suffix up to this length.
const LONGEST_SUFFIX: usize = 20;

/// `text` with nothing in it that a disk or a terminal could stumble over. Not empty.
pub(super) fn clean(text: &str) -> String {
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(text);
    let cleaned: String =
        composed.chars().map(|char| if is_forbidden(char) { '_' } else { char }).collect();
    match cleaned.trim_matches(is_edge) {
        "" => "_".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

/// Joins both, with as much of the stem as there is room for.
pub(super) fn fit(stem: &str, tail: &str) -> String {
    let room = LONGEST.saturating_sub(tail.len());
    let cut = (0..=room).rev().find_map(|end| stem.get(..end.min(stem.len())));
    let stem = cut.unwrap_or_default();
    let part = format!("{stem}{tail}");
    let part = part.trim_end_matches(is_edge);
    if is_reserved(part) { format!("_{part}") } else { part.to_owned() }
}

/// The name up to its suffix, and the suffix with its dot.
pub(super) fn split_suffix(name: &str) -> (&str, &str) {
    let is_suffix = |suffix: &str| {
        (1..=LONGEST_SUFFIX).contains(&suffix.len()) && !suffix.contains(char::is_whitespace)
    };
    match name.rsplit_once('.') {
        Some((stem, suffix)) if !stem.is_empty() && is_suffix(suffix) => name.split_at(stem.len()),
        _ => (name, ""),
    }
}

/// Two paths with the same folded text may be one on some disk: it knows neither case nor composition, and
/// ignores what cannot be seen.
pub(crate) fn folded(path: &str) -> String {
    if path.is_ascii() {
        return path.to_ascii_lowercase();
    }
    let decomposed =
        |text: &str| DecomposingNormalizerBorrowed::new_nfd().normalize(text).into_owned();
    // One way is not enough: `ẞ` has no upper case of its own, but `ß` has.
    let text = decomposed(path)
        .chars()
        .filter(|char| !is_ignored(*char))
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect::<String>();
    decomposed(&text)
}

/// Separators, what Windows forbids, and characters that control a terminal or the direction of text.
fn is_forbidden(char: char) -> bool {
    let is_no_character = u32::from(char) & 0xfffe == 0xfffe;
    char.is_control()
        || is_no_character
        || matches!(char, '/' | '\\' | '<' | '>' | ':' | '"' | '|' | '?' | '*')
        || matches!(
            char,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        )
        || matches!(char, '\u{2060}'..='\u{206f}' | '\u{fdd0}'..='\u{fdef}' | '\u{feff}')
        || matches!(char, '\u{fff0}'..='\u{fffb}')
}

/// What must not begin or end a part: Windows drops dots and spaces at the end, and a dot at the start hides a
/// file, also where ignored characters precede it.
fn is_edge(char: char) -> bool {
    char == '.' || char.is_whitespace() || is_ignored(char)
}

/// What HFS+ and ext4 ignore in names.
fn is_ignored(char: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(char)
}

/// The names of Windows' devices, with any suffix, and the short name that Windows gives to `.koodrive`.
fn is_reserved(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let is_numbered = |name: &str| {
        let number = stem.strip_prefix(name).map(|rest| rest.chars().collect::<Vec<_>>());
        matches!(number.as_deref(), Some(['0'..='9' | '¹' | '²' | '³']))
    };
    matches!(&*stem, "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$")
        || is_numbered("COM")
        || is_numbered("LPT")
        || stem.starts_with("KOODRI~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_nothing_that_a_disk_or_a_terminal_stumbles_over() {
        for (text, part) in [
            ("sea.jpg", "sea.jpg"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("a/b\\c", "a_b_c"),
            ("<a>:\"b\"|c?*", "_a___b__c__"),
            ("a\0b\x1b[31m\u{85}\u{7f}", "a_b_[31m__"),
            ("gpj.\u{202e}exe", "gpj._exe"),
            (" . hidden. .", "hidden"),
            ("\u{200d}.koodrive", "koodrive"),
            ("...", "_"),
            ("", "_"),
            ("e\u{301}te\u{301}", "été"),
            ("\u{212b}", "Å"),
            ("👨\u{200d}👩\u{200d}👧 ❤\u{fe0f}!.jpg", "👨\u{200d}👩\u{200d}👧 ❤\u{fe0f}!.jpg"),
        ] {
            assert_eq!(clean(text), part, "{text:?}");
        }
    }

    #[test]
    fn the_names_of_windows_devices_are_changed() {
        for name in ["con", "CON.jpg", "nul .tar.gz", "Com1.txt", "LPT³", "conin$", "koodri~1"] {
            let (stem, suffix) = split_suffix(name);
            assert_eq!(fit(stem, suffix), format!("_{name}"));
        }
        for name in ["console", "com", "com10", "lpta.jpg", "auxiliary.jpg"] {
            assert_eq!(fit(name, ""), name);
        }
        let long = format!("con{}x", " ".repeat(300));
        assert!(fit(&long, ".jpg").starts_with('_'), "what is cut off may make a name a device's");
    }

    #[test]
    fn a_long_part_is_cut_at_a_character_and_keeps_its_suffix() {
        let part = fit(&"图".repeat(100), ".jpg");
        assert_eq!(part, format!("{}.jpg", "图".repeat(82)));
        let part = fit(&format!("{} b", "a".repeat(249)), "");
        assert_eq!(part, "a".repeat(249), "what ends it after the cut is trimmed, too");
    }

    #[test]
    fn a_suffix_is_short_and_follows_a_stem() {
        for (name, suffix) in [
            ("sea.jpg", ".jpg"),
            ("a.tar.gz", ".gz"),
            ("sea", ""),
            (".jpg", ""),
            ("a. b", ""),
            ("a.123456789012345678901", ""),
        ] {
            assert_eq!(split_suffix(name).1, suffix, "{name}");
        }
    }

    #[test]
    fn all_cases_of_a_character_fold_alike() {
        for char in '\0'..=char::MAX {
            let cases: [String; 2] = [char.to_lowercase().collect(), char.to_uppercase().collect()];
            for case in cases.iter().filter(|case| !case.chars().eq([char])) {
                assert_eq!(folded(case), folded(&char.to_string()), "{char:?}");
            }
        }
    }

    #[test]
    fn names_that_may_be_one_file_fold_alike() {
        for (one, other) in [
            ("Sea.JPG", "sea.jpg"),
            ("e\u{301}", "É"),
            ("STRASSE", "straße"),
            ("ẞ", "ss"),
            ("ſ", "S"),
            ("\u{212a}", "k"),
            ("ΌΣΟΣ", "όσος"),
            ("se\u{200d}a\u{fe0f}", "sea"),
        ] {
            assert_eq!(folded(one), folded(other), "{one:?}");
        }
        assert_ne!(folded("sea"), folded("see"));
    }
}
