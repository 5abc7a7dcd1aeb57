//! What a publisher goes on from, and how it is written into its checkpoint.

use jiff::Timestamp;
use mote_expr::{Value, parse};
use mote_log::{Checkpoint, Position, Version};

use super::HeldStreams;
use super::held::Held;
use super::job::Publisher;

/// How far a publisher has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Saved {
    /// All commits up to here are done, but for the streams that are held.
    pub(super) position: Position,
    /// How many events of the commit after that are done.
    pub(super) taken: usize,
    /// How many events the sink's stream holds.
    pub(super) version: Version,
    pub(super) held: HeldStreams,
}

impl Saved {
    /// The checkpoint that says so.
    pub(super) fn checkpoint(&self, publisher: &Publisher) -> Checkpoint {
        let held = self.held.iter().map(|(stream, held)| {
            Value::object([
                ("stream", Value::text(stream.as_str())),
                ("version", number(held.version.0)),
                ("since", Value::text(held.since.to_string())),
                ("why", Value::text(&held.why)),
            ])
        });
        let rest = Value::object([
            ("sink", Value::text(publisher.sink().as_str())),
            ("version", number(self.version.0)),
            ("taken", number(self.taken as u64)),
            ("held", Value::list(held)),
        ]);
        let follower = publisher.name().to_owned();
        Checkpoint { follower, position: self.position, rest: rest.canonical() }
    }

    /// What a checkpoint says. What it holds is tried at once.
    pub(super) fn of(
        checkpoint: &Checkpoint,
        publisher: &Publisher,
        now: Timestamp,
    ) -> Result<Saved, String> {
        let damaged = || format!("the checkpoint of `{}` is damaged", checkpoint.follower);
        let rest = parse(&checkpoint.rest).map_err(|error| format!("{}: {error}", damaged()))?;
        let read = || -> Option<Saved> {
            let count = |value: &Value, name| u64::try_from(value.field(name)?.as_int()?).ok();
            let same_sink = rest.field("sink")?.as_text()? == publisher.sink().as_str();
            let mut held = HeldStreams::new();
            for stream in rest.field("held")?.as_list()? {
                let text = |name| stream.field(name).and_then(Value::as_text);
                let waits = Held {
                    version: Version(count(stream, "version")?),
                    since: text("since")?.parse().ok()?,
                    why: text("why")?.to_owned(),
                    tries: 0,
                    next_try: now,
                };
                held.insert(text("stream")?.parse().ok()?, waits);
            }
            Some(Saved {
                position: checkpoint.position,
                taken: usize::try_from(count(&rest, "taken")?).ok()?,
                version: Version(if same_sink { count(&rest, "version")? } else { 0 }),
                held,
            })
        };
        read().ok_or_else(damaged)
    }
}

/// Versions and counts are far below what a value can hold.
fn number(number: u64) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(mote_expr::INT_MAX))
}
