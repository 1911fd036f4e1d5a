//! A minimal HTTP/1.1 server with keep-alive. The album id says what the album is like:
//! `<files>.<latency in ms>.<fixture>`, optionally followed by anything that makes it another album.

use std::{
    mem,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, Result};
use clap::ValueEnum as _;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::spawn_blocking,
};

use crate::{
    album::{self, Albums, PAGE, Place},
    job::Fixture,
};

struct Server {
    albums: Albums,
    counts: Mutex<Counts>,
}

/// What the server has seen since it was last asked.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Requests for a page.
    pub requests: u64,
    /// The bytes of the replies to them.
    pub bytes: u64,
    /// Connections on which a page was requested.
    pub connections: u64,
    pub refreshes: u64,
}

pub async fn serve() -> Result<()> {
    let server = Arc::new(Server { albums: Albums::new().await?, counts: Mutex::default() });
    // Room for a connection for each of a thousand albums.
    let socket = tokio::net::TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    let socket: TcpListener = socket.listen(4096)?;
    println!("http://{}", socket.local_addr()?);
    loop {
        let (stream, _) = socket.accept().await?;
        tokio::spawn(connection(Arc::clone(&server), stream));
    }
}

async fn connection(server: Arc<Server>, mut stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let (mut received, mut pages) = (Vec::new(), 0);
    while stream.read_buf(&mut received).await? > 0 {
        let request = std::str::from_utf8(&received)?;
        if is_whole(request) {
            let reply = server.reply(request, &mut pages).await?;
            stream.write_all(&reply).await?;
            received.clear();
        }
    }
    Ok(())
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    body.len() >= length.unwrap_or(0)
}

impl Server {
    /// `pages`: how many the connection has had.
    async fn reply(&self, request: &str, pages: &mut u64) -> Result<Vec<u8>> {
        let path = request.split(' ').nth(1).context("no request line")?;
        match path {
            "/counts" => {
                let counts = self.count(mem::take);
                Ok(reply("", serde_json::to_string(&counts)?.as_bytes()))
            }
            "/koodrive/ose/v1/auth/refreshToken" => {
                self.count(|counts| counts.refreshes += 1);
                Ok(reply("", session().as_bytes()))
            }
            path => {
                let reply = self.page(path).await?;
                self.count(|counts| {
                    counts.requests += 1;
                    counts.bytes += reply.len() as u64;
                    counts.connections += u64::from(*pages == 0);
                });
                *pages += 1;
                Ok(reply)
            }
        }
    }

    async fn page(&self, path: &str) -> Result<Vec<u8>> {
        let Parameters { place, latency } =
            Parameters::parse(path).with_context(|| format!("not a list request: {path}"))?;
        // Not the runtime's timer, which can be late by up to two milliseconds.
        spawn_blocking(move || thread::sleep(latency)).await?;
        let body = self.albums.body(place);
        Ok(match place.fixture {
            Fixture::Gzip => reply("Content-Encoding: gzip\r\n", &album::gzip(&body)?),
            Fixture::Plain | Fixture::Real => reply("", body.as_bytes()),
        })
    }

    fn count<T>(&self, change: impl FnOnce(&mut Counts) -> T) -> T {
        change(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// New tokens, which expire soon.
fn session() -> String {
    let token = format!("{:032x}", fastrand::u128(..));
    let session = json!({ "accessToken": token, "expiresIn": 2, "refreshToken": token });
    json!({ "code": 0, "msg": "Success", "data": { "sessionInfo": session } }).to_string()
}

/// The parameters of a request.
struct Parameters {
    place: Place,
    latency: Duration,
}

impl Parameters {
    fn parse(path: &str) -> Option<Self> {
        let (path, query) = path.split_once('?')?;
        let mut album = path.split('/').nth(5)?.split('.');
        let files = album.next()?.parse().ok()?;
        let latency = Duration::from_millis(album.next()?.parse().ok()?);
        let fixture = Fixture::from_str(album.next()?, false).ok()?;
        let parameter = |name| query.split('&').find_map(|pair| value(pair, name));
        assert_eq!(parameter("pageSize"), Some(PAGE.to_string().as_str()));
        let page = parameter("pageCursor").map_or(Some(0), album::page_of)?;
        let is_downwards = parameter("sortDirection") == Some("2");
        Some(Self { place: Place { page, files, is_downwards, fixture }, latency })
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
