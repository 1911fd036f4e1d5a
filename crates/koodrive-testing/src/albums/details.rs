//! What a generated file is, apart from how it is listed or stored: a pure function of its number.

use jiff::Timestamp;

use crate::albums::generated::Album;
use crate::albums::media::Kind;
use crate::albums::object;
use crate::albums::order::SortKey;
use crate::albums::stored::Stored;

const DAY: u64 = 86_400_000;

/// A generated file. Times are in milliseconds since 1970.
pub(crate) struct Details {
    pub(crate) kind: &'static Kind,
    pub(crate) file_name: String,
    pub(crate) object: u128,
    /// Determines its content.
    pub(crate) seed: u64,
    pub(crate) size: u64,
    pub(crate) shot: i64,
    pub(crate) created: i64,
    pub(crate) edited: i64,
    /// Absent if the service does not say who added it, and when.
    pub(crate) added: Option<i64>,
    pub(crate) is_by_relative: bool,
    pub(crate) has_folder: bool,
    pub(crate) favorite: Option<bool>,
}

impl Details {
    pub(crate) fn new(album: &Album, file: u64) -> Self {
        let mut rng = album.rng(file, 2);
        let kind = Kind::pick(&mut rng);
        let (shot, created) =
            (album.time(file, SortKey::Shooting), album.time(file, SortKey::Creation));
        let added = created.saturating_add_unsigned(rng.u64(0..28 * DAY));
        Self {
            kind,
            file_name: kind.file_name(shot, &mut rng),
            object: object::seal(album.seed, file, rng.u128(..)),
            seed: rng.u64(..),
            is_by_relative: rng.u8(0..5) == 0,
            added: (rng.u8(0..8) != 0).then_some(added),
            has_folder: rng.u8(0..16) != 0,
            favorite: (rng.u8(0..16) != 0).then(|| rng.u8(0..10) == 0),
            size: kind.size(&mut rng),
            shot,
            created,
            edited: album.time(file, SortKey::Update),
        }
    }

    /// The file with this id as the storage holds it.
    pub(crate) fn stored(self, file_id: String) -> Stored {
        Stored {
            file_id,
            media_type: self.kind.mime_type.to_owned(),
            length: self.size,
            seed: self.seed,
            own: None,
            modified: Timestamp::from_millisecond(self.edited).unwrap_or_default(),
        }
    }

    /// The file that is stored as this object, if it is in this album.
    pub(crate) fn stored_as(album: &Album, object: u128) -> Option<(u64, Self)> {
        let file = object::open(album.seed, object);
        let details = (file < album.files).then(|| Self::new(album, file))?;
        (details.object == object).then_some((file, details))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_leads_back_to_its_file_and_only_in_its_album() {
        let (album, other) = (Album::new("1", 1_000_000_000), Album::new("2", 1_000_000_000));
        for file in [0, 1, 17, 999_999_999] {
            let object = Details::new(&album, file).object;
            let found = |album| Details::stored_as(album, object).map(|(file, _)| file);
            assert_eq!((found(&album), found(&other)), (Some(file), None));
            assert_eq!(found(&Album::new("1", file)), None); // too small for this file
            for bit in 0..128 {
                assert!(Details::stored_as(&album, object ^ (1 << bit)).is_none(), "{bit}");
            }
        }
    }
}
