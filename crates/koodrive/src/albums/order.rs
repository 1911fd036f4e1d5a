//! The order of a listing, in the vendor's terms.

use std::fmt;

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

/// The direction in which a listing is sorted: `sortDirection`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SortDirection {
    /// Oldest first (1).
    Ascending,
    /// Newest first (2). The service's default.
    Descending,
}

/// The order of a listing. Parts that are not set are the service's choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) by: Option<SortType>,
    pub(crate) direction: Option<SortDirection>,
    /// From both ends at once, in no order.
    pub(crate) is_from_both_ends: bool,
}

impl Order {
    /// Reads what `Display` writes.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::all().find(|order| order.to_string() == text)
    }

    fn all() -> impl Iterator<Item = Self> {
        use SortDirection::{Ascending, Descending};
        use SortType::{CreationTime, ShootingTime, UpdateTime};
        let by = [None, Some(ShootingTime), Some(CreationTime), Some(UpdateTime)];
        let directions = [None, Some(Ascending), Some(Descending)];
        let order = move |by| directions.map(|direction| Self { by, direction, ..Self::default() });
        let from_both_ends = Self { is_from_both_ends: true, ..Self::default() };
        by.into_iter().flat_map(order).chain([from_both_ends])
    }
}

/// `<sort type>:<sort direction>` in the vendor's numbers, with nothing for a part that is not set; `:+`
/// from both ends.
impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_from_both_ends {
            return f.write_str(":+");
        }
        let by = self.by.map(|by| types::SortType::from(by).to_string());
        let direction = self.direction.map(|it| types::SortDirection::from(it).to_string());
        write!(f, "{}:{}", by.unwrap_or_default(), direction.unwrap_or_default())
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
