//! Who downloads files: `koodrive`, `koodrive-sync`, and the tools of others.

pub mod album;
mod aria2;
mod client;
mod curl;
mod hashing;
mod rclone;
mod sync;

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use tokio::process::Command;

use self::album::Album;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum, Serialize, Deserialize)]
pub enum Downloader {
    Curl,
    /// The same work as ours.
    CurlHashed,
    Rclone,
    /// The same work as ours.
    RcloneHashed,
    Aria2,
    Client,
    Sync,
}

impl Downloader {
    /// In Markdown.
    pub fn title(self) -> &'static str {
        match self {
            Self::Curl => "`curl --parallel`",
            Self::CurlHashed => "`curl --parallel`, then `openssl sha256` and `sync`",
            Self::Rclone => "`rclone copy` (http)",
            Self::RcloneHashed => "`rclone copy` (http), then `openssl sha256` and `sync`",
            Self::Aria2 => "`aria2c`",
            Self::Client => "**koodrive** `download`, `buffer_unordered`",
            Self::Sync => "**koodrive-sync**",
        }
    }

    /// The programs that have to be installed.
    pub fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Curl => &["curl"],
            Self::CurlHashed => &["curl", "openssl"],
            Self::Rclone => &["rclone"],
            Self::RcloneHashed => &["rclone", "openssl"],
            Self::Aria2 => &["aria2c"],
            Self::Client | Self::Sync => &[],
        }
    }

    /// The list of files, as the program reads it.
    pub fn list(self, album: &Album, target: &Path) -> String {
        match self {
            Self::Curl | Self::CurlHashed => curl::list(album, target),
            Self::Rclone | Self::RcloneHashed => rclone::list(album),
            Self::Aria2 => aria2::list(album),
            Self::Client | Self::Sync => String::new(),
        }
    }

    pub async fn fetch(self, album: &Album, list: &Path, target: &Path) -> Result<()> {
        match self {
            Self::Curl | Self::CurlHashed => run(curl::command(album, list)).await,
            Self::Rclone | Self::RcloneHashed => run(rclone::command(album, list, target)).await,
            Self::Aria2 => run(aria2::command(album, list, target)).await,
            Self::Client => client::fetch(album, target).await,
            Self::Sync => sync::fetch(album, target).await,
        }?;
        match self {
            Self::CurlHashed | Self::RcloneHashed => run(hashing::command(album, target)).await,
            _ => Ok(()),
        }
    }
}

async fn run(mut command: Command) -> Result<()> {
    let output = command.kill_on_drop(true).output().await.context("cannot run the program")?;
    let text = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{:?}: {text}", command.as_std().get_program());
    Ok(())
}
