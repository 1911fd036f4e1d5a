//! Where a page begins: opaque text of the service, sent back byte for byte and never shown.

/// A cursor that leads to a page.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Cursor(String);

impl Cursor {
    /// `None` if the text is absent or empty: sibling calls of the service mark the end of a list by an
    /// absent, a null or an empty cursor.
    pub(crate) fn new(text: Option<String>) -> Option<Self> {
        text.filter(|text| !text.is_empty()).map(Self)
    }

    /// Longer than a URL can reasonably carry. The longest cursor that the vendor documents has 1,000
    /// characters.
    pub(crate) fn is_too_long(&self) -> bool {
        self.0.len() > 8 * 1024
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

redacted!(Cursor);
