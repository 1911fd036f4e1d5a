//! curl, with all files in one configuration.

use std::{fmt::Write as _, path::Path};

use tokio::process::Command;

use super::album::Album;

pub fn list(album: &Album, target: &Path) -> String {
    album.names.iter().fold(String::new(), |mut list, name| {
        let _ = writeln!(list, "url = \"{}/photos/{name}\"", album.server);
        let _ = writeln!(list, "output = \"{}\"", target.join(name).display());
        list
    })
}

pub fn command(album: &Album, list: &Path) -> Command {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--fail", "--noproxy", "*", "--parallel"]);
    curl.args(["--parallel-max", &album.jobs.to_string(), "--config"]).arg(list);
    curl
}
