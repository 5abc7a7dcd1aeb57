//! The files of a system, their checks, and the law compiled from a contract.
