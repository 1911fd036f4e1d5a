//! Prints the `tracing` spans and events of a listing, on an embedded `AlbumServer` whose second
//! response is an error:
//!
//! ```console
//! $ cargo run --example tracing
//! ```
//!
//! Each span is printed when it closes, with its duration. The retry is printed before it is sent.

use std::{error::Error, time::Duration};

use futures::TryStreamExt;
use koodrive_testing::{AlbumServer, Fault};
use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, Targets},
    fmt::{self, format::FmtSpan},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The spans of koodrive are at DEBUG, its retries at INFO.
    let wanted =
        Targets::new().with_default(LevelFilter::INFO).with_target("koodrive", LevelFilter::DEBUG);
    let printed = fmt::layer().with_span_events(FmtSpan::CLOSE).with_timer(fmt::time::uptime());
    tracing_subscriber::registry().with(printed.with_filter(wanted)).init();

    let overload = Fault::status(503).delay(Duration::from_millis(20));
    let server = AlbumServer::builder().files(250).fault(1, overload).start().await;
    let files = server.client().list_album_content(server.album_id()).stream();
    let files: Vec<_> = files.try_collect().await?;

    tracing::info!(files = files.len(), "the album was listed");
    Ok(())
}
