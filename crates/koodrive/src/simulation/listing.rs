//! A listing in one of its forms.

use fastrand::Rng;
use futures::StreamExt as _;

use super::album::{Album, Wanted};
use crate::{
    AlbumContent, AlbumContentPages, AlbumContentStream, Checkpoint, Client, Error,
    ListAlbumContent, Outcome, Progress, Result, Summary, UntilError,
};

pub(super) enum Listing {
    Files(AlbumContentStream),
    /// Unreadable files go to `on_unreadable`.
    ReadableFiles(AlbumContentStream),
    Pages(AlbumContentPages),
    Split(UntilError<AlbumContent>, Option<Outcome>),
    /// Dropped.
    Closed,
}

/// What one poll returned.
pub(super) enum Polled {
    Entries(Vec<Result<AlbumContent>>),
    Failed(Error),
    End(Option<Summary>),
}

impl Listing {
    /// A listing of `album` in a random form.
    pub(super) fn new(
        rng: &mut Rng,
        client: &Client,
        album: &Album,
        from: Option<Checkpoint>,
        on_unreadable: impl Fn(&Error) + Send + Sync + 'static,
    ) -> Self {
        let listing = Self::builder(client, album, from);
        let listing = listing.read_ahead([0, 1, usize::MAX][rng.usize(..3)]);
        match rng.u8(..5) {
            0 => Self::Pages(listing.pages()),
            1 => {
                let (files, outcome) = listing.stream().split();
                Self::Split(files, Some(outcome))
            }
            2 => Self::ReadableFiles(listing.on_unreadable(on_unreadable).stream()),
            _ => Self::Files(listing.stream()),
        }
    }

    fn builder(client: &Client, album: &Album, from: Option<Checkpoint>) -> ListAlbumContent {
        let mut listing = client.list_album_content(&*album.id);
        if let Some(since) = album.wanted.since() {
            listing = listing.edited_since(since);
        }
        if let Some(checkpoint) = from {
            return listing.resume(checkpoint);
        }
        listing = listing.page_size(album.page_size);
        match album.wanted {
            Wanted::Unordered => listing.unordered(),
            Wanted::Sorted(sort_type, direction) => {
                if let Some(sort_type) = sort_type {
                    listing = listing.sort_type(sort_type);
                }
                match direction {
                    Some(direction) => listing.sort_direction(direction),
                    None => listing,
                }
            }
            Wanted::EditedSince(_) => listing,
        }
    }

    pub(super) async fn next(&mut self) -> Polled {
        let next = match self {
            Self::Files(files) | Self::ReadableFiles(files) => {
                files.next().await.map(|file| file.map_or_else(skipped, |file| Ok(vec![Ok(file)])))
            }
            Self::Pages(pages) => pages.next().await.map(|page| page.map(Vec::from_iter)),
            Self::Split(files, outcome) => match files.next().await {
                Some(file) => Some(Ok(vec![Ok(file)])),
                None => match outcome.take().map(Outcome::result).transpose() {
                    Ok(summary) => return Polled::End(summary),
                    Err(error) => Some(Err(error)),
                },
            },
            Self::Closed => None,
        };
        match next {
            Some(Ok(entries)) => Polled::Entries(entries),
            Some(Err(error)) => Polled::Failed(error),
            None => Polled::End(None),
        }
    }

    /// Whether it hands out nothing in the place of an unreadable file.
    pub(super) fn skips_unreadable(&self) -> bool {
        matches!(self, Self::Split(..) | Self::ReadableFiles(_))
    }

    /// Whether it ends at every error.
    pub(super) fn ends_at_errors(&self) -> bool {
        matches!(self, Self::Split(..))
    }

    /// Where it stands, if it says so.
    pub(super) fn position(&self) -> Option<(Progress, Checkpoint)> {
        match self {
            Self::Files(files) | Self::ReadableFiles(files) => {
                Some((files.progress(), files.checkpoint()))
            }
            Self::Pages(pages) => Some((pages.progress(), pages.checkpoint())),
            Self::Split(..) | Self::Closed => None,
        }
    }
}

/// The error of a single file is an entry like any other.
fn skipped(error: Error) -> Result<Vec<Result<AlbumContent>>> {
    if error.is_skippable() { Ok(vec![Err(error)]) } else { Err(error) }
}
