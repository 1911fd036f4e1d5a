//! What a listing has to hand out, and how much of that was received.

use super::album::Place;
use crate::Checkpoint;

pub(super) struct Received {
    expected: Vec<Place>,
    /// How many of the expected entries were received or missed.
    at: usize,
    pub(super) lost: usize,
    pub(super) doubled: usize,
}

impl Received {
    pub(super) fn new(expected: Vec<Place>) -> Self {
        Self { expected, at: 0, lost: 0, doubled: 0 }
    }

    /// Receives a file by its id, or the error in the place of one. `skips_unreadable`: no error is expected
    /// for an unreadable file.
    pub(super) fn take(&mut self, id: Option<&str>, skips_unreadable: bool) {
        let is_it = |place: &Place| place.entry.id() == id;
        match self.expected.iter().skip(self.at).position(is_it) {
            Some(skipped) => {
                self.skip_to(self.at + skipped, skips_unreadable);
                self.at += 1;
            }
            None => self.doubled += 1,
        }
    }

    /// A listing without errors for unreadable files skips those before a checkpoint.
    pub(super) fn skip_to_checkpoint(&mut self, checkpoint: &Checkpoint) {
        let place = (checkpoint.pages, checkpoint.taken);
        let before = self.expected.iter().take_while(|it| (it.page, it.index) < place).count();
        self.skip_to(before.max(self.at), true);
    }

    /// The listing has ended. Returns how many entries are missing.
    pub(super) fn end(&mut self, skips_unreadable: bool) -> usize {
        let before = self.lost;
        self.skip_to(self.expected.len(), skips_unreadable);
        self.lost - before
    }

    fn skip_to(&mut self, at: usize, skips_unreadable: bool) {
        let skipped = &self.expected[self.at..at];
        let is_lost = |place: &&Place| !skips_unreadable || place.entry.is_file();
        self.lost += skipped.iter().filter(is_lost).count();
        self.at = at;
    }

    pub(super) fn files(&self) -> u64 {
        self.expected.iter().take(self.at).filter(|place| place.entry.is_file()).count() as u64
    }

    pub(super) fn unreadable(&self) -> u64 {
        self.at as u64 - self.files()
    }

    /// The least and the greatest number of pages that a listing can have received by now.
    pub(super) fn pages(&self, all: usize, skips_unreadable: bool) -> (u64, u64) {
        // A resumed page counts once it was received again.
        let least = self.at.checked_sub(1).map_or(0, |last| self.expected[last].page);
        // Pages without anything to hand out go by unseen.
        let is_due = |place: &&Place| !skips_unreadable || place.entry.is_file();
        let next = self.expected.iter().skip(self.at).find(is_due);
        (least, next.map_or(all as u64, |next| next.page + 1))
    }
}
