//! Files by their links: to a path, and as a stream.

mod hostile;
mod interrupted;
#[cfg(unix)]
mod killed;
mod links;
mod places;
mod streamed;
mod whole;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use koodrive::{AlbumContent, Client, RetryPolicy};
use koodrive_testing::{AlbumFile, AlbumServer, AlbumServerBuilder};
use tempfile::TempDir;

const ALBUM: &str = "holidays";

/// The size of a file that takes several buffers.
const SIZE: usize = 1_000_000;

/// Bytes that differ everywhere, and begin as no document does.
fn content(size: usize) -> Vec<u8> {
    let mut rng = fastrand::Rng::with_seed(7);
    let mut bytes = vec![0; size];
    rng.fill(&mut bytes);
    if let Some(first) = bytes.first_mut() {
        *first = 0xff;
    }
    bytes
}

fn picture(size: usize) -> AlbumFile {
    AlbumFile::new("F1").content(content(size))
}

/// An album with one file.
fn serving(file: AlbumFile) -> AlbumServerBuilder {
    AlbumServer::builder().album(ALBUM, [file])
}

/// Retries without waiting for long.
fn eager(server: &AlbumServer) -> Client {
    let millisecond = Duration::from_millis(1);
    let policy = RetryPolicy::default().base_delay(millisecond).throttle_delay(millisecond);
    server.client_builder().retry(policy).build().unwrap()
}

/// The only file of the album.
async fn listed(client: &Client) -> AlbumContent {
    let page = client.list_album_content(ALBUM).send().await.unwrap();
    let [file] = page.contents() else { panic!("not one file") };
    file.clone()
}

/// An empty folder, and a file to be in it.
struct Target {
    folder: TempDir,
    path: PathBuf,
}

impl Target {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sea.jpg");
        Self { folder, path }
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn part(&self) -> PathBuf {
        self.folder.path().join(".sea.jpg.part")
    }

    fn record(&self) -> PathBuf {
        self.folder.path().join(".sea.jpg.part-record")
    }

    /// The file, and nothing else, is there.
    fn assert_holds(&self, content: &[u8]) {
        assert!(fs::read(&self.path).unwrap() == content, "another content");
        assert_eq!(self.names(), ["sea.jpg"]);
    }

    /// A part, and no file, is there.
    fn assert_holds_a_part(&self) {
        assert_eq!(self.names(), [".sea.jpg.part", ".sea.jpg.part-record"]);
    }
}

/// The start of the requested range of each download; `None` if the whole file was requested.
fn ranges(server: &AlbumServer) -> Vec<Option<u64>> {
    let start = |range: &str| {
        range.strip_prefix("bytes=").and_then(|range| range.strip_suffix('-')?.parse().ok())
    };
    let downloads = server.received_downloads();
    downloads.iter().map(|request| request.header("range").map(|r| start(r).unwrap())).collect()
}
