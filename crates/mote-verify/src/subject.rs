//! What is judged: anything that answers a call with bytes.
//! Owns the one question that verification asks. Never knows what answers it: a sandbox, a native
//! function of a test.

/// A service that verification can ask.
pub trait Subject: Sync {
    /// Answer `call`, the canonical JSON of `mote_contract::Law::call`.
    ///
    /// Verification may ask from several threads at once in [`Mode::Fresh`]; in [`Mode::Reused`] it
    /// asks from one thread, in an order it chose, and expects one instance behind the answers.
    fn answer(&self, call: &[u8], mode: Mode) -> Result<Observed, Stopped>;
}

/// Which instance answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A new one, that never saw another call.
    Fresh,
    /// The one that answered the reused call before.
    Reused,
}

/// An answer and what it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The bytes of the answer, not yet judged.
    pub answer: Vec<u8>,
    /// Units of work, as the sandbox counts them.
    pub fuel: u64,
    /// Memory of the instance at its largest, in bytes.
    pub memory: u64,
}

/// Why there is no answer. Held against the service: a breach.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{clause}: {message}")]
pub struct Stopped {
    /// The clause that was broken, such as `budget/fuel` or `trap`.
    pub clause: String,
    /// What happened, in a sentence.
    pub message: String,
}
