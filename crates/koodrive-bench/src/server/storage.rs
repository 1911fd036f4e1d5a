//! The storage: photos of any size, `/photos/<number>.<size>.<latency in ms>.jpg`, that are not kept anywhere.

use std::{sync::LazyLock, time::Duration};

use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use super::albums::cursor;
use crate::fixture::PAGE;

/// What photos consist of. It begins as a JPEG does.
static BLOCK: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut rng = fastrand::Rng::with_seed(0);
    let noise = (0..1 << 18).map(|_| rng.u8(..));
    [0xff, 0xd8, 0xff, 0xe0].into_iter().chain(noise).collect()
});

pub struct Photo {
    size: u64,
    pub latency: Duration,
}

impl Photo {
    pub fn parse(path: &str) -> Option<Self> {
        let mut parts = path.strip_prefix("/photos/")?.split('.').skip(1);
        let size = parts.next()?.parse().ok()?;
        Some(Self { size, latency: Duration::from_millis(parts.next()?.parse().ok()?) })
    }

    pub async fn send(&self, stream: &mut TcpStream, is_head: bool) -> std::io::Result<()> {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {0}\r\n\
             ETag: \"{0:032x}-1\"\r\nLast-Modified: Wed, 01 Jan 2025 00:00:00 GMT\r\n\r\n",
            self.size
        );
        stream.write_all(head.as_bytes()).await?;
        let mut rest = if is_head { 0 } else { self.size };
        while rest > 0 {
            let len = rest.min(BLOCK.len() as u64);
            stream.write_all(&BLOCK[..len as usize]).await?;
            rest -= len;
        }
        Ok(())
    }
}

/// The body of a page of an album of photos, `<files>.<size>.<latency in ms>`, at the server `url`.
pub fn page(album: &str, page: usize, url: &str) -> Option<String> {
    let (files, photo) = album.split_once('.')?;
    let files: usize = files.parse().ok()?;
    let size: u64 = photo.split('.').next()?.parse().ok()?;
    let numbers = page * PAGE..files.min((page + 1) * PAGE);
    let file = |number: usize| -> Value {
        json!({
            "id": format!("photo-{number}"),
            "fileName": format!("{number}.jpg"),
            "fileType": "IMAGE",
            "mimeType": "image/jpeg",
            "createdTime": "2025-01-01T00:00:00Z",
            "size": size,
            "contentUrl": format!("{url}/photos/{number}.{photo}.jpg"),
        })
    };
    let next = if numbers.end < files { cursor(page + 1) } else { String::new() };
    let list: Vec<Value> = numbers.map(file).collect();
    let page = json!({ "code": 0, "contentList": list, "nextPageCursor": next, "total": files });
    Some(page.to_string())
}
