//! Where to resume a listing: the library's checkpoint, and how many files were printed before it.
//!
//! The checkpoint also counts files that a filter leaves out. Only the number of printed files shows
//! whether a header was printed and how much of `--limit` is left.

use std::{fmt, str::FromStr};

use koodrive::Checkpoint;
use serde::{Deserialize, Serialize};

use crate::report::{UsageError, usage};

/// The value of `--resume`: `<printed>@<checkpoint>`, or only a checkpoint of the library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ResumeToken {
    pub(crate) printed: u64,
    pub(crate) checkpoint: Checkpoint,
}

impl ResumeToken {
    /// Whether anything was listed before this token.
    pub(crate) fn is_past_start(&self) -> bool {
        self.printed > 0 || self.checkpoint.items() > 0
    }
}

impl fmt::Display for ResumeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.printed, self.checkpoint)
    }
}

impl FromStr for ResumeToken {
    type Err = UsageError;

    /// The error never repeats the text, which holds a cursor.
    fn from_str(text: &str) -> Result<Self, UsageError> {
        let invalid = || {
            usage("--resume is not a valid token: expected the complete token, as it was printed")
        };
        let (printed, checkpoint) = match text.trim().split_once('@') {
            Some((printed, rest)) => (Some(printed.parse().map_err(|_| invalid())?), rest),
            None => (None, text),
        };
        let checkpoint: Checkpoint = checkpoint.parse().map_err(|_| invalid())?;
        if checkpoint.album_id().is_empty() {
            return Err(usage(
                "--resume is a token of a listing of albums; expected one of a listing of files",
            ));
        }
        Ok(Self { printed: printed.unwrap_or(checkpoint.items()), checkpoint })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_formatting_and_a_bare_checkpoint_counts_its_files() {
        let checkpoint = "1:17:100:1::7:1007:10:a%3Ab";
        let token: ResumeToken = format!("12@{checkpoint}\n").parse().unwrap();
        assert_eq!((token.printed, token.to_string()), (12, format!("12@{checkpoint}")));
        assert_eq!(checkpoint.parse::<ResumeToken>().unwrap().printed, 1007);
    }

    #[test]
    fn an_invalid_token_is_rejected_and_not_repeated() {
        for text in
            ["", "secret", "1@secret", "secret@1:17:100:1::7:1007:10:", "-1@1:17:100:1::7:7:1:"]
        {
            let error = text.parse::<ResumeToken>().unwrap_err();
            assert!(!error.to_string().contains("secret"), "{text}");
        }
    }
}
