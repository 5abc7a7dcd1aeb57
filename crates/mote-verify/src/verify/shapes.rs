//! The older shapes of events: whatever was stored in them must come out as data of the shape that is
//! declared now. Where it does not, the aggregate is wrong, and no service is asked.

use std::collections::BTreeMap;

use mote_contract::{Aggregate, EventType, FoldError, Law, OldShape, Subscription};
use mote_expr::Value;

use super::{Run, Staged, parallel};
use crate::cases::{Known, Values};
use crate::random::Random;
use crate::shrink::simplest;
use crate::verification::{Fault, Rejection, Stage};

/// How many events of each older shape are tried.
const EVENTS_EACH: usize = 128;

impl Run<'_> {
    pub(super) fn shapes(&self) -> Staged<()> {
        let mut unreadable = Vec::new();
        for (kind, (aggregate, event)) in evolved(self.law) {
            for (old, shape) in event.was.iter().zip(1..) {
                unreadable.extend(self.first_unreadable(aggregate, kind, old, shape));
            }
        }
        if unreadable.is_empty() {
            return Ok(());
        }
        Err(Box::new(Rejection { unreadable, ..Rejection::of(Stage::Contract, Fault::Contract) }))
    }

    /// What is wrong with the simplest event of an older shape that cannot be read now, if there is any.
    fn first_unreadable(
        &self,
        aggregate: &Aggregate,
        kind: &str,
        old: &OldShape,
        shape: u32,
    ) -> Option<String> {
        let (values, known) = (Values::of([&old.data]), Known::new());
        let purpose = format!("events/{kind}/was/{shape}");
        let wrong = |data: &Value| why_unreadable(self.law, aggregate, kind, shape, data);
        let found = parallel::map(
            self.plan.threads,
            EVENTS_EACH,
            &|done| self.tell(Stage::Contract, done, EVENTS_EACH),
            &|index| {
                let mut random = Random::of(&self.plan.seed, &purpose, index as u64);
                values.value(&old.data, &known, &mut random).filter(|data| wrong(data).is_some())
            },
        );
        let first = found.into_iter().flatten().min_by_key(|data| data.canonical().len())?;
        let data = simplest(&old.data, first, &|simpler| wrong(simpler).is_some());
        let why = wrong(&data)?;
        Some(format!("a stored `{kind}` of version {shape} could not be read: {why}. Its data: {data}"))
    }
}

/// The types of events with older shapes that a case of `law` may begin with, and whose they are.
fn evolved(law: &Law) -> BTreeMap<&str, (&Aggregate, &EventType)> {
    let own = law.aggregate.iter().flat_map(|aggregate| {
        aggregate.events.iter().map(|(kind, event)| (kind.as_str(), (&**aggregate, event)))
    });
    let read = law.reads.iter().flat_map(|reads| &reads.view.from).filter_map(|(kind, source)| {
        Some((kind.as_str(), (&*source.aggregate, source.aggregate.events.get(kind)?)))
    });
    let followed = law.publishing.iter().flat_map(|publishing| &publishing.subscribes);
    let followed = followed.filter_map(|subscription| {
        let Subscription { aggregate, event } = subscription;
        Some((event.as_str(), (&**aggregate, aggregate.events.get(event)?)))
    });
    // Of two aggregates with an event of one name, the contract's own is meant.
    read.chain(followed).chain(own).filter(|(_, (_, event))| !event.was.is_empty()).collect()
}

/// Why data of an older shape cannot be read, or not be folded then.
fn why_unreadable(law: &Law, aggregate: &Aggregate, kind: &str, shape: u32, data: &Value) -> Option<String> {
    let event = match aggregate.read(kind, shape, data.clone()) {
        Ok(event) => event,
        Err(error) => return Some(error.to_string()),
    };
    // That it may not happen at the very beginning says nothing; that it cannot be evaluated does.
    match law.with_event(&law.nothing_before(), &event) {
        Err(error @ FoldError::Fault(..)) => Some(error.to_string()),
        _ => None,
    }
}
