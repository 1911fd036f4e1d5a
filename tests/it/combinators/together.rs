//! Combinators on several albums.

use futures::{StreamExt as _, TryStreamExt as _, pin_mut, stream};
use koodrive::Error;

use super::{Album, id, sorted};
use crate::listing::listed;

#[tokio::test]
async fn two_albums_are_zipped_file_by_file() {
    let (one, other) = (Album::new("17", 25).await, Album::new("18", 12).await);

    let pairs: Vec<_> = one
        .stream()
        .zip(other.stream())
        .map(|(one, other)| (id(one.unwrap()), id(other.unwrap())))
        .collect()
        .await;

    let expected: Vec<_> = one.ids.iter().cloned().zip(other.ids.iter().cloned()).collect();
    assert_eq!((pairs.len(), pairs), (12, expected));
    assert_eq!((one.requests(), other.requests()), (2, 2));
}

#[tokio::test]
async fn a_chained_album_is_requested_only_after_the_first() {
    let (one, other) = (Album::new("17", 25).await, Album::new("18", 12).await);
    let chained = one.stream().chain(other.stream());
    pin_mut!(chained);

    let first = listed(chained.by_ref().take(25)).await;
    let asked_early = other.requests();
    let second = listed(chained).await;

    assert_eq!((first, second), (one.ids.clone(), other.ids.clone()));
    assert_eq!((asked_early, one.requests(), other.requests()), (0, 3, 2));
}

#[tokio::test]
async fn several_albums_are_listed_one_after_another_and_at_once() {
    let albums =
        [Album::new("17", 25).await, Album::new("18", 0).await, Album::new("19", 12).await];
    let streams = || stream::iter(albums.iter().map(Album::stream));

    let in_order = listed(streams().map(Ok::<_, Error>).try_flatten()).await;
    let at_once = listed(streams().flat_map_unordered(None, |files| files)).await;

    let expected = albums.iter().flat_map(|album| album.ids.clone()).collect::<Vec<_>>();
    assert_eq!(in_order, expected);
    assert_eq!(sorted(at_once), sorted(expected));
    assert_eq!(albums.each_ref().map(Album::requests), [6, 2, 4]);
}
