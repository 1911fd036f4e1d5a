//! The findings, a line each, as they come.

use std::env;

use anstyle::{AnsiColor, Style};

use crate::{exit::Exit, pipe, report, text::sanitized};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// What a check found.
pub(super) enum Finding {
    Good(String),
    Bad {
        what: String,
        tip: Option<String>,
    },
    /// Something that it depends on is wrong.
    Skipped,
}

pub(super) struct Page {
    /// The marks of a good, a bad and a skipped finding.
    marks: [&'static str; 3],
    has_failed: bool,
}

impl Page {
    pub(super) fn new() -> Self {
        let marks = if is_utf8(|name| env::var(name).ok()) {
            ["✓", "✗", "–"]
        } else {
            ["ok", "no", "--"]
        };
        Self { marks, has_failed: false }
    }

    pub(super) fn add(&mut self, check: &str, finding: Finding) {
        let [good, bad, skipped] = self.marks;
        let (style, mark, what, tip) = match finding {
            Finding::Good(what) => (GOOD, good, what, None),
            Finding::Bad { what, tip } => (BAD, bad, what, tip),
            Finding::Skipped => (Style::new(), skipped, "not checked".to_owned(), None),
        };
        self.has_failed |= mark == bad;
        let mut text = format!("{style}{mark}{style:#} {check:<10}  {}\n", sanitized(&what));
        if let Some(tip) = tip {
            text.push_str(&format!("  {GOOD}tip:{GOOD:#} {}\n", sanitized(&tip)));
        }
        // Nothing is lost if nobody reads it.
        let _ = pipe::print(text.as_bytes(), anstream::stdout());
    }

    pub(super) fn skip(&mut self, checks: &[&str]) {
        checks.iter().for_each(|check| self.add(check, Finding::Skipped));
    }

    /// Adds an error with its causes and tip, and skips what depends on it.
    pub(super) fn fail(&mut self, check: &str, error: &anyhow::Error, dependent: &[&str]) {
        self.add(check, Finding::Bad { what: format!("{error:#}"), tip: report::tip(error) });
        self.skip(dependent);
    }

    pub(super) fn exit(&self) -> Exit {
        if self.has_failed { Exit::Failed } else { Exit::Complete }
    }
}

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
