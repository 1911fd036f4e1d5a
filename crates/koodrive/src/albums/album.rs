//! An album, as the service describes it.

use std::{fmt, num::NonZeroU32};

use koodrive_api::types::NumberOrText;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Number;

use super::presigned_url::PresignedUrl;

/// An album: an element of the vendor's `albumList`.
///
/// Only the id is always present. It serialises to the vendor's JSON, and deserialises from it. **Its JSON
/// holds the pre-signed URL of the cover**, which gives access to that picture.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Album {
    #[serde(deserialize_with = "id")]
    id: String,
    #[serde(default, deserialize_with = "optional_text")]
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    #[serde(skip_serializing_if = "Option::is_none")]
    cover_img: Option<String>,
    #[serde(default, deserialize_with = "AlbumType::from_json")]
    #[serde(skip_serializing_if = "Option::is_none")]
    album_type: Option<AlbumType>,
    #[serde(default, deserialize_with = "AlbumKind::from_json")]
    #[serde(skip_serializing_if = "Option::is_none")]
    album_kind: Option<AlbumKind>,
}

impl Album {
    /// The album's id, for [`list_album_content`](crate::Client::list_album_content). Opaque text, even where
    /// it looks like a number.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name. The vendor promises it for manual albums only. Names need not differ from each other.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whom the album is for (`albumKind`). In a listing, always present: if the service does not return it,
    /// it is what was asked for.
    pub fn kind(&self) -> Option<AlbumKind> {
        self.album_kind
    }

    /// How the album is filled (`albumType`). Always present in a listing, too.
    pub fn album_type(&self) -> Option<AlbumType> {
        self.album_type
    }

    /// Where to fetch the cover (`coverImg`). The URL gives access to the picture. The vendor promises it for
    /// manual albums only.
    pub fn cover_url(&self) -> Option<PresignedUrl<'_>> {
        self.cover_img.as_deref().map(PresignedUrl::from)
    }

    /// Fills in what the service left out, in a listing of this kind and type.
    pub(super) fn fill_in(&mut self, kind: AlbumKind, album_type: AlbumType) {
        self.album_kind.get_or_insert(kind);
        self.album_type.get_or_insert(album_type);
    }
}

/// Shows only the host of the cover's URL.
impl fmt::Debug for Album {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Album")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("kind", &self.album_kind)
            .field("album_type", &self.album_type)
            .field("cover_url", &self.cover_url())
            .finish()
    }
}

/// Text that is not empty, or the digits of a whole number.
fn id<'de, D: Deserializer<'de>>(json: D) -> Result<String, D::Error> {
    let id = NumberOrText::deserialize(json)?.to_string();
    if id.is_empty() { Err(D::Error::missing_field("id")) } else { Ok(id) }
}

/// As for a file, the text of a number or a boolean is plain.
fn optional_text<'de, D: Deserializer<'de>>(json: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Plain {
        Text(String),
        Number(Number),
        Flag(bool),
    }
    Ok(Option::deserialize(json)?.map(|plain| match plain {
        Plain::Text(text) => text,
        Plain::Number(number) => number.to_string(),
        Plain::Flag(flag) => flag.to_string(),
    }))
}

/// A fieldless enum that the service writes as a number.
macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $number:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            pub(super) const ALL: [Self; 2] = [$(Self::$variant),*];

            /// The service's number for it.
            pub(super) fn number(self) -> NonZeroU32 {
                match self { $(Self::$variant => const { NonZeroU32::new($number).unwrap() },)* }
            }

            /// An unknown number is `None`: it costs no album.
            fn from_json<'de, D: Deserializer<'de>>(json: D) -> Result<Option<Self>, D::Error> {
                let number = optional_text(json)?.and_then(|text| text.parse().ok());
                Ok(Self::ALL.into_iter().find(|it| Some(it.number()) == number))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.number().serialize(serializer)
            }
        }
    };
}

numbered! {
    /// Whom an album is for: `albumKind`.
    AlbumKind {
        /// The user alone (1).
        Personal = 1,
        /// Several users, such as a family (2).
        Shared = 2,
    }
}

numbered! {
    /// How an album is filled: `albumType`.
    AlbumType {
        /// By the service, from folders (1).
        Collection = 1,
        /// By its users, file by file (2).
        Manual = 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "https://a.example/?X-Amz-Signature=5ec4e7";

    #[test]
    fn an_album_is_read_leniently_and_written_as_the_vendor_does() {
        let json = format!(
            r#"{{"id":17,"name":"Sea","coverImg":"{SECRET}","albumType":"2","albumKind":1,"new":[1]}}"#
        );
        let album: Album = serde_json::from_str(&json).unwrap();
        assert_eq!((album.id(), album.name()), ("17", Some("Sea")));
        assert_eq!(album.kind(), Some(AlbumKind::Personal));
        assert_eq!(album.album_type(), Some(AlbumType::Manual));
        assert_eq!(
            serde_json::to_string(&album).unwrap(),
            format!(
                r#"{{"id":"17","name":"Sea","coverImg":"{SECRET}","albumType":2,"albumKind":1}}"#
            )
        );
        let bare: Album = serde_json::from_str(r#"{"id":"17","albumType":3,"name":null}"#).unwrap();
        assert_eq!((bare.album_type(), bare.kind(), bare.name()), (None, None, None));
        assert_eq!(serde_json::to_string(&bare).unwrap(), r#"{"id":"17"}"#);
    }

    #[test]
    fn a_name_of_another_type_costs_no_album_where_its_meaning_is_plain() {
        for (json, name) in [("2024", "2024"), ("1.5", "1.5"), ("true", "true")] {
            let album = serde_json::from_str::<Album>(&format!(r#"{{"id":"17","name":{json}}}"#));
            assert_eq!(album.unwrap().name(), Some(name));
        }
        for json in [r#"{"id":"17","name":[]}"#, r#"{"id":true}"#, r#"{"id":""}"#, "{}"] {
            assert!(serde_json::from_str::<Album>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn debug_shows_no_url() {
        let json = format!(r#"{{"id":"17","coverImg":"{SECRET}"}}"#);
        let shown = format!("{:?}", serde_json::from_str::<Album>(&json).unwrap());
        assert!(shown.contains("a.example") && !shown.contains("5ec4e7"), "{shown}");
    }
}
