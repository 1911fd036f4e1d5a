//! The server of all measurements: a minimal one of HTTP/1.1 with keep-alive.

mod albums;
pub mod counts;
mod http;
mod pages;
mod storage;

use std::{sync::Arc, thread, time::Duration};

use anyhow::Result;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    task::spawn_blocking,
};

use self::{http::Request, pages::Pages, storage::Photo};

/// Serves on a loopback port, and prints its URL.
pub async fn serve() -> Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    // Room for a connection for each of a thousand albums.
    let socket = socket.listen(4096)?;
    let url = format!("http://{}", socket.local_addr()?);
    let pages = Arc::new(Pages::new(url.clone()).await?);
    println!("{url}");
    loop {
        let (stream, _) = socket.accept().await?;
        tokio::spawn(connection(Arc::clone(&pages), stream));
    }
}

async fn connection(pages: Arc<Pages>, mut stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let (mut received, mut is_new) = (Vec::new(), true);
    while stream.read_buf(&mut received).await? > 0 {
        let Some(request) = Request::parse(&received)? else { continue };
        if let Some(photo) = Photo::parse(request.path) {
            sleep(photo.latency).await?;
            photo.send(&mut stream, request.method == "HEAD").await?;
        } else {
            let (latency, reply) = pages.reply(&request, is_new)?;
            sleep(latency).await?;
            stream.write_all(&reply).await?;
            is_new = false;
        }
        received.clear();
    }
    Ok(())
}

/// Not the runtime's timer, which can be late by up to two milliseconds.
async fn sleep(latency: Duration) -> Result<()> {
    Ok(spawn_blocking(move || thread::sleep(latency)).await?)
}
