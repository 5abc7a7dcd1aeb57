//! Contracts of one service belong together: they touch the same aggregate.

use std::collections::BTreeMap;

use super::ContractFile;
use crate::diagnostic::Code;
use crate::read::Sink;

pub(super) fn check(contracts: &[ContractFile], sink: &Sink) {
    let (derived, contracts): (Vec<_>, Vec<_>) = contracts.iter().partition(|contract| contract.said.derived);
    for contract in &contracts {
        let Some((service, place)) = &contract.said.service else { continue };
        if derived.iter().any(|other| other.said.name == *service) {
            let message = format!("`{service}` has no service: the rules of its contract answer");
            let hint = Some(format!("give it a service of its own: `service: {}`", contract.said.name));
            sink.error(Code::Service, place.clone(), message, hint);
        }
    }
    let mut services: BTreeMap<&str, &ContractFile> = BTreeMap::new();
    for contract in contracts {
        // What an unreadable contract touches is not known.
        let Some((service, place)) = contract.said.service.as_ref().filter(|_| contract.law.is_some()) else {
            continue;
        };
        let Some(first) = services.get(service.as_str()) else {
            services.insert(service, contract);
            continue;
        };
        if first.said.aggregate != contract.said.aggregate {
            let touched = |contract: &ContractFile| match &contract.said.aggregate {
                Some(aggregate) => format!("`{}` touches aggregate `{aggregate}`", contract.said.name),
                None => format!("`{}` touches no aggregate", contract.said.name),
            };
            let message = format!(
                "service `{service}` is behind contracts that do not belong together: {}, {}",
                touched(first),
                touched(contract)
            );
            let hint = Some(format!("give it a service of its own: `service: {}`", contract.said.name));
            sink.error(Code::Service, place.clone(), message, hint);
        }
    }
}
