//! What is measured, one table after another.

mod cost;
mod downloads;
mod many;
mod memory;
mod traffic;
pub mod waits;

use anyhow::Result;
use clap::ValueEnum;

use self::waits::Waits;
use crate::{
    fixture::{Fixture, name},
    print::table::Table,
    runs::Runs,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Measurement {
    Cost,
    Real,
    Gzip,
    Waits,
    Memory,
    Many,
    Traffic,
    Downloads,
}

impl Measurement {
    /// `waits` receives the figures of the chart.
    pub async fn measure(self, runs: &Runs, waits: &mut Waits) -> Result<Table> {
        let table = match self {
            Self::Cost => cost::measure(runs, Fixture::Plain).await?,
            Self::Real => cost::measure(runs, Fixture::Real).await?,
            Self::Gzip => cost::measure(runs, Fixture::Gzip).await?,
            Self::Waits => {
                *waits = waits::measure(runs).await?;
                waits::table(waits)
            }
            Self::Memory => memory::measure(runs).await?,
            Self::Many => many::measure(runs).await?,
            Self::Traffic => traffic::measure(runs).await?,
            Self::Downloads => downloads::measure(runs).await?,
        };
        Ok(Table { name: name(self), ..table })
    }
}
