//! Which albums are copied, and where each goes.

use std::{
    collections::HashMap,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use koodrive_sync::{Names, album_in};

use crate::{
    album::{self, Album, Wanted},
    args::SyncArgs,
    demo::Demo,
    service::{Owner, Service},
    text::shell_quoted,
};

/// What is copied.
pub(super) struct Albums {
    pub(super) service: Service,
    pub(super) targets: Vec<Target>,
    /// Albums that could not be read.
    pub(super) unreadable: u64,
}

/// An album, and the folder of its copy.
pub(super) struct Target {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) directory: PathBuf,
    /// The name of the folder, where there are several.
    pub(super) folder: Option<String>,
}

impl Albums {
    pub(super) async fn open(args: &SyncArgs) -> anyhow::Result<Self> {
        let owner = Owner::load(args.service.demo.map(Demo::Small))?;
        if !args.all {
            return Self::one(args, owner).await;
        }
        let service = Service::open(owner, None).await?;
        let (albums, unreadable) = album::list_all(&service, "cannot list the albums").await?;
        let albums = albums.iter().map(|album| (album.id(), album.name())).collect();
        let copies = copies(&args.directory).with_context(|| cannot_read(&args.directory))?;
        let targets = targets(&args.directory, albums, copies);
        Ok(Self { service, targets, unreadable })
    }

    async fn one(args: &SyncArgs, owner: Owner) -> anyhow::Result<Self> {
        let wanted = args.album.clone().map(Wanted::Words);
        let Album { service, source, name } = Album::open(owner, wanted).await?;
        let id = source.album;
        let target = Target { id, name, directory: args.directory.clone(), folder: None };
        Ok(Self { service, targets: vec![target], unreadable: 0 })
    }
}

/// The folders in `directory` that hold a copy, by the ids of their albums.
fn copies(directory: &Path) -> io::Result<HashMap<String, OsString>> {
    // What cannot be read fails with the album that it may belong to.
    let album = |folder: &OsString| album_in(directory.join(folder)).ok().flatten();
    let names = names_in(directory)?.into_iter().rev(); // of two copies of an album, the first counts
    Ok(names.filter_map(|folder| Some((album(&folder)?, folder))).collect())
}

/// What is in a folder, by name. Nothing if there is no such folder.
fn names_in(directory: &Path) -> io::Result<Vec<OsString>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = entries.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
    names.sort_unstable();
    Ok(names)
}

fn cannot_read(directory: &Path) -> String {
    format!("cannot read {}", directory.display())
}

/// The folder of a copy, and its name where there are several.
pub(crate) type Folder = (PathBuf, Option<String>);

/// The copy in `directory`, or those in its folders, by name. They may be ones that cannot be read: these say why where
/// they are opened.
///
/// # Errors
///
/// If there is no copy.
pub(crate) fn folders_in(directory: &Path) -> anyhow::Result<Vec<Folder>> {
    let itself = vec![(directory.to_owned(), None)];
    if album_in(directory).ok().flatten().is_some() {
        return Ok(itself);
    }
    let names = names_in(directory).with_context(|| cannot_read(directory))?.into_iter();
    let folders = names.map(|name| (directory.join(&name), Some(name.to_string_lossy().into())));
    let folders: Vec<Folder> =
        folders.filter(|(folder, _)| folder.join(".koodrive").is_dir()).collect();
    if !folders.is_empty() {
        return Ok(folders);
    }
    if directory.join(".koodrive").exists() {
        return Ok(itself);
    }
    let quoted = shell_quoted(&directory.to_string_lossy());
    bail!(
        "{} holds no copy of an album; `koodrive sync ALBUM {quoted}` makes one",
        directory.display()
    )
}

/// Gives each album the folder in `directory` that has its copy, or else a new one with its name. By id, so that it
/// does not depend on the order in which albums are listed.
fn targets(
    directory: &Path,
    mut albums: Vec<(&str, Option<&str>)>,
    mut copies: HashMap<String, OsString>,
) -> Vec<Target> {
    let mut names = Names::default();
    names.take("index.html"); // the page of `koodrive gallery`
    for folder in copies.values() {
        names.take(&folder.to_string_lossy());
    }
    albums.sort_unstable();
    let target = |(id, name): (&str, Option<&str>)| {
        let folder = copies.remove(id).unwrap_or_else(|| names.give(name, id).into());
        Target {
            id: id.to_owned(),
            name: name.map(str::to_owned),
            directory: directory.join(&folder),
            folder: Some(folder.to_string_lossy().into_owned()),
        }
    };
    albums.into_iter().map(target).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(albums: &[(&str, &str)], copies: &[(&str, &str)]) -> Vec<String> {
        let albums = albums.iter().map(|(id, name)| (*id, Some(*name))).collect();
        let copies = copies.iter().map(|(id, folder)| ((*id).to_owned(), (*folder).into()));
        let line = |target: Target| format!("{}: {}", target.id, target.folder.unwrap());
        let targets = targets(Path::new("d"), albums, copies.collect());
        targets.into_iter().map(line).collect()
    }

    #[test]
    fn a_folder_has_the_name_of_its_album_and_albums_of_one_name_are_told_apart() {
        let one = [("A1", "Sea"), ("A2", "../sea"), ("A3", "SEA")];
        let expected = ["A1: Sea", "A2: _sea", "A3: SEA.1398b376"];
        assert_eq!(given(&one, &[]), expected);
        let page = given(&[("A1", "index.html")], &[]);
        assert_eq!(page, ["A1: index.16a36e86.html"], "the page that leads to them");
        let other = [one[2], one[0], one[1]];
        assert_eq!(given(&other, &[]), expected, "in another order");
    }

    #[test]
    fn an_album_keeps_its_folder_when_it_is_renamed_or_another_one_has_its_name() {
        let copies = [("A2", "Sea"), ("A9", "Hills")];
        assert_eq!(
            given(&[("A1", "Sea"), ("A2", "Lake"), ("A3", "hills")], &copies),
            ["A1: Sea.16a36e86", "A2: Sea", "A3: hills.1398b376"]
        );
    }
}
