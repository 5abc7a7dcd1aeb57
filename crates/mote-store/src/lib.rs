//! The log on SQLite, with group commit.
