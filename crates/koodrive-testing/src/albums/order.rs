//! The six orders of an album: three keys, two directions.

/// The sort key: `sortType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SortKey {
    Shooting = 1,
    Creation = 2,
    Update = 3,
}

impl SortKey {
    pub(crate) fn from_code(code: u8) -> Option<Self> {
        [Self::Shooting, Self::Creation, Self::Update].into_iter().find(|key| *key as u8 == code)
    }
}

/// The direction: `sortDirection`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Ascending = 1,
    Descending = 2,
}

impl Direction {
    pub(crate) fn from_code(code: u8) -> Option<Self> {
        [Self::Ascending, Self::Descending].into_iter().find(|end| *end as u8 == code)
    }
}

/// One of the six orders of an album.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) key: SortKey,
    pub(crate) direction: Direction,
}

impl Order {
    /// The newest file first.
    pub(crate) const NEWEST: Self =
        Self { key: SortKey::Creation, direction: Direction::Descending };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_documented_ones() {
        assert_eq!(SortKey::from_code(1), Some(SortKey::Shooting));
        assert_eq!(SortKey::from_code(2), Some(SortKey::Creation));
        assert_eq!(SortKey::from_code(3), Some(SortKey::Update));
        assert_eq!(Direction::from_code(1), Some(Direction::Ascending));
        assert_eq!(Direction::from_code(2), Some(Direction::Descending));
        assert_eq!((SortKey::from_code(4), Direction::from_code(3)), (None, None));
    }
}
