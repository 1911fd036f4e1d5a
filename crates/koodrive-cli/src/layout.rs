//! How items become text. Nothing is written from here.

use std::io;

/// What is known of the terminal that the output goes to, if it is one.
#[derive(Clone, Copy, Default)]
pub(crate) struct Surface {
    /// Control characters are made visible there.
    pub(crate) is_terminal: bool,
    pub(crate) is_coloured: bool,
    /// The columns that a table fits, if it is cut at all.
    pub(crate) width: Option<usize>,
}

/// Turns items into text, for one output format.
///
/// A resumed listing leaves out what precedes the first item, so that the parts of a listing, one after
/// another, are what a single run would have printed.
pub(crate) trait Layout<T> {
    /// Text before the first item; none unless the format has some.
    fn begin(&self, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }

    /// One item; `is_first` for the first one of the whole listing.
    fn item(&self, item: &T, is_first: bool, out: &mut Vec<u8>) -> io::Result<()>;

    /// Text after the last item; none unless the format has some.
    fn end(&self, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}
