//! One file, from its link to its place. Pages are known only by asking `albums` for one again.
//!
//! `source` yields the bytes, whatever happens on the way; what a response means is decided in `decision`.
//! `writer` puts them into a `part`, which gets its final name when it is whole.

mod decision;
mod link;
mod part;
mod place;
mod record;
mod source;
pub(crate) mod stream;
mod writer;

use std::{path::PathBuf, sync::Arc, time::SystemTime};

use tracing::Instrument as _;

use self::{
    decision::{Received, Version},
    link::Link,
    place::Place,
    source::{Piece, Source},
    stream::DownloadStream,
    writer::Writer,
};
use crate::{
    albums::{content::AlbumContent, timestamp::Timestamp},
    calls::context::Client,
    error::Result,
    input, telemetry,
};

/// Builds the download of one file; from [`Client::download`].
///
/// Finish with [`to_path`](Self::to_path) for a file, or [`stream`](Self::stream) for its bytes.
///
/// Failures are retried as the [`RetryPolicy`](crate::RetryPolicy) says, where they stopped. There is no time
/// limit for a whole file: [`Timeouts::page`](crate::Timeouts::page) limits the time without progress. The
/// storage sees only the link.
#[derive(Clone)]
#[must_use = "nothing is sent before `to_path`, or the first poll of `stream`"]
pub struct Download {
    client: Client,
    link: Link,
    overwrite: bool,
    on_progress: Option<OnProgress>,
}

type OnProgress = Arc<dyn Fn(u64) + Send + Sync>;

/// A file that was downloaded by [`Download::to_path`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Downloaded {
    /// Where the file is.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256. The service has none to compare it with, but it can detect damage later.
    pub sha256: [u8; 32],
    /// How many of the bytes an earlier, interrupted download had left.
    pub resumed_from: u64,
    /// Whether the size was compared with the one that the album lists, or that the storage announced. If
    /// neither did, the regular end of the response is the only proof that the file is whole.
    pub is_size_known: bool,
    /// The storage's ETag of the version that was downloaded, byte for byte, if it sent a strong one. It identifies
    /// the version. It is no checksum.
    pub etag: Option<String>,
}

impl Download {
    pub(crate) fn new(client: Client, file: AlbumContent) -> Self {
        Self { client, link: Link::new(file), overwrite: false, on_progress: None }
    }

    /// Whether the file's [thumbnail](AlbumContent::thumbnail_url) is downloaded instead of its content. Default:
    /// no. The album does not say how long a thumbnail is.
    pub fn thumbnail(mut self, thumbnail: bool) -> Self {
        self.link.is_thumbnail = thumbnail;
        self
    }

    /// Whether [`to_path`](Self::to_path) replaces an existing file. Default: no, that is an error.
    pub fn overwrite(mut self, overwrite: bool) -> Self {
        self.overwrite = overwrite;
        self
    }

    /// Calls `show` with the number of bytes that [`to_path`](Self::to_path) has: at the start, which an earlier
    /// download may have left, and after each piece that arrives. The number falls to 0 if the download has to
    /// start over. It should be quick.
    pub fn on_progress(mut self, show: impl Fn(u64) + Send + Sync + 'static) -> Self {
        self.on_progress = Some(Arc::new(show));
        self
    }

