//! Judges an artifact against its contract and signs the verdict.
