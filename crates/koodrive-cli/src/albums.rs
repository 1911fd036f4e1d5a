//! `koodrive albums`: the albums of a user.

use std::io;

use koodrive::{Album, ItemStream};

use crate::{
    args::AlbumsArgs,
    choices::Format,
    demo::Demo,
    exit::Exit,
    formats::{self, Surface},
    layout::Layout,
    pipe,
    progress::ProgressDisplay,
    reader::Reader,
    service::{Owner, Service},
    stop_signal::StopSignal,
};

pub(crate) async fn run(args: AlbumsArgs) -> anyhow::Result<Exit> {
    let mut stop = StopSignal::listen()?;
    let service = Service::open(Owner::load(args.service.demo.map(Demo::Steady))?, None).await?;
    let surface = Surface::stdout();
    let usual = if surface.is_terminal { Format::Table } else { Format::Ndjson };
    let layout = formats::layout(args.format.unwrap_or(usual), args.columns.clone(), surface);
    let display = ProgressDisplay::new(args.service.quiet, "albums", 0);
    let reader = Reader::new(&service, stream(&service, &args), display, None);
    let printed = stop.unless(print(reader, &*layout)).await;
    service.client.settle().await;
    printed?
}

fn stream(service: &Service, args: &AlbumsArgs) -> ItemStream<Album> {
    let mut list = service.client.list_albums();
    if let Some(kind) = args.kind {
        list = list.kind(kind.into());
    }
    if let Some(album_type) = args.album_type {
        list = list.album_type(album_type.into());
    }
    if let Some(group) = &args.group {
        list = list.group_id(group);
    }
    list.stream()
}

/// Prints the albums as they arrive. There are few, so each is written on its own.
async fn print(mut reader: Reader<'_, Album>, layout: &dyn Layout<Album>) -> anyhow::Result<Exit> {
    let (mut text, mut is_first) = (Vec::new(), true);
    layout.begin(&mut text)?;
    while let Some(album) = reader.next().await.map_err(|error| reader.fail(error))? {
        layout.item(&album, is_first, &mut text)?;
        reader.display.suspend(|| pipe::print(&text, io::stdout()))?;
        text.clear();
        is_first = false;
    }
    layout.end(&mut text)?;
    reader.display.suspend(|| pipe::print(&text, io::stdout()))?;
    Ok(Exit::unless(reader.unreadable() > 0))
}
