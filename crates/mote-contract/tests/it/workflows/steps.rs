//! What is said of steps that cannot be what they say.

use super::system::said;

/// `steps` are told `expected`: one line each, without hints.
#[track_caller]
fn check(steps: &str, expected: &[&str]) {
    let (_, told) = said(&format!("steps:\n{steps}"));
    let lines: Vec<&str> = told.iter().filter_map(|line| line.lines().next()).collect();
    assert_eq!(lines, expected, "{}", told.join("\n"));
}

#[test]
fn scratch() {
    check("  - {wait: 3s}\n", &[]);
}
