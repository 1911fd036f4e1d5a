//! The characters that tables, bars and marks are drawn with: ASCII where the locale shows no more.

use std::{env, sync::LazyLock};

pub(crate) struct Glyphs {
    /// In the place of what is cut.
    pub(crate) ellipsis: &'static str,
    /// Done, current and left in a progress bar.
    pub(crate) progress: &'static str,
    pub(crate) spinner: &'static str,
    /// A bar's last block, from none to eight eighths.
    pub(crate) eighths: [&'static str; 9],
    /// Right, wrong, and not checked.
    pub(crate) marks: [&'static str; 3],
}

const UNICODE: Glyphs = Glyphs {
    ellipsis: "…",
    progress: "━╸─",
    spinner: "⠁⠂⠄⡀⢀⠠⠐⠈ ",
    eighths: ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"],
    marks: ["✓", "✗", "–"],
};

const ASCII: Glyphs = Glyphs {
    ellipsis: "...",
    progress: "=>-",
    spinner: "|/-\\ ",
    eighths: ["", "#", "#", "#", "#", "#", "#", "#", "#"],
    marks: ["ok", "no", "--"],
};

/// Those of this process.
pub(crate) static GLYPHS: LazyLock<Glyphs> =
    LazyLock::new(|| if is_utf8(|name| env::var(name).ok()) { UNICODE } else { ASCII });

/// Whether the locale shows more than ASCII.
fn is_utf8(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).unwrap_or_default();
    let locale = locale.to_ascii_lowercase().replace('-', "");
    // Elsewhere the locale does not say.
    locale.contains("utf8") || cfg!(not(unix)) || cfg!(target_os = "macos")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::is_utf8;

    #[test]
    fn the_first_variable_of_the_locale_that_is_set_decides() {
        for (all, lang, is) in [
            ("", "en_US.UTF-8", true),
            ("", "de_DE.utf8", true),
            ("C", "en_US.UTF-8", false),
            ("C.UTF-8", "C", true),
            ("", "", false),
        ] {
            let variable = |name: &str| match name {
                "LC_ALL" => Some(all.to_owned()),
                "LANG" => Some(lang.to_owned()),
                _ => None,
            };
            assert_eq!(is_utf8(variable), is, "{all} {lang}");
        }
    }
}
