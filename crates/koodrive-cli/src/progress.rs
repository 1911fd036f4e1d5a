//! Progress on standard error, if that is a terminal: a line for the whole, and one for each file under way.

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

use crate::{config, glyphs::GLYPHS};

const COUNT: &str = "{spinner:.cyan} {human_pos} {prefix}, {elapsed}";
const BAR: &str = "{bar:28.cyan/dim} {human_pos} of {human_len} {prefix}{msg}, {eta} left";
const FILE: &str = "  {wide_msg} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
const FILE_OF_UNKNOWN_SIZE: &str = "  {wide_msg} {bytes}, {bytes_per_sec}";

pub(crate) struct ProgressDisplay {
    lines: MultiProgress,
    /// A bar, or a count while the total is unknown.
    pub(crate) whole: ProgressBar,
}

impl ProgressDisplay {
    /// Counts `things`. Starts at those that earlier runs listed, so that they do not distort the pace.
    pub(crate) fn new(is_quiet: bool, things: &'static str, before: u64) -> Self {
        let is_hidden = is_quiet || config::chosen().verbose;
        let target =
            if is_hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let lines = MultiProgress::with_draw_target(target);
        let whole = ProgressBar::no_length().with_style(style(COUNT)).with_prefix(things);
        let whole = lines.add(whole.with_position(before));
        whole.reset_eta();
        if !lines.is_hidden() {
            whole.enable_steady_tick(Duration::from_millis(100));
        }
        Self { lines, whole }
    }

    pub(crate) fn is_hidden(&self) -> bool {
        self.lines.is_hidden()
    }

    /// Updates the count, and the total once it is known.
    pub(crate) fn show(&self, count: u64, total: Option<u64>) {
        if let Some(total) = total.filter(|total| self.whole.length() != Some(*total)) {
            self.whole.set_style(style(BAR));
            self.whole.set_length(total);
        }
        self.whole.set_position(count);
    }

    /// Shows a file that is being fetched, until the line is dropped.
    pub(crate) fn begin_file(&self, name: String, size: Option<u64>) -> ProgressBar {
        let line = size.map_or_else(ProgressBar::no_length, ProgressBar::new);
        let line = line.with_style(style(size.map_or(FILE_OF_UNKNOWN_SIZE, |_| FILE)));
        let line = line.with_message(name).with_finish(ProgressFinish::AndClear);
        self.lines.insert_before(&self.whole, line)
    }

    /// Hides the display while `print` runs.
    pub(crate) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.lines.suspend(print)
    }

    /// Removes the display.
    pub(crate) fn clear(&self) {
        self.whole.finish_and_clear();
    }
}

impl Drop for ProgressDisplay {
    fn drop(&mut self) {
        self.clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template);
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars(GLYPHS.progress).tick_chars(GLYPHS.spinner)
}
