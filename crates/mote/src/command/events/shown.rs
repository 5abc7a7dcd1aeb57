//! What of an event's data is shown: what a schema calls sensitive is masked.

use anyhow::Context as _;
use mote_contract::{System, check};
use mote_expr::schema::Mask;
use mote_expr::{Value, parse};
use mote_forge::SystemFolder;
use mote_log::StoredEvent;

use crate::output::hint;

/// How data is shown.
pub(super) enum Shown {
    /// As it is stored.
    Unmasked,
    /// Masked as the files say. No system: they have errors, so nobody knows what is sensitive.
    Masked(Mask, Option<Box<System>>),
}

impl Shown {
    /// Masked as the files in `folder` say.
    pub(super) fn masked(folder: &SystemFolder) -> anyhow::Result<Shown> {
        let system = check(&folder.read()?).system;
        if system.is_none() {
            hint("the files have errors, so all data is masked: see `mote check`, or add `--unmasked`");
        }
        Ok(Shown::Masked(mote_forge::mask(folder)?, system.map(Box::new)))
    }

    /// The data of `event` to show.
    pub(super) fn data(&self, event: &StoredEvent) -> anyhow::Result<Value> {
        let unreadable = || format!("the data of {} {} cannot be read", event.stream, event.version);
        let data = parse(&event.data).with_context(unreadable)?;
        let Shown::Masked(mask, system) = self else { return Ok(data) };
        let masked = system.as_ref().and_then(|system| masked(system, event, &data, mask));
        // Of what nobody declares any more, nobody knows what was sensitive.
        Ok(masked.unwrap_or_else(|| mask.any(&data)))
    }
}

/// `data` masked as its aggregate declares it, or the publisher whose message it is. None: neither does.
fn masked(system: &System, event: &StoredEvent, data: &Value, mask: &Mask) -> Option<Value> {
    if let Some(aggregate) = system.aggregates.get(event.stream.aggregate()) {
        return Some(aggregate.events.get(&event.kind)?.shape_of(event.shape)?.mask(data, mask));
    }
    let law = system.laws.get(event.stream.key())?;
    let publishing = law.publishing.as_ref()?;
    if !publishing.publishes.contains(&event.kind) {
        return None;
    }
    // What a publisher answers is a list of its messages.
    let message = Value::object([("type", Value::text(&event.kind)), ("data", data.clone())]);
    let messages = law.output.mask(&Value::list([message]), mask);
    messages.as_list()?.first()?.field("data").cloned()
}
