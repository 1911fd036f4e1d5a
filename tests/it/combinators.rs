//! The combinators that people use, on an album's stream: all files come out once, and no request is
//! sent twice or for nothing.

mod concurrent;
mod elsewhere;
mod sequence;
mod together;

use futures::stream::FusedStream;
use koodrive::{
    AlbumContent, AlbumContentPage, AlbumContentPages, AlbumContentStream, Client, Error,
    ListAlbumContent, Outcome,
};
use koodrive_testing::AlbumServer;

use crate::listing::{ids, in_tens};

/// An album of 25 files, to be listed in pages of 10.
struct Album {
    server: AlbumServer,
    /// Of all its files in order, from a single page.
    ids: Vec<String>,
}

impl Album {
    async fn start() -> Self {
        Self::new("1795607640592646273", 25).await
    }

    async fn new(id: &str, files: u64) -> Self {
        let server = AlbumServer::builder().album_id(id).files(files).start().await;
        let page = server.client().list_album_content(id).send().await.unwrap();
        assert_eq!(page.contents().len() as u64, files);
        Self { ids: ids(page.contents()), server }
    }

    fn stream(&self) -> AlbumContentStream {
        in_tens(&self.server).read_ahead(0).stream()
    }

    /// The requests since then.
    fn requests(&self) -> usize {
        self.server.received_requests().len() - 1
    }

    fn sorted_ids(&self) -> Vec<String> {
        sorted(self.ids.clone())
    }
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

fn id(file: AlbumContent) -> String {
    file.id().to_owned()
}

const fn is_a_task<T: Send + 'static>() {}
const fn is_shared<T: Clone + Send + Sync + 'static>() {}
const fn is_an_error<T: std::error::Error + Send + Sync + 'static>() {}
const fn is_a_stream<T: FusedStream + Send + Unpin + 'static>() {}

/// Checked by compiling.
const _: () = {
    is_a_stream::<AlbumContentStream>();
    is_a_stream::<AlbumContentPages>();
    is_shared::<Client>();
    is_shared::<ListAlbumContent>();
    is_shared::<AlbumContent>();
    is_an_error::<Error>();
    is_a_task::<AlbumContentPage>();
    is_a_task::<Outcome>();
};

/// Checked by compiling.
const _: fn(AlbumContentStream) = |files| are_a_stream(&files.split().0);

fn are_a_stream<T: FusedStream + Send + Unpin + 'static>(_: &T) {}
