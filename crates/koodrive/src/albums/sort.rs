//! The order of a listing, in the vendor's terms.

use koodrive_api::types;

/// What a listing is sorted by: `sortType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SortType {
    /// When the picture was taken (1). The service's default in a collection album.
    ShootingTime,
    /// When the file was created (2). The service's default in a manual album.
    CreationTime,
    /// When the file was last changed (3).
    UpdateTime,
}

/// Which way a listing is sorted: `sortDirection`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SortDirection {
    /// Oldest first (1).
    Ascending,
    /// Newest first (2). The service's default.
    Descending,
}

impl SortType {
    /// The vendor's number.
    pub(crate) fn number(self) -> String {
        types::SortType::from(self).to_string()
    }

    pub(crate) fn from_number(text: &str) -> Option<Self> {
        let all = [Self::ShootingTime, Self::CreationTime, Self::UpdateTime];
        all.into_iter().find(|sort| sort.number() == text)
    }
}

impl SortDirection {
    /// The vendor's number.
    pub(crate) fn number(self) -> String {
        types::SortDirection::from(self).to_string()
    }

    pub(crate) fn from_number(text: &str) -> Option<Self> {
        [Self::Ascending, Self::Descending].into_iter().find(|way| way.number() == text)
    }
}

impl From<SortType> for types::SortType {
    fn from(sort: SortType) -> Self {
        match sort {
            SortType::ShootingTime => Self::X1,
            SortType::CreationTime => Self::X2,
            SortType::UpdateTime => Self::X3,
        }
    }
}

impl From<SortDirection> for types::SortDirection {
    fn from(direction: SortDirection) -> Self {
        match direction {
            SortDirection::Ascending => Self::X1,
            SortDirection::Descending => Self::X2,
        }
    }
}
