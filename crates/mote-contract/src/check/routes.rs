//! No two triggers answer the same requests.

use crate::contract::{Route, Segment};
use crate::diagnostic::Code;
use crate::read::Sink;
use crate::system::System;

pub(super) fn check(system: &System, sink: &Sink) {
    let routes: Vec<_> = system
        .laws
        .values()
        .flat_map(|law| law.contract.routes.iter().map(move |route| (law, route)))
        .collect();
    for (at, (law, route)) in routes.iter().enumerate() {
        if let Some((other, same)) = routes[..at].iter().find(|(_, before)| collide(before, route)) {
            let message = format!(
                "`{} {}` collides with `{} {}` of `{}`",
                route.method.name(),
                route.path_text(),
                same.method.name(),
                same.path_text(),
                other.contract.name
            );
            sink.error(Code::RouteCollision, law.contract.place.clone(), message, None);
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
