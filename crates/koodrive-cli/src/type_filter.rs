//! Types of files as words: those that `--type` takes, and those that are printed.

use clap::ValueEnum;
use koodrive::FileType;
use serde::{Deserialize, Serialize};

/// A type, or a group of types, with the vendor's codes for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TypeFilter {
    /// fileType 15
    Image,
    /// fileType 20
    Video,
    /// fileType 30
    Audio,
    /// word, excel and powerpoint
    Document,
    /// fileType 26
    Word,
    /// fileType 27
    Excel,
    /// fileType 28
    Powerpoint,
    /// fileType 35
    Archive,
    /// fileType 40
    Application,
    /// fileType 10 and 11
    Folder,
    /// fileType 45, and unknown types
    Other,
}

impl TypeFilter {
    pub(crate) fn includes(self, file_type: Option<&FileType>) -> bool {
        use FileType as F;
        match file_type {
            Some(F::Image) => self == Self::Image,
            Some(F::Video) => self == Self::Video,
            Some(F::Audio) => self == Self::Audio,
            Some(F::Word) => matches!(self, Self::Word | Self::Document),
            Some(F::Excel) => matches!(self, Self::Excel | Self::Document),
            Some(F::PowerPoint) => matches!(self, Self::Powerpoint | Self::Document),
            Some(F::Archive) => self == Self::Archive,
            Some(F::Application) => self == Self::Application,
            Some(F::Folder | F::SmartFolder) => self == Self::Folder,
            _ => self == Self::Other,
        }
    }
}

/// The type as a word. Unknown types include the service's code.
pub(crate) fn type_name(file_type: &FileType) -> String {
    match file_type {
        FileType::Other(code) if code != "45" => format!("other ({})", code.escape_debug()),
        known => known.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_type_keeps_its_code() {
        let other = |code: &str| type_name(&FileType::Other(code.to_owned()));
        assert_eq!((other("45").as_str(), other("99").as_str()), ("other", "other (99)"));
        assert_eq!(other("\u{1b}["), "other (\\u{1b}[)");
        assert_eq!(type_name(&FileType::Image), "image");
    }

    #[test]
    fn every_type_matches_one_filter_and_office_types_also_match_document() {
        let types = [
            (Some(FileType::Folder), 1),
            (Some(FileType::SmartFolder), 1),
            (Some(FileType::Image), 1),
            (Some(FileType::Video), 1),
            (Some(FileType::Word), 2),
            (Some(FileType::Excel), 2),
            (Some(FileType::PowerPoint), 2),
            (Some(FileType::Audio), 1),
            (Some(FileType::Archive), 1),
            (Some(FileType::Application), 1),
            (Some(FileType::Other("99".to_owned())), 1),
            (None, 1),
        ];
        for (file_type, matches) in types {
            let all = TypeFilter::value_variants().iter();
            let count = all.filter(|filter| filter.includes(file_type.as_ref())).count();
            assert_eq!(count, matches, "{file_type:?}");
        }
    }
}
