//! The model: an album, a disk, a user, and the power.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use koodrive::AlbumContent;
use sha2::{Digest as _, Sha256};

use crate::{
    disk::{Failure, Fetched, Found, Scope, Store, Wanted},
    names::folded,
    planner::Page,
};

const NAMES: [&str; 6] = ["a.jpg", "A.jpg", "b.jpg", "b", "été.jpg", "CON.jpg"];

pub(super) struct Model(Mutex<World>);

pub(super) struct World {
    pub(super) rng: fastrand::Rng,
    /// By creation and id.
    album: BTreeMap<(u32, String), Photo>,
    disk: BTreeMap<String, File>,
    /// Ids that were not in the album at some moment of this run.
    absent: BTreeSet<String>,
    next_id: u32,
    next_version: u32,
    is_case_sensitive: bool,
    is_faulty: bool,
    /// How many operations there still is power for.
    power: Option<u32>,
}

#[derive(Clone)]
struct Photo {
    name: String,
    version: u32,
    size: usize,
    has_size: bool,
}

#[derive(Clone)]
struct File {
    path: String,
    content: String,
    modified: i64,
    is_the_users: bool,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let is_case_sensitive = rng.bool();
        let (album, disk, absent) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        let (next_id, next_version, is_faulty, power) = (0, 0, true, None);
        Self {
            rng,
            album,
            disk,
            absent,
            next_id,
            next_version,
            is_case_sensitive,
            is_faulty,
            power,
        }
    }

    /// What happens before a run. Returns whether it mirrors.
    pub(super) fn begin(&mut self, is_faulty: bool) -> bool {
        self.is_faulty = is_faulty;
        self.power = None;
        if is_faulty {
            for _ in 0..self.rng.usize(..6) {
                self.change_album();
            }
            for _ in 0..self.rng.usize(..2) {
                self.act_as_user();
            }
            self.power = self.rng.bool().then(|| self.rng.u32(..40));
        }
        if self.album.is_empty() {
            self.add_photo(); // from an empty listing, nothing is concluded
        }
        let listed: BTreeSet<_> = self.album.keys().map(|(_, id)| id.clone()).collect();
        self.absent =
            (0..self.next_id).map(|id| id.to_string()).filter(|id| !listed.contains(id)).collect();
        self.rng.bool()
    }

    fn change_album(&mut self) {
        let keys: Vec<_> = self.album.keys().cloned().collect();
        match self.rng.choice(keys).filter(|_| self.rng.bool()) {
            None => self.add_photo(),
            Some(key) if self.rng.bool() => {
                self.absent.insert(key.1.clone());
                self.album.remove(&key);
            }
            Some(key) => {
                self.next_version += 1;
                let photo = self.album.get_mut(&key).unwrap();
                photo.version = self.next_version;
                photo.size = self.rng.usize(20..23);
            }
        }
    }

    fn add_photo(&mut self) {
        self.next_id += 1;
        self.next_version += 1;
        let name = self.rng.choice(NAMES).unwrap().to_owned();
        let (version, size) = (self.next_version, self.rng.usize(20..23));
        let photo = Photo { name, version, size, has_size: self.rng.u8(..4) > 0 };
        let id = (self.next_id - 1).to_string();
        self.album.insert((self.rng.u32(..9), id), photo);
    }

    /// Puts a file somewhere, or changes or deletes one. Its sizes are no photo's.
    fn act_as_user(&mut self) {
        let paths = self.disk.values().map(|file| file.path.clone());
        let paths: Vec<_> = paths.filter(|path| !path.starts_with(".koodrive/")).collect();
        let known = self.rng.choice(paths).filter(|_| self.rng.bool());
        let path = known.unwrap_or_else(|| self.rng.choice(NAMES).unwrap().to_owned());
        let key = self.key(&path);
        if self.rng.u8(..4) == 0 {
            self.disk.remove(&key);
        } else {
            let content = "mine".repeat(self.rng.usize(10..12));
            let file = File { path, content, modified: 1_000_000_000, is_the_users: true };
            self.disk.insert(key, file);
        }
    }

    pub(super) fn page(&mut self, after: (u32, String)) -> Option<(Page, Option<(u32, String)>)> {
        if self.is_faulty && self.rng.u8(..4) == 0 {
            self.change_album();
        }
        let is_after = |key: &(u32, String)| after.1.is_empty() || *key > after;
        let rest: Vec<_> = self.album.iter().filter(|(key, _)| is_after(key)).collect();
        let files = rest.iter().take(3).map(|((_, id), photo)| photo.listed(id)).collect();
        // A listing that ends too early, without saying so.
        let is_short = self.is_faulty && self.rng.u8(..8) == 0;
        let next =
            rest.get(2).filter(|_| rest.len() > 3 && !is_short).map(|(key, _)| (*key).clone());
        let total = u64::try_from(self.album.len()).ok();
        Some((Page { files, unreadable: Vec::new(), total }, next))
    }

    fn key(&self, path: &str) -> String {
        if self.is_case_sensitive { path.to_owned() } else { folded(path) }
    }

    pub(super) fn is_off(&self) -> bool {
        self.power == Some(0)
    }

    /// Uses power for an operation.
    fn operate(&mut self) -> io::Result<()> {
        match &mut self.power {
            Some(0) => Err(io::ErrorKind::ReadOnlyFilesystem.into()),
            Some(power) => {
                *power -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Whether every file is whole, and the user's are untouched: they would no longer be his otherwise.
    pub(super) fn check(&self, seed: u64) {
        for file in self.disk.values() {
            let is_whole = file.content.starts_with('<') && file.content.ends_with('>');
            let is_untouched = file.content.replace("mine", "").is_empty();
            assert!(if file.is_the_users { is_untouched } else { is_whole }, "seed {seed}");
        }
    }

    pub(super) fn check_equal(&self, seed: u64) {
        let (thumbnails, copied): (Vec<_>, Vec<_>) = self
            .disk
            .values()
            .filter(|file| !file.is_the_users)
            .partition(|file| file.path.starts_with(".koodrive/thumbnails/"));
        let mut edited = 0;
        for ((_, id), photo) in &self.album {
            let content = photo.content(id);
            match copied.iter().filter(|file| file.content == content).count() {
                0 => edited += 1,
                count => {
                    assert_eq!(count, 1, "seed {seed}: photo {id} is there twice");
                    let thumbnail = photo.thumbnail(id);
                    let has_thumbnail = thumbnails.iter().any(|file| file.content == thumbnail);
                    assert!(has_thumbnail, "seed {seed}: photo {id} has no thumbnail");
                }
            }
        }
        let users = self.disk.values().filter(|file| file.is_the_users).count();
        assert!(thumbnails.len() <= self.album.len() + users, "seed {seed}: a thumbnail is left");
        assert!(edited <= users, "seed {seed}: {edited} photos are not there");
        let expected = self.album.len() - edited;
        assert_eq!(copied.len(), expected, "seed {seed}: there is more than the album has");
    }
}

impl Photo {
    fn content(&self, id: &str) -> String {
        let head = format!("<{id} {}", self.version);
        format!("{head:.<width$}>", width = self.size - 1)
    }

    fn thumbnail(&self, id: &str) -> String {
        format!("<{id} {} small>", self.version)
    }

    fn listed(&self, id: &str) -> AlbumContent {
        let size = self.has_size.then_some(self.size);
        let number: i64 = id.parse().unwrap();
        let json = serde_json::json!({
            "id": id, "fileName": self.name, "size": size, "editedTime": self.version.to_string(),
            "createdTime": (number * 10_000).to_string(), "thumbnailUrl": "https://a.example/",
        });
        serde_json::from_value(json).unwrap()
    }
}

impl Model {
    pub(super) fn new(world: World) -> Self {
        Self(Mutex::new(world))
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }
}

impl Store for Model {
    fn find(&self, path: &str) -> io::Result<Option<Found>> {
        let mut world = self.world();
        world.operate()?;
        let found = world.disk.get(&world.key(path));
        Ok(found.map(|file| {
            let size = u64::try_from(file.content.len()).unwrap();
            Found::File { size, modified: file.modified }
        }))
    }

    fn digest(&self, path: &str) -> io::Result<[u8; 32]> {
        let mut world = self.world();
        world.operate()?;
        let found = world.disk.get(&world.key(path)).ok_or(io::ErrorKind::NotFound)?;
        Ok(Sha256::digest(&found.content).into())
    }

    fn discard(&self, path: &str) -> io::Result<()> {
        let mut world = self.world();
        world.operate()?;
        let key = world.key(path);
        let file = world.disk.remove(&key).unwrap();
        assert!(!file.is_the_users, "the user's {path} was removed");
        let id = file.content.trim_start_matches('<').split(' ').next().unwrap().to_owned();
        assert!(world.absent.contains(&id), "{path} was removed, but {id} is in the album");
        world.operate() // the power may go just after it
    }

    fn describe(&self, _: &str, _: &AlbumContent) -> io::Result<()> {
        Ok(())
    }

    fn describes(&self, _: &str, _: &str) -> io::Result<bool> {
        Ok(false)
    }

    async fn fetch(
        &self,
        file: &AlbumContent,
        wanted: Wanted,
        path: &str,
        replace: bool,
        on_bytes: impl Fn(u64) + Send + Sync + 'static,
    ) -> Result<Fetched, Failure> {
        let turns = self.world().rng.usize(..4);
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        let mut world = self.world();
        world.operate()?;
        let failure = |scope| Failure { reason: String::new(), scope };
        if world.is_faulty && world.rng.u8(..6) == 0 {
            let busy = Scope::Busy(Duration::from_secs(1));
            return Err(failure(if world.rng.bool() { Scope::File } else { busy }));
        }
        let photo = world.album.iter().find(|((_, id), _)| id == file.id()).map(|(_, photo)| photo);
        let photo = photo.ok_or_else(|| failure(Scope::File))?;
        let content = match wanted {
            Wanted::Content => photo.content(file.id()),
            Wanted::Thumbnail => photo.thumbnail(file.id()),
        };
        let bytes = u64::try_from(content.len()).unwrap();
        if wanted == Wanted::Content && file.size().is_some_and(|size| size != bytes) {
            return Err(failure(Scope::File));
        }
        let (key, sha256) = (world.key(path), Sha256::digest(&content).into());
        if let Some(there) = world.disk.get(&key) {
            assert!(!there.is_the_users || !replace, "the user's {path} was replaced");
            if !replace {
                return Err(failure(Scope::File));
            }
        }
        let modified = file.id().parse::<i64>().unwrap() * 10_000;
        let file = File { path: path.to_owned(), content, modified, is_the_users: false };
        world.disk.insert(key, file);
        world.operate()?; // just after it
        if world.is_faulty && world.rng.u8(..12) == 0 {
            return Err(failure(Scope::File)); // a run that was dropped before had brought it
        }
        on_bytes(bytes);
        Ok(Fetched { bytes, sha256, resumed_from: 0, is_size_known: true, etag: None })
    }
}
