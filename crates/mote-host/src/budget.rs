//! What one call may use, and whether it may share an instance with calls before it.

/// What one call may use at most.
///
/// All three are exact on a fresh instance: the same call uses the same figures on any machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Bytes of linear memory and tables, over all memories of the instance, its initial ones included.
    pub memory: u64,
    /// Units of fuel, about one per executed WebAssembly instruction.
    pub fuel: u64,
    /// Bytes of the answer.
    pub answer: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { memory: 16 << 20, fuel: 50_000_000, answer: 64 << 10 }
    }
}

/// Whether a call may run in an instance that has answered calls before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Isolation {
    /// A new instance for this call alone.
    #[default]
    Fresh,
    /// An instance that may have answered before: for speed, never a boundary. It is given up after 1,000
    /// calls and after any trap, and never runs two calls at once.
    Reused,
}
