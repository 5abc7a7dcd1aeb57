//! Every event of an aggregate is emitted by some contract, or it can never happen.

use super::{Aggregates, ContractFile};
use crate::diagnostic::Code;
use crate::read::Sink;

pub(super) fn check(aggregates: &Aggregates, contracts: &[ContractFile], sink: &Sink) {
    // A contract that cannot be read may be the one that emits it.
    if contracts.iter().any(|contract| contract.law.is_none()) {
        return;
    }
    for (name, file) in &aggregates.good {
        for (event, place) in &file.events {
            let emitted = contracts.iter().any(|contract| {
                contract.said.aggregate.as_ref() == Some(name) && contract.said.emits.contains(event)
            });
            if !emitted {
                let hint = Some(format!("add it to a contract: `emits: [{event}]`"));
                let message = format!("no contract emits `{event}`");
                sink.warning(Code::UnusedEvent, place.clone(), message, hint);
            }
        }
    }
}
