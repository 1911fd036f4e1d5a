//! What was met before: cursors, to detect a circle, and ids, to hand out each item once.

use std::{
    collections::{HashSet, hash_map::RandomState},
    hash::BuildHasher as _,
};

/// Texts as 64 bits of keyed hash each, which is a few dozen bytes per text. Among a million texts, the
/// chance of mistaking a new one for a known one is one in 37 million.
#[derive(Default)]
pub(super) struct Seen {
    key: RandomState,
    hashes: HashSet<u64>,
}

impl Seen {
    /// Returns true if `text` is new.
    pub(super) fn insert(&mut self, text: &str) -> bool {
        self.hashes.insert(self.key.hash_one(text))
    }

    pub(super) fn contains(&self, text: &str) -> bool {
        self.hashes.contains(&self.key.hash_one(text))
    }

    pub(super) fn len(&self) -> usize {
        self.hashes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_texts_raise_no_false_alarm() {
        let mut seen = Seen::default();
        assert!((0..1_000_000).all(|n| seen.insert(&n.to_string())));
        assert_eq!(seen.len(), 1_000_000);
        assert!(!seen.insert("7") && seen.contains("7") && !seen.contains("a"));
    }
}
