//! The fields of a file.

use std::borrow::Cow;

use clap::ValueEnum;
use indicatif::BinaryBytes;
use koodrive::{AlbumContent, PresignedUrl, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Column, owned};
use crate::{text::format_minute, type_filter::type_name};

/// A field of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FileColumn {
    /// id
    Id,
    /// fileName
    Name,
    /// fileType
    Type,
    /// fileSuffix
    Suffix,
    /// mimeType
    Mime,
    /// size, in bytes
    Size,
    /// takeTime
    Taken,
    /// createdTime
    Created,
    /// editedTime
    Edited,
    /// addTime
    Added,
    /// favorite
    Favorite,
    /// recycled
    Recycled,
    /// ownerId
    Owner,
    /// creatingUser
    Creator,
    /// adderUserId
    Adder,
    /// parentFolder
    Folders,
    /// containers
    Containers,
    /// contentUrl: gives anyone access to the file for an hour
    Url,
    /// thumbnailUrl: gives anyone access to the thumbnail for an hour
    Thumbnail,
}

impl Column for FileColumn {
    type Item = AlbumContent;

    const TABLE: &'static [Self] = &[Self::Taken, Self::Type, Self::Size, Self::Name];
    const LESSER: &'static [Self] = &[Self::Type, Self::Taken, Self::Size];
    /// Omits the URLs, which give access to the file, and fields of little interest.
    const CSV: &'static [Self] = &[
        Self::Id,
        Self::Name,
        Self::Type,
        Self::Mime,
        Self::Size,
        Self::Taken,
        Self::Created,
        Self::Edited,
        Self::Added,
        Self::Owner,
    ];
    const FLEXIBLE: Self = Self::Name;

    fn vendor_name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "fileName",
            Self::Type => "fileType",
            Self::Suffix => "fileSuffix",
            Self::Mime => "mimeType",
            Self::Size => "size",
            Self::Taken => "takeTime",
            Self::Created => "createdTime",
            Self::Edited => "editedTime",
            Self::Added => "addTime",
            Self::Favorite => "favorite",
            Self::Recycled => "recycled",
            Self::Owner => "ownerId",
            Self::Creator => "creatingUser",
            Self::Adder => "adderUserId",
            Self::Folders => "parentFolder",
            Self::Containers => "containers",
            Self::Url => "contentUrl",
            Self::Thumbnail => "thumbnailUrl",
        }
    }

    fn value(self, file: &AlbumContent) -> Cow<'_, str> {
        let text = match self {
            Self::Id => Some(file.id()),
            Self::Name => file.file_name(),
            Self::Suffix => file.file_suffix(),
            Self::Mime => file.mime_type(),
            Self::Taken => file.take_time().map(Timestamp::as_str),
            Self::Created => file.created_time().map(Timestamp::as_str),
            Self::Edited => file.edited_time().map(Timestamp::as_str),
            Self::Added => file.add_time().map(Timestamp::as_str),
            Self::Owner => file.owner_id(),
            Self::Creator => file.creating_user(),
            Self::Adder => file.adder_user_id(),
            Self::Url => file.content_url().map(PresignedUrl::as_str),
            Self::Thumbnail => file.thumbnail_url().map(PresignedUrl::as_str),
            Self::Type => return owned(file.file_type().as_ref().map(type_name)),
            Self::Size => return owned(file.size()),
            Self::Favorite => return owned(file.favorite()),
            Self::Recycled => return owned(file.recycled()),
            Self::Folders => return joined(file.parent_folder()),
            Self::Containers => return joined(file.containers()),
        };
        Cow::Borrowed(text.unwrap_or_default())
    }

    fn shortened(self, file: &AlbumContent) -> Option<String> {
        let time = match self {
            Self::Taken => file.take_time(),
            Self::Created => file.created_time(),
            Self::Edited => file.edited_time(),
            Self::Added => file.add_time(),
            Self::Size => return file.size().map(|size| BinaryBytes(size).to_string()),
            _ => None,
        };
        time.map(|time| format_minute(time).into_owned())
    }

    fn width(self) -> usize {
        match self {
            Self::Taken | Self::Created | Self::Edited | Self::Added => 16,
            Self::Type | Self::Size => 11,
            Self::Suffix => 6,
            Self::Favorite | Self::Recycled => 8,
            Self::Mime => 24,
            Self::Owner | Self::Creator | Self::Adder => 19,
            Self::Name => 40,
            Self::Id | Self::Folders | Self::Containers => 36,
            Self::Url | Self::Thumbnail => 80,
        }
    }

    fn is_number(self) -> bool {
        self == Self::Size
    }
}

fn joined<'a>(ids: impl Iterator<Item = &'a str>) -> Cow<'a, str> {
    ids.collect::<Vec<_>>().join(" ").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every field of the vendor's, so that the test fails for a field without a column.
    const JSON: &str = r#"{"id":"Fs","takeTime":"2025-09-16T01:31:20.654Z","ownerId":"17","fileName":"a.jpg",
        "mimeType":"image/jpeg","fileType":"15","fileSuffix":"jpg","parentFolder":["p","q"],"containers":["c"],
        "createdTime":"c","editedTime":"e","recycled":false,"contentUrl":"https://u","thumbnailUrl":"https://t",
        "favorite":true,"addTime":"a","size":2048,"creatingUser":"18","adderUserId":"19"}"#;

    #[test]
    fn every_field_of_a_file_has_a_column_with_the_vendors_name() {
        let file: AlbumContent = serde_json::from_str(JSON).unwrap();
        let json: serde_json::Value = serde_json::from_str(JSON).unwrap();
        let columns = FileColumn::value_variants();
        assert_eq!(columns.len(), json.as_object().unwrap().len());
        for column in columns {
            let value = match &json[column.vendor_name()] {
                serde_json::Value::Array(texts) => {
                    texts.iter().map(|text| text.as_str().unwrap()).collect::<Vec<_>>().join(" ")
                }
                serde_json::Value::String(text) if *column == FileColumn::Type => {
                    assert_eq!(text, "15");
                    "image".to_owned()
                }
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(column.value(&file), value, "{column:?}");
        }
    }

    #[test]
    fn an_unknown_type_is_shown_with_its_code() {
        let file: AlbumContent = serde_json::from_str(r#"{"id":"Fs","fileType":"99"}"#).unwrap();
        assert_eq!(FileColumn::Type.value(&file), "other (99)");
        assert_eq!(FileColumn::Type.cell(&file), "other (99)");
    }

    #[test]
    fn cells_shorten_sizes_and_times_and_show_a_missing_value_as_a_dash() {
        let file: AlbumContent = serde_json::from_str(JSON).unwrap();
        assert_eq!(FileColumn::Size.cell(&file), "2.00 KiB");
        assert_eq!(FileColumn::Taken.cell(&file), "2025-09-16 01:31");
        let bare: AlbumContent = serde_json::from_str(r#"{"id":"Fs"}"#).unwrap();
        for column in
            FileColumn::value_variants().iter().filter(|column| **column != FileColumn::Id)
        {
            assert_eq!((column.cell(&bare), column.value(&bare)), ("-".into(), "".into()));
        }
    }
}
