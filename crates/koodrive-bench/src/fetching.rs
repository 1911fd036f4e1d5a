//! One measurement of downloads, in a process of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::{
    downloaders::{Downloader, album::Album},
    meter::{cpu_time, peak_memory},
    process,
};

#[derive(Clone, Serialize, Deserialize)]
pub struct Fetching {
    pub server: String,
    pub downloader: Downloader,
    /// The number of files, and the bytes of each.
    pub files: u64,
    pub size: u64,
    /// Of each file, in milliseconds.
    pub latency: u64,
    /// How many are downloaded at the same time.
    pub jobs: usize,
    /// Into a file system in memory, where the system has one.
    pub in_memory: bool,
}

/// What it cost.
#[derive(Serialize, Deserialize)]
pub struct Fetched {
    pub seconds: f64,
    /// Seconds of CPU time, in user mode and in the kernel.
    pub cpu: f64,
    /// Peak memory of the whole process, in KiB.
    pub peak: Option<u64>,
}

impl Fetching {
    /// Runs in a process of its own.
    pub async fn sample(&self) -> Result<Fetched> {
        process::measure("fetch", self).await
    }

    pub async fn run(&self) -> Result<Fetched> {
        // As the command does: glibc then keeps the freed buffers of a download.
        drop(std::hint::black_box(Vec::<u8>::with_capacity(16 << 20)));
        let folder = tempfile::tempdir_in(self.place())?;
        let (target, list) = (folder.path().join("target"), folder.path().join("list"));
        fs::create_dir(&target)?;
        let album = self.album();
        fs::write(&list, self.downloader.list(&album, &target))?;
        let start = Instant::now();
        self.downloader.fetch(&album, &list, &target).await?;
        let seconds = start.elapsed().as_secs_f64();
        self.check(&target)?;
        Ok(Fetched { seconds, cpu: cpu_time()?.as_secs_f64(), peak: peak_memory() })
    }

    fn place(&self) -> PathBuf {
        let memory = Path::new("/dev/shm");
        if self.in_memory && memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
    }

    fn album(&self) -> Album {
        let Self { server, files, size, latency, jobs, .. } = self;
        Album {
            server: server.clone(),
            id: format!("photos.{files}.{size}.{latency}"),
            names: (0..*files).map(|number| format!("{number}.{size}.{latency}.jpg")).collect(),
            jobs: *jobs,
        }
    }

    fn check(&self, target: &Path) -> Result<()> {
        let (mut files, mut bytes) = (0, 0);
        for entry in fs::read_dir(target).context("nothing was downloaded")? {
            let file = entry?.metadata()?;
            if file.is_file() {
                (files, bytes) = (files + 1, bytes + file.len());
            }
        }
        ensure!(files == self.files, "there are {files} files");
        ensure!(bytes == self.files * self.size, "there are {bytes} bytes");
        Ok(())
    }
}
