//! A shuffle of `0..n` that is computed, not stored: `i → (a·i + b) mod n` and its inverse.
//!
//! With it, an album of a million files is sorted three ways without being built. It knows nothing of
//! files.

use std::num::NonZeroU64;

/// The largest `n`. The product of two residues, even a signed one, then fits easily into 64 bits.
pub(crate) const MAX: u64 = 1_000_000_000;

/// A bijection of `0..n`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shuffle {
    n: NonZeroU64,
    factor: u64,
    inverse: u64,
    shift: u64,
}

impl Shuffle {
    /// The shuffle of `0..n` for this `seed`, with `n` clamped to `1..=MAX`.
    pub(crate) fn new(n: u64, seed: u64) -> Self {
        let n = NonZeroU64::new(n.min(MAX)).unwrap_or(NonZeroU64::MIN);
        let mut rng = fastrand::Rng::with_seed(seed);
        let start = rng.u64(1..=n.get());
        let factor = (start..).find(|&a| gcd(a, n.get()) == 1).unwrap_or(1) % n;
        Self { n, factor, inverse: inverse(factor, n.get()), shift: rng.u64(0..n.get()) }
    }

    /// The slot of `i`.
    pub(crate) fn forward(&self, i: u64) -> u64 {
        (i % self.n).wrapping_mul(self.factor).wrapping_add(self.shift) % self.n
    }

    /// The inverse of [`forward`](Self::forward).
    pub(crate) fn back(&self, slot: u64) -> u64 {
        let unshifted =
            (slot % self.n).wrapping_add(self.n.get()).wrapping_sub(self.shift) % self.n;
        unshifted.wrapping_mul(self.inverse) % self.n
    }
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    a
}

/// The `x` with `a·x ≡ 1 (mod n)`, for coprime `a` and `n`, by the extended Euclidean algorithm.
fn inverse(a: u64, n: u64) -> u64 {
    let (n, a) = (n.cast_signed(), a.cast_signed());
    let (mut rest, mut next_rest) = (n, a);
    let (mut x, mut next_x) = (0_i64, 1_i64);
    while let Some(times) = rest.checked_div(next_rest) {
        (rest, next_rest) = (next_rest, rest.wrapping_sub(times.wrapping_mul(next_rest)));
        (x, next_x) = (next_x, x.wrapping_sub(times.wrapping_mul(next_x)));
    }
    x.checked_rem_euclid(n).unwrap_or(0).cast_unsigned()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_number_has_its_own_slot_and_comes_back() {
        for n in [1, 2, 3, 4, 6, 97, 99, 100, 101, 250, 1000, 30_030] {
            for seed in 0..20 {
                let shuffle = Shuffle::new(n, seed);
                let slots: HashSet<u64> = (0..n).map(|i| shuffle.forward(i)).collect();
                assert_eq!(slots.len() as u64, n, "n {n} seed {seed}");
                assert!(slots.iter().all(|&slot| slot < n), "n {n} seed {seed}");
                assert!((0..n).all(|i| shuffle.back(shuffle.forward(i)) == i), "n {n} seed {seed}");
            }
        }
    }

    #[test]
    fn the_largest_shuffle_comes_back_too() {
        for seed in 0..20 {
            let shuffle = Shuffle::new(u64::MAX, seed);
            for i in (0..MAX).step_by(9_999_991).chain([MAX - 1]) {
                assert!(shuffle.forward(i) < MAX);
                assert_eq!(shuffle.back(shuffle.forward(i)), i, "seed {seed}");
            }
        }
    }

    #[test]
    fn two_seeds_give_two_shuffles() {
        let order = |seed| (0..100).map(|i| Shuffle::new(100, seed).forward(i)).collect::<Vec<_>>();
        assert_ne!(order(1), order(2));
    }
}
