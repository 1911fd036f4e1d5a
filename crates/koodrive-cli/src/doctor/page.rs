//! The findings, a line each, as they come.

use std::env;

use anstyle::{AnsiColor, Style};

use crate::{exit::Exit, pipe, report, text::sanitized};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();

pub(super) struct Page {
    /// The marks of what is right, wrong, and not checked.
    marks: [&'static str; 3],
    has_failed: bool,
}

impl Page {
    pub(super) fn new() -> Self {
        let is_utf8 = is_utf8(|name| env::var(name).ok());
        let marks = if is_utf8 { ["✓", "✗", "–"] } else { ["ok", "no", "--"] };
        Self { marks, has_failed: false }
    }

    pub(super) fn good(&self, check: &str, what: &str) {
        let [mark, ..] = self.marks;
        print(&format!("{GOOD}{mark}{GOOD:#}"), check, what);
    }

    pub(super) fn bad(&mut self, check: &str, what: &str, tip: Option<&str>) {
        let [_, mark, _] = self.marks;
        self.has_failed = true;
        print(&format!("{BAD}{mark}{BAD:#}"), check, what);
        if let Some(tip) = tip {
            print(&format!("  {GOOD}tip:{GOOD:#}"), "", tip);
        }
    }

    /// An error, with its causes and tip.
    pub(super) fn fail(&mut self, check: &str, error: &anyhow::Error) {
        self.bad(check, &format!("{error:#}"), report::tip(error).as_deref());
    }

    pub(super) fn skip(&self, checks: &[&str]) {
        let [.., mark] = self.marks;
        checks.iter().for_each(|check| print(mark, check, "not checked"));
    }

    pub(super) fn exit(&self) -> Exit {
        if self.has_failed { Exit::Failed } else { Exit::Complete }
    }
}

/// Nothing is lost if nobody reads it.
fn print(mark: &str, check: &str, what: &str) {
    let check = if check.is_empty() { String::new() } else { format!("{check:<10}  ") };
    let line = format!("{mark} {check}{}\n", sanitized(what));
    let _ = pipe::print(line.as_bytes(), anstream::stdout());
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
