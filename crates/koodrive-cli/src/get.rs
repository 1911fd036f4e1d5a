//! `koodrive get`: fetches files of an album while the album is listed.

mod folder;
mod search;
mod selection;
mod stdout;

use std::path::Path;

use self::{folder::Folder, search::Search};
use crate::{
    album::{Album, Wanted},
    args::GetArgs,
    demo::{self, Demo},
    exit::Exit,
    service::Owner,
    stop_signal::StopSignal,
};

pub(crate) async fn run(args: GetArgs) -> anyhow::Result<Exit> {
    let mut stop = StopSignal::listen()?;
    let is_to_stdout = args.output == Path::new("-");
    if is_to_stdout {
        stdout::check()?;
    }
    let filter = args.filter.clone().at(demo::now(args.service.demo))?;
    let owner = Owner::load(args.service.demo.map(Demo::Live))?;
    let wanted = Wanted::Words(args.album.clone());
    let album = stop.unless(Album::open(owner, Some(wanted))).await??;
    let search = Search::new(&album, &args, filter);
    let exit = if is_to_stdout {
        stdout::write(search, &mut stop).await
    } else {
        Folder::new(search, &args).fill(&mut stop).await
    };
    album.service.client.settle().await;
    exit
}
