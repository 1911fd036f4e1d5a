//! How files become text. Nothing is written from here.

use std::io;

use koodrive::AlbumContent;

/// Turns files into text, for one output format.
///
/// A resumed listing leaves out what precedes the first file, so that the parts of a listing, one after
/// another, are what a single run would have printed.
pub(crate) trait Layout {
    /// Text before the first file.
    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()>;

    /// One file; `is_first` for the first one of the whole listing.
    fn file(&self, file: &AlbumContent, is_first: bool, out: &mut Vec<u8>) -> io::Result<()>;

    /// Text after the last file.
    fn end(&self, out: &mut Vec<u8>) -> io::Result<()>;
}
