//! What is measured, one table after another.

mod cost;
mod many;
mod memory;
mod traffic;
mod waits;

use anyhow::Result;
use clap::ValueEnum;

pub use self::waits::Waits;
use crate::{
    job::{Fixture, name},
    runs::Runs,
    section::Section,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    Cost,
    Real,
    Gzip,
    Waits,
    Memory,
    Many,
    Traffic,
}

impl Part {
    /// `waits` receives the figures of the chart.
    pub async fn measure(self, runs: &Runs<'_>, waits: &mut Waits) -> Result<Section> {
        let section = match self {
            Self::Cost => cost::measure(runs, Fixture::Plain).await?,
            Self::Real => cost::measure(runs, Fixture::Real).await?,
            Self::Gzip => cost::measure(runs, Fixture::Gzip).await?,
            Self::Waits => {
                *waits = waits::measure(runs).await?;
                waits::section(waits)
            }
            Self::Memory => memory::measure(runs).await?,
            Self::Many => many::measure(runs).await?,
            Self::Traffic => traffic::measure(runs).await?,
        };
        Ok(Section { part: name(self)?, ..section })
    }
}
