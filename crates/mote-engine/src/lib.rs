//! Decides what an invocation does: the envelope, the answer, and the one way to invoke.
