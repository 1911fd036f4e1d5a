//! All albums of a server, generated and custom: which files are on a page, with which links.
//!
//! Nothing here knows cursors or access control.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;

use crate::albums::file::AlbumFile;
use crate::albums::generated::Album;
use crate::albums::item::Item;
use crate::albums::order::{Direction, Order};
use crate::albums::presign::Presigner;

/// The files of an album.
pub(crate) enum Contents {
    Generated(Album),
    Custom(Vec<AlbumFile>),
}

/// A file on a page.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum PageItem<'a> {
    Generated(Box<Item<'a>>),
    Custom(Value),
}

/// The albums by id.
pub(crate) struct Albums(Mutex<BTreeMap<String, Contents>>);

impl Albums {
    pub(crate) fn new(albums: BTreeMap<String, Contents>) -> Self {
        Self(Mutex::new(albums))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Contents>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a file to a custom album, or replaces the file with the same id. Returns whether the album
    /// exists.
    pub(crate) fn put(&self, album_id: &str, file: AlbumFile) -> bool {
        let mut albums = self.lock();
        let Some(Contents::Custom(files)) = albums.get_mut(album_id) else {
            return false;
        };
        files.retain(|old| old.id() != file.id());
        files.push(file);
        true
    }

    /// Removes a file from a custom album. Returns whether it was there.
    pub(crate) fn remove(&self, album_id: &str, file_id: &str) -> bool {
        let mut albums = self.lock();
        let Some(Contents::Custom(files)) = albums.get_mut(album_id) else {
            return false;
        };
        let before = files.len();
        files.retain(|file| file.id() != file_id);
        files.len() < before
    }

    /// The file whose content is stored as this object, and the id of its album.
    pub(crate) fn stored(&self, object: &str) -> Option<(String, AlbumFile)> {
        self.lock().iter().find_map(|(album_id, contents)| {
            let Contents::Custom(files) = contents else { return None };
            let mut files = files.iter().filter(|file| file.stored_content().is_some());
            let file = files.find(|file| file.object(album_id) == object)?;
            Some((album_id.clone(), file.clone()))
        })
    }
}

/// Who sees the files, and how their links are signed.
pub(crate) struct Viewer<'a> {
    pub(crate) owner_id: &'a str,
    /// Signs links that lead nowhere.
    pub(crate) dead_links: Presigner,
    /// Signs links that lead back to this server.
    pub(crate) live_links: Presigner,
}

impl Contents {
    pub(crate) fn files(&self) -> u64 {
        match self {
            Self::Generated(album) => album.files(),
            Self::Custom(files) => files.len() as u64,
        }
    }

    /// Up to `size` files of this order, from `start` on.
    pub(crate) fn page<'a>(
        &self,
        album_id: &str,
        (order, start, size): (Order, u64, u64),
        viewer: &Viewer<'a>,
    ) -> Vec<PageItem<'a>> {
        match self {
            Self::Generated(album) => {
                let item = |file| Item::new(album, file, viewer.owner_id, &viewer.dead_links);
                let files = album.page(order, start, size).into_iter();
                files.map(|file| PageItem::Generated(Box::new(item(file)))).collect()
            }
            Self::Custom(files) => {
                let files = sorted(files, order).into_iter().skip(start as usize);
                files.take(size as usize).map(|file| viewer.item(album_id, file)).collect()
            }
        }
    }
}

impl Viewer<'_> {
    fn item<'a>(&self, album_id: &str, file: &AlbumFile) -> PageItem<'a> {
        let presigner =
            if file.stored_content().is_some() { &self.live_links } else { &self.dead_links };
        PageItem::Custom(file.to_json(self.owner_id, file.link(album_id, presigner)))
    }
}

/// Sorts by time and then by id, like a generated album. Descending is ascending reversed.
fn sorted(files: &[AlbumFile], order: Order) -> Vec<&AlbumFile> {
    let mut sorted: Vec<&AlbumFile> = files.iter().collect();
    sorted.sort_by_cached_key(|file| file.sort_key(order.key)); // cached, because it parses a date
    if order.direction == Direction::Descending {
        sorted.reverse();
    }
    sorted
}
