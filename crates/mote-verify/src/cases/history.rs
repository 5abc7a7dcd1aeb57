//! What happened before a call, event by event, with what each step led to.
//! Owns sharing: a history that goes on from another one folds only what is new, and cutting one
//! folds nothing. Knows which commands led to it, where commands did.

use std::sync::Arc;

use mote_contract::{Before, Event, Law};

use crate::sequences::{Reached, Trail};

/// A sequence of events, each of which may happen when it does. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct History(Arc<Step>);

#[derive(Debug)]
struct Step {
    /// The last event, and what came before it. None: nothing has happened.
    last: Option<(Event, History)>,
    before: Before,
    length: usize,
    /// The calls that led here. None: no command is known to, or the last of them told more.
    trail: Option<Trail>,
    /// Whether all is told that happened at once: not within what one call told.
    whole: bool,
}

impl History {
    /// Nothing has happened.
    pub(crate) fn nothing(law: &Law) -> History {
        History(Arc::new(Step {
            last: None,
            before: law.nothing_before(),
            length: 0,
            trail: None,
            whole: true,
        }))
    }

    /// What calls led to, as far as `law` tells of it. None where something of it may not happen there.
    pub(crate) fn reached(law: &Law, reached: &Reached) -> Option<History> {
        let mut history = History::nothing(law);
        for event in reached.elsewhere.iter().filter(|event| law.event_type(&event.kind).is_some()) {
            history = history.and(law, event.clone())?;
        }
        for (at, call) in reached.calls.iter().enumerate() {
            for (told, event) in call.events.iter().enumerate() {
                let whole = told + 1 == call.events.len();
                let trail = whole.then(|| Trail { reached: reached.clone(), count: at + 1 });
                history = history.with(law, event.clone(), trail, whole)?;
            }
        }
        Some(history)
    }

    /// The history with `event`, if it may happen then.
    pub(crate) fn and(&self, law: &Law, event: Event) -> Option<History> {
        self.with(law, event, None, true)
    }

    fn with(&self, law: &Law, event: Event, trail: Option<Trail>, whole: bool) -> Option<History> {
        let before = law.with_event(&self.0.before, &event).ok()?;
        let length = self.0.length + 1;
        Some(History(Arc::new(Step { last: Some((event, self.clone())), before, length, trail, whole })))
    }

    /// The calls that led here, if commands did.
    pub(crate) fn trail(&self) -> Option<&Trail> {
        self.0.trail.as_ref()
    }

    /// The history without an end that is only a part of what one call told: that never is all that
    /// happened.
    pub(crate) fn whole(&self) -> History {
        let mut at = self;
        while let (false, Some((_, earlier))) = (at.0.whole, &at.0.last) {
            at = earlier;
        }
        at.clone()
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
