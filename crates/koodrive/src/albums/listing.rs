//! What is listed, and in which order.

use std::num::NonZeroU32;

use crate::albums::sort::{SortDirection, SortType};

/// What every page request of a listing repeats, and what a checkpoint holds good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    pub(crate) album_id: String,
    pub(crate) page_size: NonZeroU32,
    pub(crate) sort_type: Option<SortType>,
    pub(crate) sort_direction: Option<SortDirection>,
    /// In no order: from both ends.
    pub(crate) is_unordered: bool,
}
