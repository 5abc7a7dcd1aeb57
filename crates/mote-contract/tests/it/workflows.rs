//! Workflows are read, typed and checked before anything runs, and what comes of them is a table of steps.

mod maps;
mod model;
mod steps;
mod system;
