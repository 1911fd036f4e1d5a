//! The modes that are compared.

use anyhow::Result;
use clap::ValueEnum;

use crate::{
    alternatives::{aws, azure, google},
    bare,
    consumer::Consumer,
    hand_written::{self, Album},
    ours::{self, listing, upwards},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    HandWritten,
    Bare,
    Aws,
    Azure,
    Google,
    Lazy,
    Default,
    Eager,
    Unordered,
}

impl Mode {
    pub fn name(self) -> &'static str {
        match self {
            Self::HandWritten => "hand-written loop (reqwest, serde_json)",
            Self::Bare => "`koodrive-api`, naive stream",
            Self::Aws => "AWS paginator (aws-smithy-async)",
            Self::Azure => "Azure paginator (azure_core)",
            Self::Google => "Google paginator (google-cloud-gax)",
            Self::Lazy => "**koodrive** `read_ahead(0)`",
            Self::Default => "**koodrive**",
            Self::Eager => "**koodrive** `read_ahead(100)`",
            Self::Unordered => "**koodrive** `unordered()`",
        }
    }

    pub async fn list(self, server: &str, album: &str, consumer: &mut Consumer) -> Result<()> {
        let ours = || listing(server, album);
        match self {
            Self::HandWritten => hand_written::list(&Album::new(server, album)?, consumer).await,
            Self::Bare => bare::list(server, album, consumer).await,
            Self::Aws => aws::list(&Album::new(server, album)?, consumer).await,
            Self::Azure => azure::list(&Album::new(server, album)?, consumer).await,
            Self::Google => google::list(&Album::new(server, album)?, consumer).await,
            Self::Lazy => ours::list(upwards(ours()?).read_ahead(0), consumer).await,
            Self::Default => ours::list(upwards(ours()?), consumer).await,
            Self::Eager => ours::list(upwards(ours()?).read_ahead(100), consumer).await,
            Self::Unordered => ours::list(ours()?.unordered(), consumer).await,
        }
    }
}
