//! `koodrive gallery`: a page to look through a copy, beside its files. Offline.

mod escaping;
mod months;
mod page;
mod place;

use std::{fs, io, path::Path};

use anyhow::Context as _;
use koodrive_sync::AlbumCopy;

use self::{
    months::sections,
    page::{Page, Section, Tile},
};
use crate::{
    args::GalleryArgs,
    exit::{Ended, Exit},
    pipe, report,
    sync::albums::{self, Folder},
    text::{self, files, folded, sanitized},
};

pub(crate) fn run(args: GalleryArgs) -> anyhow::Result<Exit> {
    let GalleryArgs { directory, output } = args;
    let folders = albums::folders_in(&directory)?;
    let (shown, exit) = match folders.as_slice() {
        [(copy, None)] => (files(write_album(copy, &output)?.files).to_string(), Exit::Complete),
        several => write_all(&directory, several, &output)?,
    };
    let path = directory.join(&output).display().to_string();
    pipe::print(format!("{}\n", sanitized(&path)).as_bytes(), io::stdout())?;
    report::note(&format!("wrote a page of {shown}"));
    Ok(exit)
}

/// What a page of albums shows of one.
struct Album {
    files: u64,
    cover: Option<String>,
}

fn write_album(directory: &Path, output: &str) -> anyhow::Result<Album> {
    let copied: Vec<_> = AlbumCopy::open(directory)?.files().collect::<Result<_, _>>()?;
    if copied.iter().any(|file| folded(&file.path) == folded(output)) {
        anyhow::bail!(
            "the album has a file named {output}; name the page otherwise, with --output gallery.html"
        );
    }
    let count = u64::try_from(copied.len()).unwrap_or(u64::MAX);
    let sections = sections(copied);
    let cover =
        sections.iter().flat_map(|section| &section.tiles).find_map(|tile| tile.thumbnail.clone());
    let album = Album { files: count, cover };
    let (title, summary) = (title(directory), files(count).to_string());
    place::write(&directory.join(output), &Page { title, summary, sections }.to_string())?;
    Ok(album)
}

/// A page for each album, and one that leads to them. An album that fails costs that album.
fn write_all(directory: &Path, folders: &[Folder], output: &str) -> anyhow::Result<(String, Exit)> {
    let (mut tiles, mut exit) = (Vec::new(), Exit::Complete);
    let mut count: u64 = 0;
    for (folder, name) in folders {
        let name = name.as_deref().unwrap_or_default();
        let written = write_album(folder, output)
            .with_context(|| format!("cannot make the page of {}", sanitized(name)));
        let album = match written {
            Ok(album) => album,
            Err(error) => {
                exit = report::error(&error);
                continue;
            }
        };
        count = count.saturating_add(album.files);
        tiles.push(Tile {
            name: name.to_owned(),
            detail: files(album.files).to_string(),
            target: format!("{name}/{output}"),
            thumbnail: album.cover.map(|cover| format!("{name}/{cover}")),
            ..Tile::default()
        });
    }
    if tiles.is_empty() {
        return Err(Ended(exit).into());
    }
    let summary = format!("{}, {}", text::albums(tiles.len()), files(count));
    let sections = vec![Section { heading: "Albums".to_owned(), month: None, tiles }];
    let page = Page { title: title(directory), summary: summary.clone(), sections };
    place::write(&directory.join(output), &page.to_string())?;
    Ok((summary, exit))
}

/// The name of the folder: the copy does not know what the album is called.
fn title(directory: &Path) -> String {
    let whole = fs::canonicalize(directory).unwrap_or_else(|_| directory.to_owned());
    let name = whole.file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "Photos".to_owned())
}
