//! A minimal HTTP/1.1 server with keep-alive. The album id selects the length, the latency and
//! compression: `<files>.<latency in ms>`, optionally followed by `.gzip`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, Result};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::spawn_blocking,
};

use crate::album::{self, Album, PAGE, Place};

struct Server {
    album: Album,
    requests: AtomicU64,
    bytes: AtomicU64,
}

pub async fn serve() -> Result<()> {
    let (requests, bytes) = Default::default();
    let server = Arc::new(Server { album: Album::new().await?, requests, bytes });
    let socket = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", socket.local_addr()?);
    loop {
        let (stream, _) = socket.accept().await?;
        tokio::spawn(connection(Arc::clone(&server), stream));
    }
}

async fn connection(server: Arc<Server>, mut stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut head = Vec::new();
    while stream.read_buf(&mut head).await? > 0 {
        if head.ends_with(b"\r\n\r\n") {
            let reply = server.reply(std::str::from_utf8(&head)?).await?;
            stream.write_all(&reply).await?;
            head.clear();
        }
    }
    Ok(())
}

impl Server {
    async fn reply(&self, request: &str) -> Result<Vec<u8>> {
        let path = request.split(' ').nth(1).context("no request line")?;
        if path == "/counts" {
            let counts = (self.requests.swap(0, Relaxed), self.bytes.swap(0, Relaxed));
            return Ok(reply("", serde_json::to_string(&counts)?.as_bytes()));
        }
        let mut parameters =
            Parameters::parse(path).with_context(|| format!("not a list request: {path}"))?;
        parameters.is_gzip &= request.contains("gzip");
        // Not the runtime's timer, which can be late by up to two milliseconds.
        spawn_blocking(move || thread::sleep(parameters.latency)).await?;
        let reply = self.page(&parameters)?;
        self.requests.fetch_add(1, Relaxed);
        self.bytes.fetch_add(reply.len() as u64, Relaxed);
        Ok(reply)
    }

    fn page(&self, parameters: &Parameters) -> Result<Vec<u8>> {
        let body = self.album.body(parameters.place);
        Ok(match parameters.is_gzip {
            true => reply("Content-Encoding: gzip\r\n", &album::gzip(&body)?),
            false => reply("", body.as_bytes()),
        })
    }
}

/// The parameters of a request.
struct Parameters {
    place: Place,
    latency: Duration,
    is_gzip: bool,
}

impl Parameters {
    fn parse(path: &str) -> Option<Self> {
        let (path, query) = path.split_once('?')?;
        let mut album = path.split('/').nth(5)?.split('.');
        let files = album.next()?.parse().ok()?;
        let latency = Duration::from_millis(album.next()?.parse().ok()?);
        let is_gzip = album.next().is_some();
        let parameter = |name| query.split('&').find_map(|pair| value(pair, name));
        assert_eq!(parameter("pageSize"), Some(PAGE.to_string().as_str()));
        let page = parameter("pageCursor").map_or(Some(0), album::page_of)?;
        let is_downwards = parameter("sortDirection") == Some("2");
        Some(Self { place: Place { page, files, is_downwards }, latency, is_gzip })
    }
}

fn value<'a>(pair: &'a str, name: &str) -> Option<&'a str> {
    pair.strip_prefix(name)?.strip_prefix('=')
}

/// A reply with the usual headers.
fn reply(headers: &str, body: &[u8]) -> Vec<u8> {
    let now = jiff::Timestamp::try_from(SystemTime::now()).unwrap_or_default();
    let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT");
    let head = format!(
        "HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Type: application/json;charset=UTF-8\r\n\
         Server: api-gateway\r\nX-Request-Id: 7f1f9b2f5ad04d6c9d1f0b6ab3f9a7c2\r\n\
         {headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}
