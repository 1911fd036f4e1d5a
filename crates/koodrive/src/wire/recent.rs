//! The secrets of a client's last requests. A service may name in one answer the token or the cursor of another.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use super::sync::lock;

/// What several listings at a time send between two refreshes fits.
const MOST: usize = 32;

/// Cheap to clone; the clones share it.
#[derive(Clone, Default)]
pub(crate) struct Recent(Arc<Mutex<VecDeque<String>>>);

impl Recent {
    pub(super) fn remember<'a>(&self, secrets: impl IntoIterator<Item = &'a str>) {
        let mut recent = lock(&self.0);
        for secret in secrets {
            if !recent.iter().any(|known| known == secret) {
                recent.truncate(MOST.saturating_sub(1));
                recent.push_front(secret.to_owned());
            }
        }
    }

    pub(super) fn all(&self) -> Vec<String> {
        lock(&self.0).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_secrets_are_kept_once_each() {
        let recent = Recent::default();
        for number in 0..100 {
            recent.remember([number.to_string().as_str(), "token"]);
        }
        let kept = recent.all();
        assert_eq!(kept.len(), MOST);
        assert_eq!(kept.first().map(String::as_str), Some("99"));
    }
}
