//! Listing an album: what is sent and when, what comes out, where it ends, and what an error costs.

mod ahead;
mod bounded;
mod cancel;
mod ends;
mod errors;
pub(crate) mod paged;
mod raw;
mod sent;
mod split;
mod state;
mod unordered;
mod whole;

use futures::{Stream, StreamExt as _, TryStreamExt as _};
use koodrive::{AlbumContent, ListAlbumContent, Result};
use koodrive_testing::AlbumServer;

use crate::support::{ALBUM, client_of, client_without_retries};

/// The server's album in pages of 10, without retries.
pub(crate) fn in_tens(server: &AlbumServer) -> ListAlbumContent {
    client_without_retries(server).list_album_content(server.album_id()).page_size(10)
}

/// An album of the server at `uri`.
pub(crate) fn album_at(uri: &str) -> ListAlbumContent {
    client_of(uri).build().unwrap().list_album_content(ALBUM)
}

pub(crate) fn ids<'a>(files: impl IntoIterator<Item = &'a AlbumContent>) -> Vec<String> {
    files.into_iter().map(|file| file.id().to_owned()).collect()
}

/// The ids of a listing that has no errors.
pub(crate) async fn listed(files: impl Stream<Item = Result<AlbumContent>>) -> Vec<String> {
    ids(&files.try_collect::<Vec<_>>().await.unwrap())
}

/// The id of each file and the kind of each error.
async fn outcomes(files: impl Stream<Item = Result<AlbumContent>>) -> Vec<String> {
    let shown = |file: Result<AlbumContent>| {
        file.map_or_else(|error| format!("{:?}", error.kind()), |file| file.id().to_owned())
    };
    files.map(shown).collect().await
}
