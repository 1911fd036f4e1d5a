//! The usual combinators on an album's stream: every file comes out once, and no request is sent
//! twice or needlessly.

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

/// An album on a server of its own, listed in pages of 10.
struct Album {
    server: AlbumServer,
    /// The ids of all files in order, from a single page.
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

    /// The number of requests since `ids` was read.
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
