//! The built-in album: served to other programs, or used by this one's own commands.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    time::SystemTime,
};

use anyhow::Context as _;
use jiff::Timestamp;
use koodrive_testing::AlbumServer;

use crate::{args::DemoArgs, exit::Exit, pipe, report, stop_signal::StopSignal, text};

/// The current time for `--demo`: the day after the last file was edited. A fixed clock gives the same URLs
/// in every run, so that the parts of a resumed listing match a single run.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_759_276_800, 0);

/// The server behind `--demo`.
pub(crate) async fn server(files: u64, album_id: Option<&str>) -> AlbumServer {
    let builder = AlbumServer::builder().files(files).clock(|| SystemTime::from(NOW));
    match album_id {
        Some(id) => builder.album_id(id).start().await,
        None => builder.start().await,
    }
}

/// `koodrive demo`. It runs until a signal stops it, which is a success.
pub(crate) async fn run(args: DemoArgs) -> anyhow::Result<Exit> {
    let mut stop = StopSignal::listen()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).with_context(|| {
        format!("cannot listen on port {}; omit --port to use a free one", args.port)
    })?;
    let server = AlbumServer::builder().files(args.files).listener(listener).start().await;
    pipe::print(variables(&server).as_bytes(), io::stdout())?;
    report::note(&format!("serving {} on {} until Ctrl-C", text::files(args.files), server.uri()));
    stop.wait().await;
    Ok(Exit::Complete)
}

fn variables(server: &AlbumServer) -> String {
    [
        ("ENDPOINT", server.uri().as_str()),
        ("USER_ID", server.user_id()),
        ("ACCESS_TOKEN", server.access_token()),
        ("ALBUM_ID", server.album_id()),
    ]
    .map(|(name, value)| format!("export KOODRIVE_{name}={value}\n"))
    .concat()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_demos_clock_is_fixed_at_the_first_of_october() {
        assert_eq!(super::NOW.to_string(), "2025-10-01T00:00:00Z");
    }
}
