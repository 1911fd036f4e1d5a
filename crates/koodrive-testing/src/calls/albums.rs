//! The list of albums.

use serde_json::{Value, json};

use crate::albums::info::{AlbumInfo, AlbumKind, AlbumType};
use crate::albums::presign::Presigner;
use crate::albums::store::Albums;
use crate::calls::list_query::{numeric, page_size, single_parameter};
use crate::replies::refusal::Refusal;

const DEFAULT_PAGE: u8 = 10;

/// Valid parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AlbumsQuery {
    kind: AlbumKind,
    album_type: AlbumType,
    /// The id of a family.
    group: Option<String>,
    page_size: u8,
    /// From 1 on.
    page_number: u32,
}

impl AlbumsQuery {
    /// Parses the query. Unknown parameters are ignored.
    pub(crate) fn parse(query: &str) -> Result<Self, Refusal> {
        let missing = |name| Refusal::BadParameter(name);
        let kind = numeric(query, "albumKind", AlbumKind::from_code)?;
        let album_type = numeric(query, "albumType", AlbumType::from_code)?;
        Ok(Self {
            kind: kind.ok_or(missing("albumKind"))?,
            album_type: album_type.ok_or(missing("albumType"))?,
            group: single_parameter(query, "groupId")?,
            page_size: numeric(query, "pageSize", page_size)?.unwrap_or(DEFAULT_PAGE),
            page_number: numeric(query, "pageNum", |page| (page > 0).then_some(page))?.unwrap_or(1),
        })
    }

    fn asks_for(&self, album: &AlbumInfo) -> bool {
        (album.kind, album.album_type) == (self.kind, self.album_type)
            && (self.group.is_none() || self.group == album.group)
    }
}

/// The requested page, which is empty behind the last album. Albums are in the order of their ids.
pub(crate) fn page(albums: &Albums, query: &AlbumsQuery, links: &Presigner<'_>) -> Value {
    let albums = albums.lock();
    let listed = albums.values().filter(|album| query.asks_for(&album.info));
    let size = usize::from(query.page_size);
    let before = size.saturating_mul(query.page_number.saturating_sub(1) as usize);
    let total = listed.clone().count();
    let page: Value = listed.skip(before).take(size).map(|album| album.to_json(links)).collect();
    json!({ "code": 0, "msg": "Success.", "albumList": page, "total": total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_the_documented_ones() {
        let query = AlbumsQuery {
            kind: AlbumKind::Shared,
            album_type: AlbumType::Collection,
            group: None,
            page_size: 10,
            page_number: 1,
        };
        for text in ["albumKind=2&albumType=1", "pageNum=1&albumType=1&pageSize=10&albumKind=2"] {
            assert_eq!(AlbumsQuery::parse(text).as_ref(), Ok(&query), "{text}");
        }
        let group = Some("7".to_owned());
        let last = AlbumsQuery { group, page_size: 100, page_number: u32::MAX, ..query };
        let text = "albumKind=2&albumType=1&groupId=7&pageSize=100&pageNum=4294967295";
        assert_eq!(AlbumsQuery::parse(text), Ok(last));
    }

    #[test]
    fn each_missing_or_bad_parameter_is_named() {
        for (query, name) in [
            ("", "albumKind"),
            ("albumType=1", "albumKind"),
            ("albumKind=1", "albumType"),
            ("albumKind=0&albumType=1", "albumKind"),
            ("albumKind=3&albumType=1", "albumKind"),
            ("albumKind=personal&albumType=1", "albumKind"),
            ("albumKind=1&albumKind=1&albumType=1", "albumKind"),
            ("albumKind=1&albumType=3", "albumType"),
            ("albumKind=1&albumType=", "albumType"),
            ("albumKind=1&albumType=1&pageSize=0", "pageSize"),
            ("albumKind=1&albumType=1&pageSize=101", "pageSize"),
            ("albumKind=1&albumType=1&pageNum=0", "pageNum"),
            ("albumKind=1&albumType=1&pageNum=-1", "pageNum"),
            ("albumKind=1&albumType=1&pageNum=01", "pageNum"),
        ] {
            assert_eq!(AlbumsQuery::parse(query), Err(Refusal::BadParameter(name)), "{query}");
        }
    }
}
