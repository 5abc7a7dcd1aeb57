//! The system that is simulated: `examples/hello`, as it stands in its files, and a publisher beside it.

use mote_contract::{Files, System, check};

const FILES: [(&str, &str); 5] = [
    ("mote.yaml", "system: hello\nsinks: {guests: {kind: log}}\n"),
    ("contracts/announce-guest.yaml", ANNOUNCE_CONTRACT),
    ("aggregates/guestbook.yaml", include_str!("../../../examples/hello/aggregates/guestbook.yaml")),
    ("contracts/greet.yaml", include_str!("../../../examples/hello/contracts/greet.yaml")),
    ("contracts/sign-guestbook.yaml", include_str!("../../../examples/hello/contracts/sign-guestbook.yaml")),
];

/// What is told of a guest is exact, so that no lie passes.
const ANNOUNCE_CONTRACT: &str = "contract: announce-guest
kind: publisher
subscribes: [GuestSigned]
publishes:
  guest.signed.v1:
    type: object
    required: [book, guest]
    properties: {book: {type: string, maxLength: 600}, guest: {type: string, maxLength: 200}}
to: guests
ensures:
  exact: |
    messages == [{'type': 'guest.signed.v1', 'data': {'book': meta.stream, 'guest': event.data.guest}}]
";

/// The name of the publisher.
pub(crate) const ANNOUNCE: &str = "announce-guest";

/// The stream that takes its messages.
pub(crate) const SINK: &str = "sink.guests/announce-guest";

/// The name of the command.
pub(crate) const SIGN: &str = "sign-guestbook";

/// The name of the function.
pub(crate) const GREET: &str = "greet";

/// The aggregate that the command changes.
pub(crate) const GUESTBOOK: &str = "guestbook";

/// How its event changes in mid-life: in which file, what, into what.
const CHANGES: [(&str, &str, &str); 5] = [
    ("contracts/announce-guest.yaml", "event.data.guest", "event.data.name"),
    (
        "aggregates/guestbook.yaml",
        "  GuestSigned:\n    data:\n",
        "  GuestSigned:\n    version: 2\n    data:\n",
    ),
    ("aggregates/guestbook.yaml", "required: [guest, message, at]", "required: [name, message, at]"),
    (
        "aggregates/guestbook.yaml",
        "        guest: {type: string, minLength: 1, maxLength: 40}\n",
        "        name: {type: string, minLength: 1, maxLength: 40}\n",
    ),
    (
        "aggregates/guestbook.yaml",
        "    evolve: {guests: \"${state.guests + [event.data.guest]}\"}\n",
        "    evolve: {guests: \"${state.guests + [event.data.name]}\"}
    was:
      1:
        data:
          type: object
          required: [guest, message, at]
          properties:
            guest: {type: string, minLength: 1, maxLength: 40}
            message: {type: string, maxLength: 200}
            at: {type: string, format: date-time, maxLength: 30}
        upcast: {name: \"${event.data.guest}\", message: \"${event.data.message}\", at: \"${event.data.at}\"}
",
    ),
];

/// The system as it is first, and as it is later: its event has another shape, and says what it was.
pub(crate) fn load() -> Result<[System; 2], String> {
    let later = FILES.map(|(path, text)| {
        let changed = CHANGES.iter().filter(|(file, ..)| *file == path);
        let text = changed.fold(text.to_owned(), |text, (_, from, to)| text.replacen(from, to, 1));
        // What the contract says of the event, in its rules and its examples.
        (path, text.replace("'data': {'guest':", "'data': {'name':").replace("data: {guest:", "data: {name:"))
    });
    Ok([compile(FILES)?, compile(later)?])
}

fn compile(texts: [(&str, impl Into<String>); 5]) -> Result<System, String> {
    let mut files = Files::new();
    for (path, text) in texts {
        files.add(path, text);
    }
    let report = check(&files);
    report.system.ok_or_else(|| format!("examples/hello has problems: {:?}", report.diagnostics))
}
