//! rclone, which asks for the size and time of each file first.

use std::path::Path;

use tokio::process::Command;

use super::album::Album;

pub fn list(album: &Album) -> String {
    album.names.iter().map(|name| format!("{name}\n")).collect()
}

pub fn command(album: &Album, list: &Path, target: &Path) -> Command {
    let mut rclone = Command::new("rclone");
    rclone.args(["copy", "--config", "", "--no-traverse", "--no-check-dest", "--http-url"]);
    rclone.arg(format!("{}/photos/", album.server));
    rclone.args(["--transfers", &album.jobs.to_string(), "--checkers", &album.jobs.to_string()]);
    rclone.arg("--files-from-raw").arg(list).arg(":http:").arg(target);
    rclone
}
