//! The fields of a file.

use clap::ValueEnum;
use koodrive::AlbumContent;
use serde::{Deserialize, Serialize};

use super::{
    Column, Field,
    Value::{self, Bytes, Flag, Link, Text, Time, Words},
    field,
};
use crate::type_filter::type_name;

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

    fn field(self) -> Field<AlbumContent> {
        match self {
            Self::Id => field("id", 36, |file| Some(Text(file.id()))),
            Self::Name => field("fileName", 40, |file| file.file_name().map(Text)),
            Self::Type => {
                field("fileType", 11, |file| file.file_type().map(|it| Words(type_name(&it))))
            }
            Self::Suffix => field("fileSuffix", 6, |file| file.file_suffix().map(Text)),
            Self::Mime => field("mimeType", 24, |file| file.mime_type().map(Text)),
            Self::Size => field("size", 11, |file| file.size().map(Bytes)),
            Self::Taken => field("takeTime", 16, |file| file.take_time().map(Time)),
            Self::Created => field("createdTime", 16, |file| file.created_time().map(Time)),
            Self::Edited => field("editedTime", 16, |file| file.edited_time().map(Time)),
            Self::Added => field("addTime", 16, |file| file.add_time().map(Time)),
            Self::Favorite => field("favorite", 8, |file| file.favorite().map(Flag)),
            Self::Recycled => field("recycled", 8, |file| file.recycled().map(Flag)),
            Self::Owner => field("ownerId", 19, |file| file.owner_id().map(Text)),
            Self::Creator => field("creatingUser", 19, |file| file.creating_user().map(Text)),
            Self::Adder => field("adderUserId", 19, |file| file.adder_user_id().map(Text)),
            Self::Folders => field("parentFolder", 36, |file| joined(file.parent_folder())),
            Self::Containers => field("containers", 36, |file| joined(file.containers())),
            Self::Url => field("contentUrl", 80, |file| file.content_url().map(Link)),
            Self::Thumbnail => field("thumbnailUrl", 80, |file| file.thumbnail_url().map(Link)),
        }
    }

    fn is_number(self) -> bool {
        self == Self::Size
    }
}

fn joined<'a>(ids: impl Iterator<Item = &'a str>) -> Option<Value<'a>> {
    Some(Words(ids.collect::<Vec<_>>().join(" ")))
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
            let value = match &json[column.field().vendor_name] {
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
            assert_eq!((column.cell(&bare), column.value(&bare)), ("-".to_owned(), "".into()));
        }
    }
}
