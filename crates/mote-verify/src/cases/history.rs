//! What happened before a call, event by event, with what each step led to.
//! Owns sharing: a history that goes on from another one folds only what is new, and cutting one
//! folds nothing.

use std::sync::Arc;

use mote_contract::{Before, Event, Law};

/// A sequence of events, each of which may happen when it does. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct History(Arc<Step>);

#[derive(Debug)]
struct Step {
    /// The last event, and what came before it. None: nothing has happened.
    last: Option<(Event, History)>,
    before: Before,
    length: usize,
}

impl History {
    /// Nothing has happened.
    pub(crate) fn nothing(law: &Law) -> History {
        History(Arc::new(Step { last: None, before: law.nothing_before(), length: 0 }))
    }

    /// The history with `event`, if it may happen then.
    pub(crate) fn and(&self, law: &Law, event: Event) -> Option<History> {
        let before = law.with_event(&self.0.before, &event).ok()?;
        let length = self.0.length + 1;
        Some(History(Arc::new(Step { last: Some((event, self.clone())), before, length })))
    }

    /// What it led to.
    pub(crate) fn before(&self) -> &Before {
        &self.0.before
    }

    /// How many events there are.
    pub(crate) fn len(&self) -> usize {
        self.0.length
    }

    /// The last event.
    pub(crate) fn last(&self) -> Option<&Event> {
        self.0.last.as_ref().map(|(event, _)| event)
    }

    /// The history without its last `count` events.
    pub(crate) fn without(&self, count: usize) -> History {
        let mut at = self;
        for _ in 0..count {
            let Some((_, earlier)) = &at.0.last else { break };
            at = earlier;
        }
        at.clone()
    }

    /// The last `count` events, in order.
    pub(crate) fn tail(&self, count: usize) -> Vec<Event> {
        let mut events = Vec::with_capacity(count.min(self.len()));
        let mut at = self;
        while let (Some((event, earlier)), true) = (&at.0.last, events.len() < count) {
            events.push(event.clone());
            at = earlier;
        }
        events.reverse();
        events
    }
}
