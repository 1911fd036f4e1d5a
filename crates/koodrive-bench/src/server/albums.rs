//! The pages of files. They come from the fake server and are generated once.

use std::io::Write as _;

use anyhow::{Result, ensure};
use flate2::{Compression, write::GzEncoder};
use futures::TryStreamExt as _;
use koodrive::{AlbumContent, SortDirection, SortType};
use koodrive_testing::AlbumServer;
use serde_json::to_string;

use crate::fixture::{FILES, Fixture, PAGE};

/// What the server serves.
pub struct Albums {
    plain: Lists,
    real: Lists,
}

/// The `contentList` of each page without its brackets, in ascending and descending order.
struct Lists {
    up: Vec<String>,
    down: Vec<String>,
}

/// The requested page, and the length of its album.
#[derive(Clone, Copy)]
pub struct Place {
    pub page: usize,
    pub files: usize,
    pub is_downwards: bool,
    pub fixture: Fixture,
}

impl Albums {
    pub async fn new() -> Result<Self> {
        // More than needed, because some of them lack a field.
        let server = AlbumServer::builder().files(4 * FILES as u64).start().await;
        let files = server
            .client()
            .list_album_content(server.album_id())
            .sort_type(SortType::CreationTime)
            .sort_direction(SortDirection::Ascending)
            .stream();
        let files: Vec<AlbumContent> = files.try_collect().await?;
        let plain: Vec<_> = files.iter().filter_map(whole).take(FILES).collect();
        ensure!(plain.len() == FILES, "only {} files have every field", plain.len());
        let real = files.iter().take(FILES).enumerate().map(as_in_real_albums);
        Ok(Self { plain: Lists::new(plain), real: Lists::new(real.collect::<Result<_>>()?) })
    }

    pub fn body(&self, place: Place) -> String {
        let Place { page, files, .. } = place;
        let pages = files.div_ceil(PAGE);
        let list = match place.fixture {
            Fixture::Real => self.real.list(place, pages),
            Fixture::Plain | Fixture::Gzip => self.plain.list(place, pages),
        };
        let next = if page + 1 < pages { cursor(page + 1) } else { String::new() };
        format!(
            r#"{{"code":0,"msg":"success","contentList":[{list}],"nextPageCursor":"{next}","total":{files}}}"#
        )
    }
}

impl Lists {
    fn new(mut files: Vec<String>) -> Self {
        let pages = |files: &[String]| files.chunks(PAGE).map(|page| page.join(",")).collect();
        let up = pages(&files);
        files.reverse();
        Self { up, down: pages(&files) }
    }

    fn list(&self, Place { page, is_downwards, .. }: Place, pages: usize) -> &str {
        if is_downwards {
            let last = (pages - 1) % self.down.len();
            &self.down[(self.down.len() - 1 - last + page) % self.down.len()]
        } else {
            &self.up[page % self.up.len()]
        }
    }
}

/// The JSON of a file with whatever fields it has, a Chinese name, and the escapes of Gson, which writes
/// JSON that is safe inside HTML.
fn as_in_real_albums((number, file): (usize, &AlbumContent)) -> Result<String> {
    const NAMES: [&str; 4] = ["微信图片", "西湖日落 & 晚霞", "妈妈生日·全家福", "旅行相册（杭州）"];
    let name = format!("{}_{number:05}.jpg", NAMES[number % NAMES.len()]);
    let file = match file.file_name() {
        Some(old) => to_string(file)?.replacen(&to_string(old)?, &to_string(&name)?, 1),
        None => to_string(file)?,
    };
    Ok(file.replace('&', r"\u0026").replace('=', r"\u003d"))
}

/// The JSON of a file with every field, as if a photo could be in both types of albums.
fn whole(file: &AlbumContent) -> Option<String> {
    let is_photo = file.thumbnail_url().is_some() && file.take_time().is_some();
    let is_whole = is_photo && file.favorite().is_some() && file.parent_folder().next().is_some();
    let (id, time) = (file.owner_id()?, file.created_time()?.as_str());
    let added = format!(r#"{{"addTime":"{time}","adderUserId":"{id}","#);
    is_whole.then(|| to_string(file).ok())?.map(|file| file.replacen('{', &added, 1))
}

/// As long as the fake server's, with the same characters to encode. The last 16 are the page.
pub fn cursor(page: usize) -> String {
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
