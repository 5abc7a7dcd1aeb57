//! Every sink is published to, and one message has one shape in it, whoever publishes it.

use std::collections::BTreeMap;

use super::ContractFile;
use crate::diagnostic::{Code, Place};
use crate::read::Sink;

pub(super) fn check(sinks: &BTreeMap<String, Place>, contracts: &[ContractFile], sink: &Sink) {
    let publishers = || contracts.iter().filter_map(|contract| Some((contract, contract.said.to.as_ref()?)));
    let mut shapes = BTreeMap::new();
    for (contract, (to, _)) in publishers() {
        for (message, digest, place) in &contract.said.publishes {
            let (first, shape) = shapes.entry((to, message)).or_insert((&contract.said.name, digest));
            if *shape != digest {
                let hint = Some("give the new shape a name of its own, such as the next version".to_owned());
                let message =
                    format!("`{message}` has another shape in `{first}`, which publishes to `{to}` too");
                sink.error(Code::Message, place.clone(), message, hint);
            }
        }
    }
    // A contract that cannot be read may be the one that publishes to it.
    if contracts.iter().any(|contract| contract.law.is_none()) {
        return;
    }
    for (name, place) in sinks.iter().filter(|(name, _)| !publishers().any(|(_, (to, _))| to == *name)) {
        let hint = Some(format!("publish to it in a contract: `to: {name}`"));
        sink.warning(Code::UnusedSink, place.clone(), format!("no contract publishes to `{name}`"), hint);
    }
}
