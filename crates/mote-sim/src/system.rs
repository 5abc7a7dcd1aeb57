//! The system that is simulated: `examples/hello`, as it stands in its files.

use mote_contract::{Files, System, check};

const FILES: [(&str, &str); 4] = [
    ("mote.yaml", include_str!("../../../examples/hello/mote.yaml")),
    ("aggregates/guestbook.yaml", include_str!("../../../examples/hello/aggregates/guestbook.yaml")),
    ("contracts/greet.yaml", include_str!("../../../examples/hello/contracts/greet.yaml")),
    ("contracts/sign-guestbook.yaml", include_str!("../../../examples/hello/contracts/sign-guestbook.yaml")),
];

/// The name of the command.
pub(crate) const SIGN: &str = "sign-guestbook";

/// The name of the function.
pub(crate) const GREET: &str = "greet";

/// The aggregate that the command changes.
pub(crate) const GUESTBOOK: &str = "guestbook";

/// The system, or what is wrong with its files.
pub(crate) fn load() -> Result<System, String> {
    let mut files = Files::new();
    for (path, text) in FILES {
        files.add(path, text);
    }
    let report = check(&files);
    report.system.ok_or_else(|| format!("examples/hello has problems: {:?}", report.diagnostics))
}
