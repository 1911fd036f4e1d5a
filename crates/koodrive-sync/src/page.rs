//! Pages to look through a copy, beside its files: how they are told from everybody else's.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

/// What a page says about itself, close to its beginning.
const MARK: &[u8] = br#"<meta name="generator" content="koodrive "#;
const BEGINNING: u64 = 1024;

/// Whether a file is a page that `koodrive gallery` wrote. Such a page may be replaced, and
/// [`verify`](crate::verify) does not take it for a stranger.
///
/// # Errors
///
/// If the file cannot be read.
pub fn is_page(path: impl AsRef<Path>) -> io::Result<bool> {
    let mut beginning = Vec::new();
    File::open(path)?.take(BEGINNING).read_to_end(&mut beginning)?;
    Ok(beginning.windows(MARK.len()).any(|text| text == MARK))
}
