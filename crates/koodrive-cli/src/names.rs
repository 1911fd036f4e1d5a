//! Names for downloaded files that are safe on every disk, whatever the service calls them.
//!
//! Pure: nothing is read or created here. A name is never a path.

use std::{borrow::Cow, collections::HashSet};

use sha2::{Digest as _, Sha256};

use crate::text::{composed, folded, is_unsafe};

/// What a name may be long, in bytes of UTF-8.
const LONGEST: usize = 255;
/// What follows the last dot is a suffix only if it is not longer, in bytes.
const LONGEST_SUFFIX: usize = 16;
/// Windows reserves these for devices, with any suffix. `COM` and `LPT` are followed by a digit.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Gives each file a name that no other file of this run has.
#[derive(Default)]
pub(crate) struct Names(HashSet<String>);

impl Names {
    /// The name of the next file. Names count as equal if they differ only in capitals. The second file of a
    /// name gets a part of the digest of its id.
    pub(crate) fn next(&mut self, file_name: Option<&str>, id: &str) -> String {
        let name = safe(file_name.unwrap_or_default());
        let is_free = !name.is_empty() && !self.0.contains(&folded(&name));
        let name = if is_free { name } else { distinct(&name, id) };
        self.0.insert(folded(&name));
        name
    }
}

/// The name with every character replaced that some disk, shell or terminal does not take.
fn safe(name: &str) -> String {
    let name = composed(name);
    let mut chars: Vec<_> = name.chars().map(|c| if is_forbidden(c) { '_' } else { c }).collect();
    let is_hidden = |c: &char| matches!(c, '.' | ' ');
    let leading = chars.iter().take_while(|c| is_hidden(c)).count();
    let trailing = chars.iter().rev().take_while(|c| is_hidden(c)).count();
    let kept = leading..chars.len().saturating_sub(trailing);
    let at_ends = chars.iter_mut().enumerate().filter(|(at, _)| !kept.contains(at));
    at_ends.for_each(|(_, c)| *c = '_');
    let name: String = chars.into_iter().collect();
    cut(if is_device(&name) { format!("_{name}") } else { name }, "")
}

