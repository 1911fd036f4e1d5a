//! The album that a command works on, named by its id or by its name.

use crate::{
    album_lookup, demo,
    progress::ProgressDisplay,
    reader::Reader,
    report::{self, usage},
    service::{Owner, Service},
    state::Source,
};

pub(crate) struct Album {
    pub(crate) service: Service,
    pub(crate) source: Source,
    /// The album's own name. `None` if it was not looked up.
    pub(crate) name: Option<String>,
}

/// Which album.
pub(crate) enum Wanted {
    Id(String),
    /// What a user wrote: an id or a name.
    Words(String),
}

impl Wanted {
    /// The id, if no request is needed to know it.
    fn id(&self) -> Option<&str> {
        match self {
            Self::Words(words) if !album_lookup::is_certainly_id(words) => None,
            Self::Id(id) | Self::Words(id) => Some(id),
        }
    }
}

impl Album {
    /// Opens an album. If none is wanted, opens the demo's own album or the one in the settings.
    ///
    /// Only a name needs a request: a long number is an id.
    pub(crate) async fn open(owner: Owner, wanted: Option<Wanted>) -> anyhow::Result<Self> {
        let usual = || match &owner {
            Owner::Demo(_) => Some(Wanted::Id(demo::ALBUM.to_owned())),
            Owner::Account(account) => account.album().map(Wanted::Words),
        };
        let wanted = wanted.or_else(usual).ok_or_else(|| {
            usage("no album: pass an album's id or name, set KOODRIVE_ALBUM_ID, or try --demo")
        })?;
        let service = Service::open(owner, wanted.id()).await?;
        Self::find(service, wanted).await
    }

    /// Finds an album of a service.
    pub(crate) async fn find(service: Service, wanted: Wanted) -> anyhow::Result<Self> {
        if let Some(id) = wanted.id() {
            let id = id.to_owned();
            return Ok(Self::new(service, id, None));
        }
        let (Wanted::Id(name) | Wanted::Words(name)) = wanted;
        let found = look_up(&service, &name).await?;
        let album = Self::new(service, found.id().to_owned(), Some(name));
        Ok(Self { name: found.name().map(str::to_owned), ..album })
    }

    fn new(service: Service, id: String, words: Option<String>) -> Self {
        let source = Source { album: id, name: words, account: service.account.clone() };
        Self { service, source, name: None }
    }

    pub(crate) fn id(&self) -> &str {
        &self.source.album
    }
}

async fn look_up(service: &Service, name: &str) -> anyhow::Result<koodrive::Album> {
    let what = format!("cannot look up the album {}", album_lookup::quoted(name));
    let (albums, _) = list_all(service, &what).await?;
    let command =
        if service.account.is_none() { "koodrive albums --demo" } else { "koodrive albums" };
    album_lookup::find(&albums, name, command).cloned().map_err(anyhow::Error::msg)
}

/// All albums, and how many could not be read, which is reported. `what` is what a failure means.
pub(crate) async fn list_all(
    service: &Service,
    what: &str,
) -> anyhow::Result<(Vec<koodrive::Album>, u64)> {
    let display = ProgressDisplay::new(true, "albums", 0);
    let mut reader = Reader::new(service, service.client.list_albums().stream(), display, None);
    let mut albums = Vec::new();
    let failed = |error| report::failed(what, error, &service.hint);
    while let Some(album) = reader.next().await.map_err(failed)? {
        albums.push(album);
    }
    Ok((albums, reader.unreadable()))
}
