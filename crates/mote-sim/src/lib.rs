//! Simulates a system from a seed: virtual time, crashes and faulty ports.
