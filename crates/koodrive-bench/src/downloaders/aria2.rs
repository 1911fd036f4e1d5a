//! aria2, with one connection a file.

use std::path::Path;

use tokio::process::Command;

use super::album::Album;

pub fn list(album: &Album) -> String {
    let line = |name: &String| format!("{}/photos/{name}\n", album.server);
    album.names.iter().map(line).collect()
}

pub fn command(album: &Album, list: &Path, target: &Path) -> Command {
    let mut aria2 = Command::new("aria2c");
    aria2.args(["--no-conf", "--quiet", "--all-proxy=", "--max-connection-per-server=1"]);
    aria2.args(["--file-allocation=none", &format!("--max-concurrent-downloads={}", album.jobs)]);
    aria2.arg("--input-file").arg(list).arg("--dir").arg(target);
    aria2
}
