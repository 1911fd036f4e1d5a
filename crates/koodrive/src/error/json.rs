//! What a JSON object looks like before it is parsed.

/// `text` without a byte order mark, if it looks like an object. Without this check, serde would accept a
/// list in the place of a struct.
pub(crate) fn object(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    text.trim_ascii_start().starts_with(b"{").then_some(text)
}
