//! No two triggers answer the same requests.

use super::ContractFile;
use super::workflows::Workflows;
use crate::contract::{Route, Segment};
use crate::diagnostic::Code;
use crate::read::Sink;

pub(super) fn check(contracts: &[ContractFile], workflows: &Workflows, sink: &Sink) {
    let of_contracts = contracts.iter().map(|contract| (&contract.said.name, &contract.said.routes));
    let of_workflows = workflows.said.iter().map(|said| (&said.name, &said.routes));
    let routes: Vec<_> = of_contracts
        .chain(of_workflows)
        .flat_map(|(name, routes)| routes.iter().map(move |(route, place)| (name, route, place)))
        .collect();
    for (at, (_, route, place)) in routes.iter().enumerate() {
        if let Some((other, same, _)) = routes[..at].iter().find(|(_, before, _)| collide(before, route)) {
            let message = format!(
                "`{} {}` answers the same requests as `{} {}` of `{other}`",
                route.method.name(),
                route.path_text(),
                same.method.name(),
                same.path_text(),
            );
            let hint = Some("change the method, or a fixed segment of one of the paths".to_owned());
            sink.error(Code::RouteCollision, (*place).clone(), message, hint);
        }
    }
}

/// Two routes collide where no request could tell them apart: a fixed segment is told from a field.
fn collide(a: &Route, b: &Route) -> bool {
    a.method == b.method
        && a.path.len() == b.path.len()
        && a.path.iter().zip(&b.path).all(|pair| match pair {
            (Segment::Fixed(a), Segment::Fixed(b)) => a == b,
            (Segment::Field(_), Segment::Field(_)) => true,
            _ => false,
        })
}
