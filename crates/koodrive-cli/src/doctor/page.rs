//! The findings, a line each, as they come.

use anstyle::{AnsiColor, Style};

use crate::{exit::Exit, glyphs::GLYPHS, pipe, report, text::sanitized};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();

#[derive(Default)]
pub(super) struct Page {
    has_failed: bool,
}

impl Page {
    pub(super) fn good(&self, check: &str, what: &str) {
        let [mark, ..] = GLYPHS.marks;
        print(&format!("{GOOD}{mark}{GOOD:#}"), check, what);
    }

    pub(super) fn bad(&mut self, check: &str, what: &str, tip: Option<&str>) {
        let [_, mark, _] = GLYPHS.marks;
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
        let [.., mark] = GLYPHS.marks;
        checks.iter().for_each(|check| print(mark, check, "not checked"));
    }

    pub(super) fn exit(&self) -> Exit {
        Exit::unless(self.has_failed)
    }
}

/// Nothing is lost if nobody reads it.
fn print(mark: &str, check: &str, what: &str) {
    let check = if check.is_empty() { String::new() } else { format!("{check:<10}  ") };
    let line = format!("{mark} {check}{}\n", sanitized(what));
    let _ = pipe::print(line.as_bytes(), anstream::stdout());
}
