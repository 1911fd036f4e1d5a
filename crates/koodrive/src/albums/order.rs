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
    pub(crate) fn parse(by: &str, direction: &str) -> Option<Self> {
        if (by, direction) == ("", "+") {
            return Some(Self { is_from_both_ends: true, ..Self::default() });
        }
        let by = one_of::<_, types::SortType>(&SortType::ALL, by)?;
        let direction = one_of::<_, types::SortDirection>(&SortDirection::ALL, direction)?;
        Some(Self { by, direction, is_from_both_ends: false })
    }
}

/// The one with this number on the wire; `Some(None)` if there is no number.
fn one_of<T: Copy, Wire: From<T> + ToString>(all: &[T], number: &str) -> Option<Option<T>> {
    if number.is_empty() {
        return Some(None);
    }
    all.iter().find(|one| Wire::from(**one).to_string() == number).map(|one| Some(*one))
}

/// `<sort type>:<sort direction>` in the vendor's numbers, with nothing for a part that is not set; `:+`
/// from both ends.
impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = self.by.map(|by| types::SortType::from(by).to_string());
        let direction = match self.is_from_both_ends {
            true => Some("+".to_owned()),
            false => self.direction.map(|it| types::SortDirection::from(it).to_string()),
        };
        write!(f, "{}:{}", by.unwrap_or_default(), direction.unwrap_or_default())
    }
}

impl SortType {
    const ALL: [Self; 3] = [Self::ShootingTime, Self::CreationTime, Self::UpdateTime];
}

impl SortDirection {
    const ALL: [Self; 2] = [Self::Ascending, Self::Descending];
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
