//! Which files of an album the arguments select: by id, by name, or by a pattern. Pure.

use std::borrow::Cow;

use glob::Pattern;
use koodrive::{AlbumContent, FileType};

use crate::text::composed;

/// Without arguments, all files are selected.
pub(super) struct Selection(Vec<Selector>);

/// One argument.
struct Selector {
    words: String,
    /// `None` if the words are not a valid pattern; they may be a name all the same.
    pattern: Option<Pattern>,
    found: Found,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    Name,
    /// No other file has this id.
    Id,
}

impl Selection {
    pub(super) fn new(arguments: &[String]) -> Self {
        let selector = |words: &String| {
            let words = composed(words).into_owned();
            Selector { pattern: Pattern::new(&words).ok(), words, found: Found::Nothing }
        };
        Self(arguments.iter().map(selector).collect())
    }

    /// Whether a file is selected. Folders are not, as they have no content.
    pub(super) fn takes(&mut self, file: &AlbumContent) -> bool {
        if matches!(file.file_type(), Some(FileType::Folder | FileType::SmartFolder)) {
            return false;
        }
        let name = file.file_name().map(composed);
        let mut is_taken = self.0.is_empty();
        for selector in &mut self.0 {
            is_taken |= selector.takes(file.id(), name.as_ref());
        }
        is_taken
    }

    /// Whether no further file can be selected, because each argument was the id of a file.
    pub(super) fn is_settled(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|selector| selector.found == Found::Id)
    }

    /// The arguments that selected nothing.
    pub(super) fn missing(&self) -> impl Iterator<Item = &str> {
        let missing = self.0.iter().filter(|selector| selector.found == Found::Nothing);
        missing.map(|selector| selector.words.as_str())
    }
}

impl Selector {
    fn takes(&mut self, id: &str, name: Option<&Cow<'_, str>>) -> bool {
        let has_name = |name: &Cow<'_, str>| {
            *name == self.words || self.pattern.as_ref().is_some_and(|it| it.matches(name))
        };
        let found = if id == self.words {
            Found::Id
        } else if self.found != Found::Id && name.is_some_and(has_name) {
            Found::Name
        } else {
            return false;
        };
        self.found = found;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of the files the arguments select, by id.
    fn selected(arguments: &[&str], files: &[(&str, &str)]) -> (Vec<String>, Vec<String>, bool) {
        let arguments: Vec<_> = arguments.iter().map(|it| (*it).to_owned()).collect();
        let mut selection = Selection::new(&arguments);
        let file = |(id, name): &(&str, &str)| -> AlbumContent {
            serde_json::from_value(serde_json::json!({"id": id, "fileName": name})).unwrap()
        };
        let taken = files.iter().map(file).filter(|file| selection.takes(file));
        let taken = taken.map(|file| file.id().to_owned()).collect();
        let missing = selection.missing().map(str::to_owned).collect();
        (taken, missing, selection.is_settled())
    }

    const FILES: [(&str, &str); 5] = [
        ("F1", "IMG_1.jpg"),
        ("F2", "IMG_2.jpg"),
        ("F3", "a [1].jpg"),
        ("F4", "Été.png"),
        ("F5", "../up.png"),
    ];

    #[test]
    fn files_are_selected_by_id_name_or_pattern() {
        for (arguments, ids) in [
            (&["F1"] as &[_], &["F1"] as &[_]),
            (&["IMG_2.jpg"], &["F2"]),
            (&["IMG_?.jpg"], &["F1", "F2"]),
            (&["*.jpg"], &["F1", "F2", "F3"]),
            (&["IMG_[2-9].jpg", "F1"], &["F1", "F2"]),
            (&["a [1].jpg"], &["F3"]),
            (&["E\u{301}te\u{301}.*"], &["F4"]),
            (&["*up.png"], &["F5"]),
            (&["*"], &["F1", "F2", "F3", "F4", "F5"]),
            (&[], &["F1", "F2", "F3", "F4", "F5"]),
        ] {
            let (taken, missing, _) = selected(arguments, &FILES);
            assert_eq!((taken.join(" "), missing.len()), (ids.join(" "), 0), "{arguments:?}");
        }
    }

    #[test]
    fn an_argument_that_selects_nothing_is_missing() {
        let (taken, missing, _) = selected(&["*.gif", "F1", "a["], &FILES);
        assert_eq!(
            (taken, missing),
            (vec!["F1".to_owned()], vec!["*.gif".to_owned(), "a[".to_owned()])
        );
    }

    #[test]
    fn only_ids_that_were_all_found_settle_a_selection() {
        for (arguments, is_settled) in [
            (&["F1", "F3"] as &[_], true),
            (&["F1", "F9"], false),
            (&["F1", "IMG_2.jpg"], false),
            (&[], false),
        ] {
            assert_eq!(selected(arguments, &FILES).2, is_settled, "{arguments:?}");
        }
    }

    #[test]
    fn a_folder_is_not_selected() {
        let folder = serde_json::json!({"id": "F1", "fileName": "a", "fileType": "10"});
        let folder: AlbumContent = serde_json::from_value(folder).unwrap();
        assert!(!Selection::new(&["*".to_owned(), "F1".to_owned()]).takes(&folder));
    }
}
