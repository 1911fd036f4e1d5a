//! The pages that the benchmark serves. They come from the fake server and are generated once.

use std::io::Write as _;

use anyhow::{Result, ensure};
use flate2::{Compression, write::GzEncoder};
use futures::{StreamExt as _, TryStreamExt as _, future::ready};
use koodrive::{AlbumContent, SortDirection, SortType};
use koodrive_testing::AlbumServer;

pub const PAGE: usize = 100;
/// The number of distinct files. A longer album repeats them, with its own cursors, because a million
/// files would take two gigabytes.
pub const FILES: usize = 20_000;

/// The `contentList` of each page without its brackets, in ascending and descending order.
pub struct Album {
    up: Vec<String>,
    down: Vec<String>,
}

/// The requested page, and the length of its album.
#[derive(Clone, Copy)]
pub struct Place {
    pub page: usize,
    pub files: usize,
    pub is_downwards: bool,
}

impl Album {
    pub async fn new() -> Result<Self> {
        // More than needed, because some of them lack a field.
        let server = AlbumServer::builder().files(4 * FILES as u64).start().await;
        let files = server
            .client()
            .list_album_content(server.album_id())
            .sort_type(SortType::CreationTime)
            .sort_direction(SortDirection::Ascending)
            .stream();
        let files = files.try_filter(|file| ready(is_whole(file))).take(FILES);
        let mut files: Vec<AlbumContent> = files.try_collect().await?;
        ensure!(files.len() == FILES, "only {} files have every field", files.len());
        let up = pages(&files)?;
        files.reverse();
        Ok(Self { up, down: pages(&files)? })
    }

    pub fn body(&self, place: Place) -> String {
        let Place { page, files, is_downwards } = place;
        let pages = files.div_ceil(PAGE);
        let list = if is_downwards {
            let last = (pages - 1) % self.down.len();
            &self.down[(self.down.len() - 1 - last + page) % self.down.len()]
        } else {
            &self.up[page % self.up.len()]
        };
        let next = if page + 1 < pages { cursor(page + 1) } else { String::new() };
        format!(
            r#"{{"code":0,"msg":"success","contentList":[{list}],"nextPageCursor":"{next}","total":{files}}}"#
        )
    }
}

/// Whether a file has every field, like a photo in a manual album.
fn is_whole(file: &AlbumContent) -> bool {
    let is_photo = file.thumbnail_url().is_some() && file.take_time().is_some();
    let is_added = file.add_time().is_some() && file.adder_user_id().is_some();
    is_photo && is_added && file.favorite().is_some() && file.parent_folder().next().is_some()
}

fn pages(files: &[AlbumContent]) -> Result<Vec<String>> {
    let page = |files: &[AlbumContent]| {
        let text = serde_json::to_string(files)?;
        Ok(text.trim_matches(['[', ']']).to_owned())
    };
    files.chunks(PAGE).map(page).collect()
}

/// As long as the fake server's, with the same characters to encode. The last 16 are the page.
fn cursor(page: usize) -> String {
    let mut rng = fastrand::Rng::with_seed(page as u64);
    format!("+/={:022x}{page:016x}", rng.u64(..))
}

pub fn page_of(cursor: &str) -> Option<usize> {
    usize::from_str_radix(cursor.get(cursor.len().checked_sub(16)?..)?, 16).ok()
}

pub fn gzip(text: &str) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes())?;
    Ok(encoder.finish()?)
}
