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

/// The order of a listing, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Parts that are not set are the service's choice.
    Sorted { by: Option<SortType>, direction: Option<SortDirection> },
    /// From both ends at once.
    BothEnds,
}

impl Order {
    pub(crate) fn by(self) -> Option<SortType> {
        match self {
            Self::Sorted { by, .. } => by,
            Self::BothEnds => None,
        }
    }

    pub(crate) fn direction(self) -> Option<SortDirection> {
        match self {
            Self::Sorted { direction, .. } => direction,
            Self::BothEnds => None,
        }
    }

    /// Reads what `Display` writes.
    pub(crate) fn parse(by: &str, direction: &str) -> Option<Self> {
        if (by, direction) == ("", "+") {
            return Some(Self::BothEnds);
        }
        let by = match by {
            "" => None,
            number => Some(SortType::from_number(number)?),
        };
        let direction = match direction {
            "" => None,
            number => Some(SortDirection::from_number(number)?),
        };
        Some(Self::Sorted { by, direction })
    }
}

/// `<sort type>:<sort direction>` in the vendor's numbers, with nothing for a part that is not set; `:+`
/// from both ends.
impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sorted { by, direction } => {
                let by = by.map(SortType::number).unwrap_or_default();
                let direction = direction.map(SortDirection::number).unwrap_or_default();
                write!(f, "{by}:{direction}")
            }
            Self::BothEnds => f.write_str(":+"),
        }
    }
}

impl SortType {
    /// The vendor's number.
    fn number(self) -> String {
        types::SortType::from(self).to_string()
    }

    fn from_number(text: &str) -> Option<Self> {
        let all = [Self::ShootingTime, Self::CreationTime, Self::UpdateTime];
        all.into_iter().find(|sort| sort.number() == text)
    }
}

impl SortDirection {
    /// The vendor's number.
    fn number(self) -> String {
        types::SortDirection::from(self).to_string()
    }

    fn from_number(text: &str) -> Option<Self> {
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
