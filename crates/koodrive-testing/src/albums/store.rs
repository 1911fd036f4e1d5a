//! All albums of a server, generated and custom: which files are on a page, with which links.
//!
//! Nothing here knows cursors or access control.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;

use crate::albums::details::Details;
use crate::albums::file::AlbumFile;
use crate::albums::generated::Album;
use crate::albums::info::AlbumInfo;
use crate::albums::item::Item;
use crate::albums::object;
use crate::albums::order::{Direction, Order};
use crate::albums::presign::Presigner;
use crate::albums::stored::Stored;

/// The files of an album.
pub(crate) enum Contents {
    Generated(Album),
    Custom(Vec<AlbumFile>),
}

/// An album, and how the list of albums describes it.
pub(crate) struct StoredAlbum {
    pub(crate) info: AlbumInfo,
    pub(crate) contents: Contents,
}

/// A file on a page.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum PageItem<'a> {
    Generated(Box<Item<'a>>),
    Custom(Value),
}

/// The albums by id.
pub(crate) struct Albums(Mutex<BTreeMap<String, StoredAlbum>>);

impl Albums {
    pub(crate) fn new(albums: BTreeMap<String, StoredAlbum>) -> Self {
        Self(Mutex::new(albums))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, BTreeMap<String, StoredAlbum>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the files of a custom album. `None` if there is no such album.
    pub(crate) fn change<T>(
        &self,
        album_id: &str,
        change: impl FnOnce(&mut Vec<AlbumFile>) -> T,
    ) -> Option<T> {
        match &mut self.lock().get_mut(album_id)?.contents {
            Contents::Custom(files) => Some(change(files)),
            Contents::Generated(_) => None,
        }
    }

    /// Adds a file to a custom album, or replaces the file with the same id. Returns whether the album
    /// exists.
    pub(crate) fn put(&self, album_id: &str, file: AlbumFile) -> bool {
        let put = |files: &mut Vec<AlbumFile>| {
            files.retain(|old| old.id != file.id);
            files.push(file);
        };
        self.change(album_id, put).is_some()
    }

    /// Removes a file from a custom album. Returns whether it was there.
    pub(crate) fn remove(&self, album_id: &str, file_id: &str) -> bool {
        let remove = |files: &mut Vec<AlbumFile>| {
            let before = files.len();
            files.retain(|file| file.id != file_id);
            files.len() < before
        };
        self.change(album_id, remove).unwrap_or_default()
    }

    /// What is stored as the object with this name.
    pub(crate) fn stored(&self, object: &str) -> Option<Stored> {
        let object = object::parse(object)?;
        self.lock().values().find_map(|album| album.stored(object))
    }
}

impl StoredAlbum {
    pub(crate) fn files(&self) -> u64 {
        match &self.contents {
            Contents::Generated(album) => album.files,
            Contents::Custom(files) => files.len() as u64,
        }
    }

    /// Up to `size` files of this order, from `start` on.
    pub(crate) fn page<'a>(
        &self,
        (order, start, size): (Order, u64, u64),
        links: &Presigner<'a>,
    ) -> Vec<PageItem<'a>> {
        match &self.contents {
            Contents::Generated(album) => {
                let item = |file| Item::new(album, file, self.info.album_type, links);
                let files = album.page(order, start, size).into_iter();
                files.map(|file| PageItem::Generated(Box::new(item(file)))).collect()
            }
            Contents::Custom(files) => {
                let files = sorted(files, order).into_iter().skip(start as usize);
                let item = |file: &AlbumFile| file.to_json(&self.info, links);
                files.take(size as usize).map(|file| PageItem::Custom(item(file))).collect()
            }
        }
    }

    /// The album as the list of albums shows it.
    pub(crate) fn to_json(&self, links: &Presigner<'_>) -> Value {
        let cover = || match self.page((self.info.default_order(), 0, 1), links).pop()? {
            PageItem::Generated(item) => item.thumbnail_url,
            PageItem::Custom(item) => Some(item.get("thumbnailUrl")?.as_str()?.to_owned()),
        };
        self.info.to_json(self.info.has_cover.then(cover).flatten())
    }

    fn stored(&self, object: u128) -> Option<Stored> {
        match &self.contents {
            Contents::Generated(album) => {
                let (file, details) = Details::stored_as(album, object)?;
                Some(details.stored(album.id(file)))
            }
            Contents::Custom(files) => {
                let album_id = &self.info.id;
                let file = files.iter().find(|file| file.object(album_id) == object)?;
                Some(file.stored(album_id))
            }
        }
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
