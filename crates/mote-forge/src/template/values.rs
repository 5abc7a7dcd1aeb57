//! What each text is rendered with: the names that it can use, and values to try it with.

use serde_json::{Value, json};

use super::{ADAPTER, LIBRARY};

/// The names that each text can use.
pub(crate) const VARIABLES: [(&str, &[&str]); 12] = [
    (ADAPTER, &["prelude", "places", "modules", "operations"]),
    (LIBRARY, &["errors"]),
    ("operation/aggregate.yaml", &["name", "handler", "aggregate", "event"]),
    ("operation/command-of-new.ts", &["name", "handler", "aggregate", "event"]),
    ("operation/command-of-new.yaml", &["name", "handler", "aggregate", "event"]),
    ("operation/command.ts", &["name", "handler", "aggregate", "events"]),
    ("operation/command.yaml", &["name", "handler", "aggregate", "events"]),
    ("operation/function.ts", &["name", "handler"]),
    ("operation/function.yaml", &["name", "handler"]),
    ("operation/publisher.ts", &["name", "handler", "events", "sink"]),
    ("operation/publisher.yaml", &["name", "handler", "events", "sink"]),
    ("operation/query.yaml", &["name", "handler", "view", "row"]),
];

/// A value for each name, to try a text with.
pub(super) fn samples(prelude: &str) -> Value {
    json!({
        "prelude": prelude,
        "places": "\"[]\"",
        "modules": "",
        "operations": [{"name": "\"place-order\"", "file": "\"place-order.ts\""}],
        "errors": [{"operation": "\"place-order\"", "codes": "\"out-of-stock\""}],
        "name": "place-order",
        "handler": "placeOrder",
        "aggregate": "order",
        "event": "OrderNoted",
        "events": "[OrderNoted]",
        "sink": "orders",
        "view": "open-orders",
        "row": "../views/open-orders.yaml#/row",
    })
}
