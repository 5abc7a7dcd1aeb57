//! Chance that can be repeated: a seed means the same cases for ever.
//!
//! Owns the generator. It is xoshiro256** 1.0 by David Blackman and Sebastiano Vigna (2018, public
//! domain, <https://prng.di.unimi.it/xoshiro256starstar.c>), written here so that no dependency's
//! next version changes what a seed means. Its state is the SHA-256 of seed, purpose and index, so
//! every case has a stream of its own and cases can be made in any order, on any thread.

use std::fmt;

use mote_expr::Digest;

/// What all chance of one verification comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub [u8; 32]);

impl Seed {
    /// What a verdict says about the seed: its hash, so that a secret seed stays one until it is told.
    pub fn commitment(&self) -> Digest {
        Digest::of(&self.0)
    }
}

impl From<u64> for Seed {
    fn from(number: u64) -> Seed {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        Seed(bytes)
    }
}

/// A seed may be sealed: only its commitment is shown.
impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seed(committed to as {})", self.commitment())
    }
}

/// A stream of chance.
#[derive(Clone, Debug)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    /// The stream number `index` of `seed` for `purpose`.
    pub fn of(seed: &Seed, purpose: &str, index: u64) -> Random {
        let mut bytes = Vec::with_capacity(48 + purpose.len());
        bytes.extend_from_slice(&seed.0);
        bytes.extend_from_slice(&index.to_le_bytes());
        bytes.extend_from_slice(purpose.as_bytes());
        let Digest(hash) = Digest::of(&bytes);
        let mut state = [0; 4];
        for (word, bytes) in state.iter_mut().zip(hash.chunks_exact(8)) {
            *word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        }
        Random { state }
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let result = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        result
    }

    /// A number below `end`; 0 if `end` is.
    pub fn below(&mut self, end: u64) -> u64 {
        // The bias of a multiplication is below 2^-32 for every bound we use.
        ((u128::from(self.bits()) * u128::from(end)) >> 64) as u64
    }

    /// An index into something of `length` items; 0 if it is empty.
    pub fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// An integer from `min` to `max`, both included; `min` if they are the wrong way round.
    pub fn within(&mut self, min: i64, max: i64) -> i64 {
        if max <= min {
            return min;
        }
        let width = max.abs_diff(min).saturating_add(1);
        min.wrapping_add_unsigned(self.below(width))
    }

    /// True in `percent` of 100 cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of `items`; None if there are none.
    pub fn pick<'i, T>(&mut self, items: &'i [T]) -> Option<&'i T> {
        items.get(self.index(items.len()))
    }

    /// The numbers below `length`, in an order of chance.
    pub fn order(&mut self, length: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..length).collect();
        for at in (1..length).rev() {
            order.swap(at, self.index(at + 1));
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_the_published_one() {
        // Of xoshiro256** from the state 1, 2, 3, 4, as its authors' C code prints it.
        let mut random = Random { state: [1, 2, 3, 4] };
        let first: Vec<u64> = (0..5).map(|_| random.bits()).collect();
        assert_eq!(first, [11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360]);
    }

    #[test]
    fn a_seed_means_the_same_for_ever() {
        let mut random = Random::of(&Seed::from(7), "test", 3);
        assert_eq!([random.bits(), random.bits()], [4_114_854_114_781_397_817, 17_213_106_880_755_131_998]);
    }

    #[test]
    fn a_range_is_reached_to_its_ends() {
        let mut random = Random::of(&Seed::from(1), "test", 0);
        let seen: std::collections::BTreeSet<i64> = (0..200).map(|_| random.within(-2, 2)).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [-2, -1, 0, 1, 2]);
        assert_eq!(random.within(5, 5), 5);
        assert_eq!(random.below(0), 0);
    }
}
