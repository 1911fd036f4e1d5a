//! The vendor's own example of a page. Only its trailing comma is corrected.

use std::time::{Duration, SystemTime};

use futures::{StreamExt, TryStreamExt};
use insta::assert_json_snapshot;
use koodrive::{AlbumContent, FileType, PresignedUrl, Timestamp};
use serde_json::Value;
use wiremock::MockServer;

use crate::support::{ALBUM, client_of, page, serving};

const EXAMPLE: &str = include_str!("fixtures/vendor_example_page.json");

/// As the vendor wrote them.
fn entries() -> Value {
    let page: Value = serde_json::from_str(EXAMPLE).unwrap();
    page["contentList"].clone()
}

async fn example_server() -> MockServer {
    serving(page(EXAMPLE)).await
}

async fn example_files() -> Vec<AlbumContent> {
    let server = example_server().await;
    let client = client_of(&server.uri()).build().unwrap();
    client.list_album_content(ALBUM).stream().try_collect().await.unwrap()
}

fn instant(milliseconds: u64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds))
}

#[tokio::test]
async fn the_vendors_example_is_read_as_two_files() {
    let files = example_files().await;

    assert_json_snapshot!(files);
}

#[tokio::test]
async fn the_files_serialise_back_to_the_vendors_own_json() {
    let files = example_files().await;

    let written = serde_json::to_value(&files).unwrap();
    let read_again: Vec<AlbumContent> = serde_json::from_value(written.clone()).unwrap();

    assert_eq!(written, entries());
    assert_eq!(read_again, files);
}

#[tokio::test]
async fn the_accessors_return_the_vendors_values() {
    let files = example_files().await;
    let [first, second] = files.as_slice() else { panic!("{} files", files.len()) };

    let user = Some("1765263620687613825");
    assert_eq!(first.id(), "FsZe6OnbZbVM0XcvEK_FDXqnow9P02vxT");
    assert_eq!(second.id(), "Fg7cEpaAoh1ZmUxfCPlFEMpvIfUwiKxZW");
    assert!(first.file_name().unwrap().starts_with("ims_kt=url&at=ori&key="));
    assert!(first.file_name().unwrap().ends_with("&tv=0_0.jpg"));
    assert_eq!(first.mime_type(), Some("image/jpeg"));
    assert_eq!(first.file_type(), Some(FileType::Image));
    assert_eq!(first.file_suffix(), Some("jpg"));
    let folders: Vec<_> = first.parent_folder().collect();
    assert_eq!(folders, ["DGH956YIDkQArootIAACulBh_eemCA5EA1765263622625382272"]);
    let containers: Vec<_> = first.containers().collect();
    assert_eq!(containers, ["IAACulBh_eemCA5EA1765263622625382272"]);
    assert_eq!((first.size(), second.size()), (Some(64_492), Some(89_088)));
    assert_eq!((first.recycled(), first.favorite()), (Some(false), Some(false)));
    assert_eq!(
        (first.owner_id(), first.creating_user(), first.adder_user_id()),
        (user, user, user)
    );
    let times = [first.created_time(), first.edited_time(), first.add_time(), first.take_time()];
    assert_eq!(
        times.map(|time| time.and_then(Timestamp::to_system_time)),
        [instant(1_757_986_280_654), instant(1_757_986_282_219), instant(1_760_325_127_862), None]
    );
}

#[tokio::test]
async fn a_pre_signed_url_is_kept_byte_for_byte_and_has_its_expiry() {
    let files = example_files().await;

    let entries = entries();
    for (number, file) in files.iter().enumerate() {
        for (name, url) in
            [("contentUrl", file.content_url()), ("thumbnailUrl", file.thumbnail_url())]
        {
            assert_eq!(url.map(PresignedUrl::as_str), entries[number][name].as_str(), "{name}");
            // 2025-10-27T09:11:51Z and an hour.
            assert_eq!(url.and_then(PresignedUrl::expires_at), instant(1_761_559_911_000));
        }
    }
}

#[tokio::test]
async fn without_a_cursor_the_list_ends_although_the_total_is_higher() {
    let server = example_server().await;
    let client = client_of(&server.uri()).build().unwrap();

    let (files, outcome) = client.list_album_content(ALBUM).stream().split();
    let listed = files.count().await;
    let summary = outcome.result().unwrap();

    assert_eq!(listed, 2);
    assert_eq!((summary.items, summary.pages, summary.total), (2, 1, Some(3)));
    assert!(!summary.complete());
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_debug_text_of_a_file_shows_only_the_hosts_of_its_urls() {
    let files = example_files().await;

    let shown = format!("{files:?}{files:#?}");

    assert!(
        shown.contains("PresignedUrl(https://obs-xxx.myhuaweicloud.com/[redacted])"),
        "{shown}"
    );
    for secret in ["X-Amz-", "ea332f33588b46fe", "HPUA8WFGVY35JSJDL1GV", "a0134878508b4ab2"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}