    /// Downloads to this path: the whole file, or none.
    ///
    /// The bytes go to `.<name>.part` beside the target, and what is known about them to `.<name>.part-record`.
    /// Once the size is right and all is on the disk, the part gets its final name; another file of that name is
    /// never replaced, unless [`overwrite`](Self::overwrite) is set. So whatever stops the program, the target
    /// is the whole file or does not exist. The next download to the same path then continues the part, if the
    /// storage proves that it still has the same version.
    ///
    /// The modification time is the [`take_time`](AlbumContent::take_time), or else the
    /// [`created_time`](AlbumContent::created_time). **Do not use a [`file_name`](AlbumContent::file_name) as
    /// the path**: somebody else chose it.
    ///
    /// ```
    /// use futures::TryStreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use koodrive_testing::{AlbumFile, AlbumServer};
    /// # let files = [AlbumFile::new("F1").content("the sea")];
    /// # let server = AlbumServer::builder().album("holidays", files).start().await;
    /// # let (client, album_id) = (server.client(), "holidays");
    /// # let folder = tempfile::tempdir()?;
    /// # let photos = folder.path();
    /// let mut files = client.list_album_content(album_id).stream();
    /// let file = files.try_next().await?.expect("an album with files");
    ///
    /// // In hexadecimal, an id is a safe file name on every system.
    /// let name: String = file.id().bytes().map(|byte| format!("{byte:02x}")).collect();
    /// let downloaded = client.download(&file).to_path(photos.join(name)).await?;
    /// assert_eq!(Some(downloaded.bytes), file.size());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Io`](crate::ErrorKind::Io) if the target exists, is a folder, is written by another download, or cannot
    /// be written. [`Stale`](crate::ErrorKind::Stale) if the link has expired and cannot be renewed, or the file is
    /// no longer there.
    /// [`Decode`](crate::ErrorKind::Decode) if the storage does not send the file that the album lists. Any other
    /// [`ErrorKind`](crate::ErrorKind), of the download or of the listing that renews the link. A part is kept
    /// where that helps.
    pub async fn to_path(self, path: impl Into<PathBuf>) -> Result<Downloaded> {
        let path = path.into();
        input::inside_tokio()?;
        let span = telemetry::download(self.link.file.id());
        let saved = save(self, path).instrument(span.clone()).await;
        saved
            .inspect(|downloaded| telemetry::downloaded(&span, downloaded.bytes))
            .inspect_err(|error| telemetry::failed(&span, error))
    }

    /// The bytes as a stream. Nothing is sent before the first poll.
    ///
    /// ```
    /// use futures::TryStreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> koodrive::Result<()> {
    /// # use koodrive_testing::{AlbumFile, AlbumServer};
    /// # let files = [AlbumFile::new("F1").content("the sea")];
    /// # let server = AlbumServer::builder().album("holidays", files).start().await;
    /// # let (client, album_id) = (server.client(), "holidays");
    /// let mut files = client.list_album_content(album_id).stream();
    /// while let Some(file) = files.try_next().await? {
    ///     let mut bytes = client.download(&file).stream();
    ///     while let Some(chunk) = bytes.try_next().await? {
    ///         println!("{} more bytes", chunk.len());
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self) -> DownloadStream {
        let span = telemetry::download(self.link.file.id());
        let longest_pause = self.client.0.timeouts.page;
        let source = Source::new(self.client, self.link, Received::default());
        DownloadStream::new(source, span, longest_pause)
    }
}

async fn save(download: Download, path: PathBuf) -> Result<Downloaded> {
    let Download { client, link, overwrite, on_progress } = download;
    let place = Place::new(path.clone(), overwrite)?;
    let (mut writer, received) = Writer::open(place, link.size()).await?;
    let modified = modified(&link.file);
    let mut source = Source::new(client, link, received);
    match fill(&mut writer, &mut source, on_progress).await {
        Ok(resumed_from) => {
            let (bytes, sha256) = writer.publish(modified).await?;
            let Version { etag, size } = source.received.version;
            let is_size_known = size.is_some();
            Ok(Downloaded { path, bytes, sha256, resumed_from, is_size_known, etag })
        }
        Err(error) => {
            if source.received.len == 0 {
                writer.begin(Version::default()); // what was written proved to be nothing of the file
            }
            let _ = writer.keep().await; // the first error says more
            Err(error)
        }
    }
}

/// Returns how much of the file an earlier download had left.
async fn fill(
    writer: &mut Writer,
    source: &mut Source,
    on_progress: Option<OnProgress>,
) -> Result<u64> {
    let show = |len| on_progress.iter().for_each(|show| show(len));
    let mut resumed_from = source.received.len;
    show(resumed_from);
    while let Some(piece) = source.next().await? {
        match piece {
            Piece::Start(version) => {
                resumed_from = 0;
                writer.begin(version);
            }
            Piece::Bytes(bytes) => writer.write(bytes).await?,
        }
        show(source.received.len);
    }
    Ok(resumed_from)
}

fn modified(file: &AlbumContent) -> Option<SystemTime> {
    let time = |time: Option<Timestamp<'_>>| time.and_then(Timestamp::to_system_time);
    time(file.take_time()).or_else(|| time(file.created_time()))
}

debug_only!(Download, |it| file: it.link.file);
