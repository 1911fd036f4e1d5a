//! Runs against a model of album, disk and user, from seeds: albums change between and during runs, transfers
//! fail, the power goes at any operation, and what was not synced is gone.
//!
//! At every moment, what is in the folder is either a whole version of a file of the album or what the user put
//! there, untouched. A last run without faults makes the folder equal to the album.

#![allow(clippy::arithmetic_side_effects, reason = "a test that overflows should fail")]

mod world;

use std::{
    collections::VecDeque,
    fs, io,
    path::Path,
    sync::{Arc, atomic::Ordering},
};

use futures::{Stream, stream};
use tokio::runtime::Builder;

use self::world::{Model, World};
use crate::{
    manifest::Manifest,
    names::Template,
    plan::Listing,
    planner::{Page, Planner, Settings},
    report::{Event, MaxDelete},
    transfer::{Pace, Run},
};

/// The pages of the album as it is when they are asked for.
fn pages(model: &Arc<Model>) -> impl Stream<Item = koodrive::Result<Page>> + use<> {
    let model = Arc::clone(model);
    stream::unfold(Some((0, String::new())), move |position| {
        let page = position.and_then(|position| model.world().page(position));
        async move { page.map(|(page, next)| (Ok(page), next)) }
    })
}

/// One run, until its end or a crash. Returns whether it came to its end.
async fn run(model: &Arc<Model>, folder: &Path, mirrors: bool) -> bool {
    let manifest = Manifest::open(folder, Some("album")).unwrap();
    let synced = Arc::clone(&manifest.synced);
    synced.store(manifest_len(folder), Ordering::SeqCst); // it was read from the disk
    let planner = Planner {
        store: Arc::clone(model),
        manifest,
        template: Template::parse("{name}").unwrap(),
        settings: Settings { has_thumbnails: true, ..Settings::default() },
        jobs: VecDeque::new(),
        events: Vec::new(),
        listing: Listing::default(),
        _lock: None,
    };
    let tell = |event: Event| drop(event);
    let mut run = Run::new(planner, 3, Pace::new(None), tell);
    let end = match run.drive(pages(model)).await {
        Ok(()) if model.world().is_off() => Err(io::ErrorKind::ReadOnlyFilesystem.into()),
        Ok(()) => {
            let limit = mirrors.then_some(MaxDelete::Percent(100));
            run.finish(pages(model), limit).await.map(drop)
        }
        Err(error) => Err(error),
    };
    if end.is_err() {
        let len = manifest_len(folder);
        let cut = model.world().rng.u64(synced.load(Ordering::SeqCst).min(len)..=len);
        let file = fs::File::options().write(true).open(folder.join("manifest.ndjson")).unwrap();
        file.set_len(cut).unwrap();
        return false;
    }
    true
}

fn manifest_len(folder: &Path) -> u64 {
    fs::metadata(folder.join("manifest.ndjson")).unwrap().len()
}

/// Returns how often the power went.
fn simulate(seed: u64) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let model = Arc::new(Model::new(World::new(seed)));
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut crashes = 0;
        for _ in 0..5 {
            let mirrors = model.world().begin(true);
            crashes += usize::from(!run(&model, folder.path(), mirrors).await);
            model.world().check(seed);
        }
        for _ in 0..2 {
            model.world().begin(false);
            assert!(run(&model, folder.path(), true).await, "seed {seed}");
        }
        model.world().check(seed);
        model.world().check_equal(seed);
        crashes
    })
}

#[test]
fn whatever_happens_the_copy_is_right_in_the_end() {
    let crashes: usize = (0..500).map(simulate).sum();
    assert!(crashes > 300, "{crashes}");
}

#[test]
#[ignore = "takes minutes"]
fn whatever_happens_in_ten_thousand_runs_the_copy_is_right_in_the_end() {
    for seed in 500..10_500 {
        simulate(seed);
    }
}
