//! A server, a folder, and what a run did with them.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::Path,
    time::{Duration, SystemTime},
};

use koodrive_sync::{AlbumSync, Event, Report, SyncError};
use koodrive_testing::{AlbumFile, AlbumServer, AlbumServerBuilder};
use tempfile::TempDir;

pub(crate) const ALBUM: &str = "holidays";

/// A picture created at this second.
pub(crate) fn file(id: &str, name: &str, second: u32, content: impl Into<Vec<u8>>) -> AlbumFile {
    let time = format!("2025-06-01T08:{:02}:{:02}.000Z", second / 60, second % 60);
    AlbumFile::new(id)
        .file_name(name)
        .media_type("text/plain")
        .created_time(&*time)
        .take_time(&*time)
        .content(content)
}

pub(crate) struct Copy {
    pub(crate) server: AlbumServer,
    pub(crate) folder: TempDir,
}

pub(crate) struct Outcome {
    pub(crate) result: Result<Report, SyncError>,
    pub(crate) events: Vec<Event>,
}

impl Copy {
    pub(crate) async fn of(files: impl IntoIterator<Item = AlbumFile>) -> Self {
        Self::from(AlbumServer::builder().album(ALBUM, files)).await
    }

    pub(crate) async fn from(server: AlbumServerBuilder) -> Self {
        Self { server: server.start().await, folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn sync(&self) -> AlbumSync {
        AlbumSync::new(self.server.client(), ALBUM, self.folder.path())
    }

    pub(crate) async fn run(&self) -> Outcome {
        run(self.sync()).await
    }

    /// What is in the folder, without what begins with a dot.
    pub(crate) fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        read(self.folder.path(), "", &mut files);
        files
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.path().join(path)).unwrap()
    }

    /// Writes a file as somebody else would.
    pub(crate) fn write(&self, path: &str, content: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn manifest(&self) -> String {
        self.read(".koodrive/manifest.ndjson")
    }

    /// Ages all files of the copy and its manifest, so that whatever is written later shows.
    pub(crate) fn age_manifest(&self) -> SystemTime {
        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        let path = self.folder.path().join(".koodrive/manifest.ndjson");
        File::options().write(true).open(path).unwrap().set_modified(old).unwrap();
        old
    }
}

pub(crate) async fn run(sync: AlbumSync) -> Outcome {
    let mut events = Vec::new();
    let result = sync.run(|event| events.push(event)).await;
    Outcome { result, events }
}

impl Outcome {
    pub(crate) fn report(&self) -> &Report {
        self.result.as_ref().unwrap()
    }

    /// What happened to which file, in the order of their paths.
    pub(crate) fn told(&self) -> Vec<String> {
        let mut told: Vec<String> = self.events.iter().filter_map(line).collect();
        told.sort();
        told
    }
}

fn line(event: &Event) -> Option<String> {
    let event = serde_json::to_value(event).unwrap();
    let kind = event["event"].as_str()?;
    let path = event["path"].as_str()?;
    (kind != "started").then(|| format!("{path} {kind}"))
}

fn read(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{prefix}{name}");
        if name.starts_with('.') {
            continue;
        } else if entry.file_type().unwrap().is_dir() {
            read(&entry.path(), &format!("{path}/"), files);
        } else {
            let content = fs::read(entry.path()).unwrap();
            files.insert(path, String::from_utf8_lossy(&content).into_owned());
        }
    }
}
