//! A set of cases, as bits: what makes a wrong answer times every region of the inputs cheap.

/// A set of numbers below a length.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// The empty set below `length`.
    pub(super) fn none(length: usize) -> Bits {
        Bits { words: vec![0; length.div_ceil(64)] }
    }

    /// Those below `length` for which `is` holds.
    pub(super) fn of(length: usize, is: impl Fn(usize) -> bool) -> Bits {
        let mut bits = Bits::none(length);
        (0..length).filter(|at| is(*at)).for_each(|at| bits.insert(at));
        bits
    }

    pub(super) fn insert(&mut self, at: usize) {
        self.words[at / 64] |= 1 << (at % 64);
    }

    pub(super) fn contains(&self, at: usize) -> bool {
        self.words[at / 64] & (1 << (at % 64)) != 0
    }

    /// Whether both have a member in common.
    pub(super) fn meets(&self, other: &Bits) -> bool {
        self.words.iter().zip(&other.words).any(|(a, b)| a & b != 0)
    }

    /// What is in both.
    pub(super) fn and(&self, other: &Bits) -> Bits {
        Bits { words: self.words.iter().zip(&other.words).map(|(a, b)| a & b).collect() }
    }

    /// Whether all of this is in `other`.
    pub(super) fn within(&self, other: &Bits) -> bool {
        self.words.iter().zip(&other.words).all(|(a, b)| a & !b == 0)
    }

    pub(super) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_sets() {
        let (threes, evens) = (Bits::of(130, |at| at % 3 == 0), Bits::of(130, |at| at % 2 == 0));
        let sixes = threes.and(&evens);
        assert_eq!(sixes, Bits::of(130, |at| at % 6 == 0));
        assert_eq!((threes.count(), sixes.count()), (44, 22));
        assert!(sixes.within(&threes) && !threes.within(&sixes));
        assert!(threes.meets(&evens) && !Bits::none(130).meets(&threes) && Bits::none(130).is_empty());
        assert!(sixes.contains(126) && !sixes.contains(127));
    }
}
