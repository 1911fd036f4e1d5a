//! `fileType`: a number in a string. The service adds new ones.

use std::fmt;

/// What kind of file it is: `fileType`.
///
/// `Display` writes an English word; [`code`](Self::code) is the service's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileType {
    /// A folder (10).
    Folder,
    /// A folder filled by rules (11).
    SmartFolder,
    /// A picture (15).
    Image,
    /// A video (20).
    Video,
    /// A Word document (26).
    Word,
    /// An Excel sheet (27).
    Excel,
    /// A PowerPoint presentation (28).
    PowerPoint,
    /// Sound (30).
    Audio,
    /// A compressed archive (35).
    Archive,
    /// An application (40).
    Application,
    /// Any other type, with the service's code: `45`, which the service calls "other", or a code that this
    /// version does not know.
    Other(String),
}

impl FileType {
    pub(crate) fn from_code(code: &str) -> Self {
        match code {
            "10" => Self::Folder,
            "11" => Self::SmartFolder,
            "15" => Self::Image,
            "20" => Self::Video,
            "26" => Self::Word,
            "27" => Self::Excel,
            "28" => Self::PowerPoint,
            "30" => Self::Audio,
            "35" => Self::Archive,
            "40" => Self::Application,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The service's code: `15` for a picture.
    pub fn code(&self) -> &str {
        self.code_and_word().0
    }

    fn code_and_word(&self) -> (&str, &'static str) {
        match self {
            Self::Folder => ("10", "folder"),
            Self::SmartFolder => ("11", "smart folder"),
            Self::Image => ("15", "image"),
            Self::Video => ("20", "video"),
            Self::Word => ("26", "word"),
            Self::Excel => ("27", "excel"),
            Self::PowerPoint => ("28", "powerpoint"),
            Self::Audio => ("30", "audio"),
            Self::Archive => ("35", "archive"),
            Self::Application => ("40", "application"),
            Self::Other(code) => (code, "other"),
        }
    }
}

impl fmt::Display for FileType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code_and_word().1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_survives_known_or_not() {
        for code in ["10", "11", "15", "20", "26", "27", "28", "30", "35", "40", "45", "99", ""] {
            assert_eq!(FileType::from_code(code).code(), code);
        }
        assert_eq!(FileType::from_code("99"), FileType::Other("99".to_owned()));
    }
}
