//! What has to follow a downloader of others, for files that are hashed and durable.

use std::path::Path;

use tokio::process::Command;

use super::album::Album;

/// Hashes the files and syncs them, as many at a time as are downloaded.
pub fn command(album: &Album, target: &Path) -> Command {
    let mut shell = Command::new("sh");
    let script = "ls | xargs -n 8 -P \"$0\" sh -c 'openssl sha256 \"$@\" && sync \"$@\"' sh";
    shell.args(["-c", script, &album.jobs.to_string()]).current_dir(target);
    shell
}
