//! `--columns`: the fields of a file, by our name and the vendor's. No layout here.

use std::borrow::Cow;

use clap::ValueEnum;
use indicatif::BinaryBytes;
use koodrive::{AlbumContent, PresignedUrl, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    text::{format_minute, sanitized},
    type_filter::type_name,
};

/// A field of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Column {
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

impl Column {
    pub(crate) const TABLE: [Self; 4] = [Self::Taken, Self::Type, Self::Size, Self::Name];
    /// Omits the URLs, which give access to the file, and fields of little interest.
    pub(crate) const CSV: [Self; 10] = [
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

    /// Our name, as on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// The vendor's name, as in JSON.
    pub(crate) fn vendor_name(self) -> &'static str {
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

    /// The value for a program: unchanged, except that the type is a word. Empty if the service sent none.
    pub(crate) fn value(self, file: &AlbumContent) -> Cow<'_, str> {
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

    /// The value for a reader, safe to print on a terminal. `-` if the service sent none.
    pub(crate) fn cell(self, file: &AlbumContent) -> Cow<'_, str> {
        let time = match self {
            Self::Taken => file.take_time(),
            Self::Created => file.created_time(),
            Self::Edited => file.edited_time(),
            Self::Added => file.add_time(),
            _ => None,
        };
        let cell = match (self, time) {
            (_, Some(time)) => format_minute(time),
            (Self::Size, _) => owned(file.size().map(BinaryBytes)),
            _ => self.value(file),
        };
        match cell {
            cell if cell.is_empty() => Cow::Borrowed("-"),
            Cow::Borrowed(cell) => sanitized(cell),
            Cow::Owned(cell) => sanitized(&cell).into_owned().into(),
        }
    }
}

fn owned<T: ToString>(value: Option<T>) -> Cow<'static, str> {
    value.map_or(Cow::Borrowed(""), |value| value.to_string().into())
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
        let columns = Column::value_variants();
        assert_eq!(columns.len(), json.as_object().unwrap().len());
        for column in columns {
            let value = match &json[column.vendor_name()] {
                serde_json::Value::Array(texts) => {
                    texts.iter().map(|text| text.as_str().unwrap()).collect::<Vec<_>>().join(" ")
                }
                serde_json::Value::String(text) if *column == Column::Type => {
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
        assert_eq!(Column::Type.value(&file), "other (99)");
        assert_eq!(Column::Type.cell(&file), "other (99)");
    }

    #[test]
    fn cells_shorten_sizes_and_times_and_show_a_missing_value_as_a_dash() {
        let file: AlbumContent = serde_json::from_str(JSON).unwrap();
        assert_eq!(Column::Size.cell(&file), "2.00 KiB");
        assert_eq!(Column::Taken.cell(&file), "2025-09-16 01:31");
        let bare: AlbumContent = serde_json::from_str(r#"{"id":"Fs"}"#).unwrap();
        for column in Column::value_variants().iter().filter(|column| **column != Column::Id) {
            assert_eq!((column.cell(&bare), column.value(&bare)), ("-".into(), "".into()));
        }
    }
}
