//! Names beside each other in one folder: no two are the same on any disk.

use std::{collections::HashSet, fmt};

use super::{
    safe::{clean, folded, split_suffix},
    template::numbered,
};

/// Gives files, or folders, names that are safe on every disk, and no two of them the same name.
///
/// Names are compared as the least careful disk does: without capitals and without composition. The second file
/// of a name has 8 hexadecimal digits of the SHA-256 of its id in it. These are the names that an
/// [`AlbumSync`](crate::AlbumSync) gives, too.
///
/// ```
/// let mut names = koodrive_sync::Names::default();
/// assert_eq!(names.give(Some("../Sea.jpg"), "F1"), "_Sea.jpg");
/// assert_eq!(names.give(Some("Sea.jpg"), "F2"), "Sea.jpg");
/// assert_eq!(names.give(Some("SEA.jpg"), "F3"), "SEA.7c96eb02.jpg");
/// assert_eq!(names.give(None, "F4"), "F4");
/// ```
#[derive(Clone, Default)]
pub struct Names(HashSet<String>);

impl Names {
    /// The name of the next file. Without a name of its own, it is called by its id.
    pub fn give(&mut self, name: Option<&str>, id: &str) -> String {
        let name = clean(name.filter(|name| !name.is_empty()).unwrap_or(id));
        let (stem, suffix) = split_suffix(&name);
        let mut free = numbered(stem, suffix, id).filter(|name| self.take(name));
        free.next().unwrap_or(name.clone())
    }

    /// Notes that there is something of this name. Returns false if that was known.
    pub fn take(&mut self, name: &str) -> bool {
        self.0.insert(folded(name))
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").field("given", &self.0.len()).finish()
    }
}