fn is_forbidden(c: char) -> bool {
    is_unsafe(c) || matches!(c, '/' | '\\' | '<' | '>' | ':' | '"' | '|' | '?' | '*')
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    DEVICES.contains(&&*stem)
        || port.is_some_and(|port| {
            matches!(port, "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
        })
}

/// `name.<8 hex digits of the id's digest>.suffix`
fn distinct(name: &str, id: &str) -> String {
    let digest = Sha256::digest(id.as_bytes());
    let digits: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let name = if name.is_empty() { "unnamed" } else { name };
    cut(name.to_owned(), &format!(".{digits}"))
}

/// The name with `addition` before its suffix, and the end of the stem cut off if it is too long.
fn cut(name: String, addition: &str) -> String {
    let (stem, suffix) = split(&name);
    let room = LONGEST.saturating_sub(suffix.len().saturating_add(addition.len()));
    let ends = stem.char_indices().map(|(at, c)| at.saturating_add(c.len_utf8()));
    let end = ends.take_while(|end| *end <= room).last().unwrap_or(0);
    let stem = stem.get(..end).unwrap_or(stem);
    // A disk may drop a space or a dot before what is added.
    format!("{}{addition}{suffix}", stem.trim_end_matches([' ', '.']))
}

/// The stem, and the suffix with its dot.
fn split(name: &str) -> (&str, Cow<'_, str>) {
    match name.rsplit_once('.') {
        Some((stem, suffix)) if !stem.is_empty() && is_suffix(suffix) => {
            (stem, format!(".{suffix}").into())
        }
        _ => (name, "".into()),
    }
}

fn is_suffix(text: &str) -> bool {
    text.len() <= LONGEST_SUFFIX && text.chars().all(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use super::*;

    #[test]
    fn names_are_made_safe_for_every_disk() {
        for (name, safe_name) in [
            ("IMG_0001.jpg", "IMG_0001.jpg"),
            (
                "10% off = 90% + x, really & truly (545).zip",
                "10% off = 90% + x, really & truly (545).zip",
            ),
            ("家庭 👨‍👩‍👧 旅行.png", "家庭 👨‍👩‍👧 旅行.png"),
            ("../../etc/passwd", "___.._etc_passwd"),
            ("..\\x", "___x"),
            ("C:\\x", "C__x"),
            (".", "_"),
            ("..", "__"),
            (".hidden", "_hidden"),
            ("a. ", "a__"),
            ("a\u{0}b\u{1b}[2J\n", "a_b_[2J_"),
            ("evil\u{202e}gpj.exe", "evil_gpj.exe"),
            ("a<b>c:d\"e|f?g*h", "a_b_c_d_e_f_g_h"),
            ("nul", "_nul"),
            ("COM1.txt", "_COM1.txt"),
            ("lpt².a.b", "_lpt².a.b"),
            ("con .jpg", "_con.jpg"),
            ("com10.jpg", "com10.jpg"),
            ("console.jpg", "console.jpg"),
            ("e\u{301}.jpg", "é.jpg"),
        ] {
            assert_eq!(safe(name), safe_name, "{name:?}");
        }
    }

    #[test]
    fn long_names_are_cut_at_a_character_and_keep_their_suffix() {
        let long = safe(&format!("{}.jpeg", "图".repeat(250)));
        assert_eq!(long, format!("{}.jpeg", "图".repeat(83)));
        assert_eq!(safe(&"x".repeat(300)).len(), 255);
        assert_eq!(safe(&format!("a.{}", "x".repeat(300))).len(), 255);
        let distinct = distinct(&long, "F1");
        assert!(distinct.len() <= 255 && distinct.ends_with(".jpeg"), "{distinct}");
    }

    #[test]
    fn the_second_file_of_a_name_gets_a_part_of_the_digest_of_its_id() {
        let mut names = Names::default();
        assert_eq!(names.next(Some("Sea.jpg"), "F1"), "Sea.jpg");
        assert_eq!(names.next(Some("sea.JPG"), "F2"), "sea.8e2de333.JPG");
        assert_eq!(names.next(Some("Sea.jpg"), "F3"), "Sea.7c96eb02.jpg");
        assert_eq!(names.next(None, "F1"), "unnamed.deae2d4d");
        assert_eq!(names.next(Some(""), "F2"), "unnamed.8e2de333");
    }

    #[test]
    fn no_name_leaves_its_folder_or_hides_or_is_too_long() {
        const PIECES: [&str; 16] = [
            "/",
            "\\",
            "..",
            ".",
            " ",
            "a",
            "图",
            "e\u{301}",
            "\u{0}",
            "\u{1b}",
            "\u{202e}",
            ":",
            "nul",
            "jpg",
            "\u{fb03}",
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        ];
        fastrand::seed(17);
        for _ in 0..20_000 {
            let pieces = (0..fastrand::usize(1..12)).map(|_| PIECES[fastrand::usize(..16)]);
            let given: String = pieces.collect();
            for name in [safe(&given), distinct(&safe(&given), "F1")] {
                let mut parts = Path::new(&name).components();
                assert!(matches!(parts.next(), Some(Component::Normal(_))), "{given:?}: {name:?}");
                assert_eq!(parts.next(), None, "{given:?}: {name:?}");
                assert!(!name.starts_with(['.', ' ']), "{given:?}: {name:?}");
                assert!(!name.ends_with(['.', ' ']) && name.len() <= 255, "{given:?}: {name:?}");
                assert!(!name.contains(is_forbidden) && !is_device(&name), "{given:?}: {name:?}");
                assert_eq!(safe(&name), name, "{given:?} is not stable");
            }
        }
    }
}
