//! Which files a copy has, by the arguments. Pure.

use glob::Pattern;
use jiff::Timestamp;
use koodrive::{AlbumContent, FileType};

use crate::{args::SyncArgs, report::UsageError, text::composed, type_filter::TypeFilter};

/// Conditions that all have to hold. Folders have no content, so they are never part of a copy.
pub(super) struct Filter {
    types: Option<Vec<TypeFilter>>,
    name: Option<Pattern>,
    since: Option<Timestamp>,
    is_favorite: bool,
}

impl Filter {
    /// # Errors
    ///
    /// If an argument has no meaning.
    pub(super) fn new(args: &SyncArgs) -> Result<Self, UsageError> {
        let too_early =
            || UsageError("--since is too far back: the earliest year is -9999".to_owned());
        let cutoff =
            args.since.as_ref().map(|since| since.cutoff(Timestamp::now()).ok_or_else(too_early));
        let since = cutoff.transpose()?.map(|cutoff| cutoff.instant);
        let pattern = |words: &String| {
            Pattern::new(&composed(words))
                .map_err(|error| UsageError(format!("--name is not a pattern: {error}")))
        };
        let name = args.name.as_ref().map(pattern).transpose()?;
        Ok(Self { types: args.types.clone(), name, since, is_favorite: args.favorite })
    }

    pub(super) fn is_set(&self) -> bool {
        self.types.is_some() || self.name.is_some() || self.since.is_some() || self.is_favorite
    }

    /// A file whose edited time is not known is included.
    pub(super) fn includes(&self, file: &AlbumContent) -> bool {
        let file_type = file.file_type();
        let has_type = |types: &Vec<TypeFilter>| {
            types.iter().any(|wanted| wanted.includes(file_type.as_ref()))
        };
        let has_name = |pattern: &Pattern| {
            file.file_name().is_some_and(|name| pattern.matches(&composed(name)))
        };
        let edited = || file.edited_time()?.to_system_time()?.try_into().ok();
        let is_recent =
            |since: &Timestamp| edited().is_none_or(|edited: Timestamp| edited >= *since);
        !matches!(file_type, Some(FileType::Folder | FileType::SmartFolder))
            && self.types.as_ref().is_none_or(has_type)
            && self.name.as_ref().is_none_or(has_name)
            && self.since.as_ref().is_none_or(is_recent)
            && (!self.is_favorite || file.favorite() == Some(true))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_file_has_to_meet_every_condition() {
        let filter = Filter {
            types: Some(vec![TypeFilter::Image]),
            name: Some(Pattern::new("*.jpg").unwrap()),
            since: Some("2025-06-01T00:00:00Z".parse().unwrap()),
            is_favorite: true,
        };
        let good = json!({
            "id": "1", "fileType": "15", "fileName": "a.jpg", "favorite": true,
            "editedTime": "2025-06-01T00:00:00.000Z",
        });
        let includes = |file: &serde_json::Value| {
            filter.includes(&serde_json::from_value(file.clone()).unwrap())
        };
        assert!(filter.is_set() && includes(&good));
        for (field, value) in [
            ("fileType", json!("20")),
            ("fileType", json!("10")),
            ("fileName", json!("a.png")),
            ("fileName", json!(null)),
            ("favorite", json!(null)),
            ("editedTime", json!("2025-05-31T23:59:59.999Z")),
        ] {
            let mut file = good.clone();
            file[field] = value;
            assert!(!includes(&file), "{file}");
        }
        let mut undated = good.clone();
        undated["editedTime"] = json!(null);
        assert!(includes(&undated));
    }
}
