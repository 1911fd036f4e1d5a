//! Runs measurements against one server. Repetitions are interleaved, so that other work on the machine
//! affects all alike.

use std::{collections::HashMap, process::Stdio};

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum as _;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::{
    listers::Lister,
    listing::{Listing, Sample},
    server::counts::Counts,
};

pub struct Runs {
    pub repeat: usize,
    pub listers: Vec<Lister>,
    pub url: String,
    http: reqwest::Client,
    _server: Child,
}

impl Runs {
    /// Starts the server. `listers`: only these, or all.
    pub async fn start(repeat: usize, listers: &[Lister]) -> Result<Self> {
        let listers = if listers.is_empty() { Lister::value_variants() } else { listers };
        let mut server = Command::new(std::env::current_exe()?);
        let mut server = server.arg("serve").stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let mut url = String::new();
        let output = server.stdout.as_mut().context("the server has no stdout")?;
        BufReader::new(output).read_line(&mut url).await?;
        ensure!(!url.is_empty(), "the server has not started");
        let (listers, url) = (listers.to_vec(), url.trim().to_owned());
        Ok(Self { repeat, listers, url, http: reqwest::Client::new(), _server: server })
    }

    pub fn distinct(&self) -> Vec<Lister> {
        let distinct = |lister: &Lister| Lister::DISTINCT.contains(lister);
        self.listers.iter().copied().filter(distinct).collect()
    }

    pub fn listing(&self, lister: Lister, files: u64) -> Listing {
        Listing::new(&self.url, lister, files)
    }

    pub async fn samples(
        &self,
        listers: &[Lister],
        listing: impl Fn(Lister) -> Listing,
    ) -> Result<HashMap<Lister, Vec<Sample>>> {
        let mut samples: HashMap<_, Vec<_>> = HashMap::new();
        for _ in 0..self.repeat {
            for lister in listers {
                samples.entry(*lister).or_default().push(listing(*lister).sample().await?);
            }
        }
        Ok(samples)
    }

    /// Also what the server counted.
    pub async fn counted(&self, listing: &Listing) -> Result<(Sample, Counts)> {
        self.counts().await?;
        Ok((listing.sample().await?, self.counts().await?))
    }

    async fn counts(&self) -> Result<Counts> {
        Ok(self.http.get(format!("{}/counts", self.url)).send().await?.json().await?)
    }
}
