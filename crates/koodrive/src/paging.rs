//! From calls to items: the loop over pages, the stream of their items, and where each stands.
//!
//! Generic over the operation. No HTTP and no JSON here.

pub(crate) mod background;
pub(crate) mod both_ends;
pub(crate) mod bounds;
pub(crate) mod items;
pub(crate) mod listing;
pub(crate) mod page;
pub(crate) mod page_loop;
pub(crate) mod pages;
mod seen;
pub(crate) mod split;
