//! Where a file goes: from a template and what the album says about the file to a path that every disk takes.
//!
//! No disk and no manifest here: whether a path is taken is for others to say.

mod given;
mod safe;
mod template;

pub use self::given::Names;
pub(crate) use self::{
    safe::folded,
    template::{Fields, Template},
};
