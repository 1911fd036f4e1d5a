//! Credentials, against a server that checks them as the service does.

mod apps;
mod clock;
mod login;
mod lost_sessions;
mod providers;
mod refreshes;
mod sessions;
mod stored;

use futures::TryStreamExt as _;
use koodrive::{Client, Credentials, Error, RetryPolicy, Session};
use koodrive_testing::AlbumServer;

async fn list(client: &Client, server: &AlbumServer) -> Result<usize, Error> {
    let files: Vec<_> = client.list_album_content(server.album_id()).stream().try_collect().await?;
    Ok(files.len())
}

fn session(server: &AlbumServer) -> Session {
    Session::new(server.access_token(), server.refresh_token())
}

fn client(server: &AlbumServer, credentials: impl Into<Credentials>) -> Client {
    let builder = server.client_builder().retry(RetryPolicy::none());
    builder.credentials(credentials).build().unwrap()
}
