//! From pages to items, whatever is listed.

pub(crate) mod background;
pub(crate) mod both_ends;
pub(crate) mod bounds;
pub(crate) mod items;
pub(crate) mod page;
pub(crate) mod page_loop;
pub(crate) mod pages;
pub(crate) mod position;
pub(crate) mod split;
