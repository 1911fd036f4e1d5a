//! How far a listing got, drawn on standard error if that is a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use koodrive::Progress;

const BAR: &str = "{bar:28.cyan/dim} {human_pos} of {human_len} files, {eta} left";
const SPINNER: &str = "{spinner:.cyan} {human_pos} files, {elapsed}";

/// A bar, or, as long as nobody knows the total, a count.
pub(crate) struct ProgressDisplay(ProgressBar);

impl ProgressDisplay {
    /// Begins at the files that were listed before, so that their pace is not counted.
    pub(crate) fn new(is_quiet: bool, before: u64) -> Self {
        let target =
            if is_quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target).with_style(style(SPINNER));
        let bar = bar.with_position(before);
        bar.reset_eta();
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    /// Shows how far it got, on the way to the album's end or to `limit`.
    pub(crate) fn show(&self, progress: Progress, total: Option<u64>) {
        if let Some(total) = total.filter(|total| self.0.length() != Some(*total)) {
            self.0.set_style(style(BAR));
            self.0.set_length(total);
        }
        self.0.set_position(progress.items);
    }

    /// Takes the bar away while something else is printed.
    pub(crate) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }

    /// Takes the bar away for good.
    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Drop for ProgressDisplay {
    fn drop(&mut self) {
        self.clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template);
    style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─")
}
