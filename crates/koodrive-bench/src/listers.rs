//! Who lists albums: the hand-written loop, the paginators of others, and `koodrive`.

mod aws;
mod azure;
mod generated;
mod google;
mod hand_written;
mod koodrive;

use anyhow::Result;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use self::{hand_written::Album, koodrive::upwards};
use crate::{account::Account, consumer::Consumer};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum, Serialize, Deserialize)]
pub enum Lister {
    HandWritten,
    Generated,
    Aws,
    Azure,
    Google,
    Lazy,
    Default,
    Eager,
    Unordered,
}

impl Lister {
    /// Those that differ in what a page costs: the paginators of others use the hand-written loop's.
    pub const DISTINCT: [Self; 3] = [Self::HandWritten, Self::Lazy, Self::Default];

    /// In Markdown.
    pub fn title(self) -> &'static str {
        match self {
            Self::HandWritten => "hand-written loop (reqwest, serde_json)",
            Self::Generated => "`koodrive-api`, naive stream",
            Self::Aws => "AWS paginator (aws-smithy-async)",
            Self::Azure => "Azure paginator (azure_core)",
            Self::Google => "Google paginator (google-cloud-gax)",
            Self::Lazy => "**koodrive** `read_ahead(0)`",
            Self::Default => "**koodrive**",
            Self::Eager => "**koodrive** `read_ahead(100)`",
            Self::Unordered => "**koodrive** `unordered()`",
        }
    }

    pub fn is_ours(self) -> bool {
        matches!(self, Self::Lazy | Self::Default | Self::Eager | Self::Unordered)
    }

    pub async fn list(self, account: &Account, album: &str, consumer: &mut Consumer) -> Result<()> {
        let theirs = || Album::new(account, album);
        let ours = || account.koodrive.list_album_content(album);
        match self {
            Self::HandWritten => hand_written::list(&theirs(), consumer).await,
            Self::Generated => generated::list(account, album, consumer).await,
            Self::Aws => aws::list(&theirs(), consumer).await,
            Self::Azure => azure::list(&theirs(), consumer).await,
            Self::Google => google::list(&theirs(), consumer).await,
            Self::Lazy => koodrive::list(upwards(ours()).read_ahead(0), consumer).await,
            Self::Default => koodrive::list(upwards(ours()), consumer).await,
            Self::Eager => koodrive::list(upwards(ours()).read_ahead(100), consumer).await,
            Self::Unordered => koodrive::list(ours().unordered(), consumer).await,
        }
    }
}
