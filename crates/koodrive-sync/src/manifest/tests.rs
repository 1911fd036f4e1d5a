use std::fs;

use super::*;
use crate::error::SyncError;

const ALBUM: &str = "album-1";

fn entry(id: &str, path: &str) -> Entry {
    let [edited, etag, sha256] = ["x", "\"e\"", "ab"].map(|text| Some(text.to_owned()));
    let local = Local { size: 7, modified: 5, edited, etag, sha256 };
    Entry { local: Some(local), ..Entry::new(id, path) }
}

fn open(folder: &tempfile::TempDir) -> Manifest {
    Manifest::open(folder.path(), Some(ALBUM)).unwrap()
}

fn text(folder: &tempfile::TempDir) -> String {
    fs::read_to_string(folder.path().join("manifest.ndjson")).unwrap()
}

#[test]
fn what_was_put_is_there_when_it_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut manifest = open(&folder);
    let other = Entry { next: Some(Version::default()), ..Entry::new("2", "b/é.jpg") };
    for entry in [entry("1", "a.jpg"), entry("1", "a.jpg"), other.clone()] {
        manifest.put(&entry).unwrap();
    }
    manifest.put(&Entry { is_removed: true, ..entry("3", "c.jpg") }).unwrap();
    manifest.finish().unwrap();

    let manifest = open(&folder);
    assert_eq!(manifest.len(), 2);
    assert_eq!(manifest.entry("1").unwrap(), Some(entry("1", "a.jpg")));
    assert_eq!(manifest.entry("2").unwrap(), Some(other));
    assert_eq!(manifest.entry("3").unwrap(), None);
    for (path, is_taken) in [("A.JPG", true), ("b/E\u{301}.jpg", true), ("c.jpg", false)] {
        assert_eq!(manifest.is_taken(path), is_taken, "{path}");
    }
}

#[test]
fn a_line_has_the_facts_by_name_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    open(&folder).put(&entry("1", "a.jpg")).unwrap();
    let lines = "{\"version\":1,\"album\":\"album-1\"}\n{\"id\":\"1\",\"path\":\"a.jpg\",\"file\":\
                 {\"size\":7,\"modified\":5,\"edited\":\"x\",\"etag\":\"\\\"e\\\"\",\"sha256\":\"ab\"}}\n";
    assert_eq!(text(&folder), lines);
}

#[test]
fn a_line_torn_anywhere_costs_that_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut manifest = open(&folder);
    manifest.put(&entry("1", "a.jpg")).unwrap();
    let whole = text(&folder).len();
    manifest.put(&entry("2", "b.jpg")).unwrap();
    let lines = text(&folder);
    for len in 0..lines.len() {
        fs::write(folder.path().join("manifest.ndjson"), &lines.as_bytes()[..len]).unwrap();
        let mut manifest = open(&folder);
        assert_eq!(manifest.len(), usize::from(len >= whole), "{len}");
        manifest.put(&entry("3", "c.jpg")).unwrap();
        assert_eq!(open(&folder).len(), 1 + usize::from(len >= whole), "{len}");
    }
}

#[test]
fn a_line_that_cannot_be_read_costs_that_line() {
    let folder = tempfile::tempdir().unwrap();
    for id in ["1", "2", "3"] {
        open(&folder).put(&entry(id, id)).unwrap();
    }
    let lines = text(&folder).replace("\"id\":\"2\"", "\0\0\0\0\0\0\0\0");
    fs::write(folder.path().join("manifest.ndjson"), lines).unwrap();
    let manifest = open(&folder);
    assert_eq!((manifest.len(), manifest.entry("2").unwrap()), (2, None));
    assert_eq!(manifest.entry("3").unwrap(), Some(entry("3", "3")));
}

#[test]
fn lines_that_no_longer_count_are_dropped_once_they_are_many() {
    let folder = tempfile::tempdir().unwrap();
    let ids: Vec<_> = (0..20).map(|id| id.to_string()).collect();
    for (again, lines) in [(0, 21), (5, 26), (1, 21), (20, 21)] {
        let mut manifest = open(&folder);
        for id in ids.iter().take(if manifest.len() == 0 { 20 } else { again }) {
            manifest.put(&entry(id, id)).unwrap();
        }
        manifest.finish().unwrap();
        assert_eq!(text(&folder).lines().count(), lines, "{again}");
        assert!(ids.iter().all(|id| open(&folder).entry(id).unwrap() == Some(entry(id, id))));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_manifest_of_another_album_or_version_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    open(&folder).put(&entry("1", "a.jpg")).unwrap();
    let refusal = Manifest::open(folder.path(), Some("album-2")).err().unwrap();
    assert!(matches!(refusal, SyncError::OtherAlbum { album_id } if album_id == ALBUM));

    for header in ["{\"version\":2,\"album\":\"album-1\"}\n", "{}\n", "holiday notes\nof 2025\n"] {
        fs::write(folder.path().join("manifest.ndjson"), header).unwrap();
        let refusal = Manifest::open(folder.path(), Some(ALBUM)).err().unwrap();
        assert!(matches!(refusal, SyncError::Manifest { .. }), "{header}");
        assert_eq!(text(&folder), header);
    }
}

#[test]
fn opening_and_finishing_without_a_change_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut manifest = open(&folder);
    manifest.put(&entry("1", "a.jpg")).unwrap();
    manifest.finish().unwrap();
    let path = folder.path().join("manifest.ndjson");
    let old = std::time::SystemTime::UNIX_EPOCH;
    File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();

    open(&folder).finish().unwrap();
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), old);

    let mut copy = Manifest::open_copy(folder.path(), Some(ALBUM)).unwrap();
    copy.put(&entry("2", "b.jpg")).unwrap();
    assert_eq!(copy.len(), 2);
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), old);
}

#[test]
fn files_that_were_not_listed_are_found() {
    let folder = tempfile::tempdir().unwrap();
    for id in ["1", "2", "3"] {
        open(&folder).put(&entry(id, id)).unwrap();
    }
    let mut manifest = open(&folder);
    assert!(manifest.list("2") && !manifest.list("2"), "an id is listed once");
    assert!(manifest.list("4"));
    manifest.put(&entry("3", "3")).unwrap();
    manifest.put(&entry("4", "4")).unwrap();
    assert!(!manifest.list("4"), "what was put is listed");

    let unlisted = manifest.offsets(false).into_iter().map(|offset| manifest.entry_at(offset));
    let ids: Vec<_> = unlisted.map(|entry| entry.unwrap().id).collect();
    assert_eq!(ids, ["1"]);
}
