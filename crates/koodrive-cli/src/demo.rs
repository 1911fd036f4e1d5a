//! The built-in album: served to other programs, or used by this one's own commands.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    time::SystemTime,
};

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use koodrive_testing::{AlbumFile, AlbumInfo, AlbumServer, AlbumServerBuilder};

use crate::{args::DemoArgs, exit::Exit, pipe, report, stop_signal::StopSignal, text};

/// The current time for `--demo`: the day after the last file was edited. A fixed clock gives the same URLs
/// in every run, so that the parts of a resumed listing match a single run.
const NOW: Timestamp = Timestamp::constant(1_759_276_800, 0);

/// From when spans of time are counted.
pub(crate) fn now(demo: Option<u64>) -> Timestamp {
    demo.map_or_else(Timestamp::now, |_| NOW)
}

/// The id of the first album.
pub(crate) const ALBUM: &str = "1795607640592646273";

/// A host that does not exist.
const NOWHERE: &str = "https://obs-album.example.com";

/// What `--demo` asks for, with the number of files of the first album.
#[derive(Clone, Copy)]
pub(crate) enum Demo {
    /// With a fixed clock and links to nowhere, so that each run prints the same.
    Steady(u64),
    /// With a clock that runs and links to files.
    Live(u64),
    /// The same, with small pictures, which are copied in a moment.
    Small(u64),
}

impl Demo {
    /// Starts the server. `album_id` is the id of the first album, if that matters.
    pub(crate) async fn start(self, album_id: Option<&str>) -> AlbumServer {
        let album_id = album_id.unwrap_or(ALBUM);
        let builder = |files| builder(files).album_id(album_id);
        let builder = match self {
            Self::Live(files) => builder(files),
            Self::Small(files) => small(builder(files), album_id, files),
            Self::Steady(files) => {
                builder(files).clock(|| SystemTime::from(NOW)).storage_uri(NOWHERE)
            }
        };
        builder.start().await
    }
}

/// Puts small pictures in the place of the generated albums, one taken each hour.
fn small(builder: AlbumServerBuilder, album_id: &str, files: u64) -> AlbumServerBuilder {
    let first = AlbumInfo::collection(album_id).name("Demo album");
    let albums = others().into_iter().chain([(album_id, first, files)]);
    albums.fold(builder.album_id(album_id), |builder, (id, album, files)| {
        builder.album(album, small_pictures(id, files))
    })
}

fn small_pictures(album_id: &str, files: u64) -> impl Iterator<Item = AlbumFile> + use<> {
    let prefix: String = album_id.chars().rev().take(3).collect();
    let picture = move |n: u64| {
        let age = SignedDuration::from_hours(i64::try_from(n).unwrap_or(i64::MAX));
        let taken = NOW.checked_sub(age).unwrap_or(NOW).to_string();
        AlbumFile::new(format!("F{prefix}{n:08}"))
            .file_name(format!("IMG_{n:04}.jpg"))
            .size(16_000_u64.saturating_add(n.wrapping_mul(7_919) % 48_000))
            .take_time(&taken)
            .created_time(&taken)
            .edited_time(&taken)
    };
    (0..files).map(picture)
}

/// An album of so many files, and a few of each other kind and type.
fn builder(files: u64) -> AlbumServerBuilder {
    let builder = AlbumServer::builder().files(files);
    others()
        .into_iter()
        .fold(builder, |builder, (_, album, files)| builder.generated_album(album, files))
}

/// The albums beside the first one: their ids, and how many files each has.
fn others() -> [(&'static str, AlbumInfo, u64); 5] {
    let [a, b, c, d, e] = [
        "1795607640592646301",
        "1795607640592646302",
        "1795607640592646303",
        "1795607640592646304",
        "1795607640592646305",
    ];
    [
        (a, AlbumInfo::manual(a).name("Holidays"), 120),
        (b, AlbumInfo::manual(b).name("海边的一天 🌊"), 40),
        (c, AlbumInfo::collection(c).name("Family").shared(), 300),
        (d, AlbumInfo::manual(d).name("Wedding").shared(), 80),
        (e, AlbumInfo::manual(e).name("Holidays").shared(), 60),
    ]
}

/// `koodrive demo`. It runs until a signal stops it, which is a success.
pub(crate) async fn run(args: DemoArgs) -> anyhow::Result<Exit> {
    let mut stop = StopSignal::listen()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).with_context(|| {
        format!("cannot listen on port {}; omit --port to use a free one", args.port)
    })?;
    let server = builder(args.files).listener(listener).start().await;
    pipe::print(script(&server).as_bytes(), io::stdout())?;
    report::note(&format!("serving {} on {} until Ctrl-C", text::files(args.files), server.uri()));
    stop.wait().await;
    Ok(Exit::Complete)
}

/// A shell script. The comments are other ways to use the server.
fn script(server: &AlbumServer) -> String {
    let (endpoint, user_id, access_token) = (server.uri(), server.user_id(), server.access_token());
    let (album_id, refresh_token) = (server.album_id(), server.refresh_token());
    let (app_id, app_secret) = (server.app_id(), server.app_secret());
    let [agent, account, password] =
        [server.agent_name(), server.login_account(), server.login_password()]
            .map(text::shell_quoted);
    format!(
        r#"export KOODRIVE_ENDPOINT={endpoint}
export KOODRIVE_USER_ID={user_id}
export KOODRIVE_ACCESS_TOKEN={access_token}
export KOODRIVE_ALBUM_ID={album_id}
# Refresh the token: export KOODRIVE_REFRESH_TOKEN={refresh_token}
# Sign as an app: unset KOODRIVE_ACCESS_TOKEN; export KOODRIVE_APP_ID={app_id} KOODRIVE_APP_SECRET={app_secret}
# Sign in: unset KOODRIVE_ACCESS_TOKEN; echo {password} | koodrive login --agent {agent} --account {account}
# Without a client: curl -H "Authorization: Bearer $KOODRIVE_ACCESS_TOKEN" -H "X-User-Id: $KOODRIVE_USER_ID" -H "X-Date: $(date -u +%Y%m%dT%H%M%SZ)" "$KOODRIVE_ENDPOINT/koodrive/ose/v1/album/$KOODRIVE_ALBUM_ID/list?pageSize=3"
"#
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_demos_clock_is_fixed_at_the_first_of_october() {
        assert_eq!(super::NOW.to_string(), "2025-10-01T00:00:00Z");
    }
}
