//! Checks on the repository itself; they are its tests. Run `cargo test -p xtask`.

fn main() {
    // The checks need nothing but the test runner; this target lets cargo call them a package.
}
