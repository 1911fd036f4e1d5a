//! Progress of a listing or of a file, drawn on standard error if that is a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use koodrive::Progress;

use crate::{config, glyphs::GLYPHS};

const BAR: &str = "{bar:28.cyan/dim} {human_pos} of {human_len} files, {eta} left";
const FILE: &str =
    "{wide_msg} {bar:20.cyan/dim} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
const FILE_OF_UNKNOWN_SIZE: &str = "{wide_msg} {bytes}, {bytes_per_sec}";
const SPINNER: &str = "{spinner:.cyan} {human_pos} files, {elapsed}";

/// A progress bar, or a count while the total is unknown.
pub(crate) struct ProgressDisplay(ProgressBar);

impl ProgressDisplay {
    /// A display that shows nothing.
    pub(crate) fn hidden() -> Self {
        Self(ProgressBar::hidden())
    }

    /// Starts at the files that earlier runs listed, so that they do not distort the pace.
    pub(crate) fn new(is_quiet: bool, before: u64) -> Self {
        let is_hidden = is_quiet || config::chosen().is_verbose;
        let target =
            if is_hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target).with_style(style(SPINNER));
        let bar = bar.with_position(before);
        bar.reset_eta();
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    /// Updates the number of files, and the total once it is known.
    pub(crate) fn show(&self, progress: Progress, total: Option<u64>) {
        if let Some(total) = total.filter(|total| self.0.length() != Some(*total)) {
            self.0.set_style(style(BAR));
            self.0.set_length(total);
        }
        self.0.set_position(progress.items);
    }

    /// Shows a file that is being fetched, until the next call of [`show`](Self::show). Returns what updates
    /// its bytes.
    pub(crate) fn begin_file(
        &self,
        name: &str,
        size: Option<u64>,
    ) -> impl Fn(u64) + Send + Sync + 'static {
        let bar = self.0.clone();
        bar.set_style(style(size.map_or(FILE_OF_UNKNOWN_SIZE, |_| FILE)));
        bar.set_message(name.to_owned());
        match size {
            Some(size) => bar.set_length(size),
            None => bar.unset_length(),
        }
        bar.set_position(0);
        bar.reset_eta();
        move |bytes| bar.set_position(bytes)
    }

    /// Hides the display while `print` runs.
    pub(crate) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }

    /// Removes the display.
    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Drop for ProgressDisplay {
    fn drop(&mut self) {
        self.clear();
    }
}

/// The look of a bar.
pub(crate) fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template);
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars(GLYPHS.progress).tick_chars(GLYPHS.spinner)
}
