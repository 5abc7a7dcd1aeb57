//! The system that the workflows of these tests are written in: stock, payments, shipments.

use mote_contract::{Files, Report, check};

const AGGREGATE: &str = "
aggregate: stock
state: {type: object, required: [left], properties: {left: {type: integer, minimum: 0}}}
initial: {left: 100}
events:
  Reserved:
    data: &data
      type: object
      required: [orderId, total]
      properties: {orderId: {type: string, maxLength: 40}, total: {type: integer, minimum: 0, maximum: 1000}}
    evolve: {left: 1}
  Released: {data: {type: object, required: [orderId], properties: {orderId: {type: string, maxLength: 40}}}}
  Delivered:
    data:
      type: object
      required: [orderId, at]
      properties:
        orderId: {type: string, maxLength: 40}
        at: {type: string, format: date-time}
        note: {type: string, maxLength: 10}
";

/// Each contract's name, kind and rest.
const CONTRACTS: [(&str, &str, &str); 8] = [
    (
        "reserve-stock",
        "command",
        "aggregate: stock
key: main
emits: [Reserved]
input:
  type: object
  required: [orderId, total]
  properties: {orderId: {type: string, maxLength: 40}, total: {type: integer, minimum: 1, maximum: 500}}
output:
  type: object
  required: [picks]
  properties:
    picks: {type: array, maxItems: 5, items: {type: string, maxLength: 20}}
    note: {type: string, maxLength: 20}
errors: [{code: out-of-stock}, {code: too-large, if: input.total > 400, data: {most: 400}}]",
    ),
    (
        "release-stock",
        "command",
        "aggregate: stock
key: main
emits: [Released]
input: {type: object, required: [orderId], properties: {orderId: {type: string, maxLength: 40}}}
output: {type: object}
errors: [{code: not-reserved}]",
    ),
    (
        "deliver",
        "command",
        "aggregate: stock
key: main
emits: [Delivered]
allow: \"'shipper' in caller.roles\"
input: {type: object, required: [orderId], properties: {orderId: {type: string, maxLength: 60}}}
output: {type: object}
requires: {short: size(input.orderId) < 50}",
    ),
    (
        "quote",
        "function",
        "input: {type: object, required: [total], properties: {total: {type: integer, minimum: 0, maximum: 1000}, currency: {enum: [eur, usd], default: eur}}}
output: {type: object, required: [price, kind], properties: {price: {type: integer, minimum: 0, maximum: 2000}, kind: {enum: [small, large]}}}",
    ),
    (
        "label",
        "function",
        "input: {type: object, required: [text], properties: {text: {type: string, maxLength: 50}}}
output: {type: object, required: [url], properties: {url: {type: string, maxLength: 100}}}",
    ),
    (
        "ready",
        "function",
        "input: {type: object, required: [orderId], properties: {orderId: {type: string, maxLength: 40}}}
output: {type: object, required: [done], properties: {done: {type: boolean}}}",
    ),
    ("guess", "function", "output: {format: mote:json}"),
    (
        "announce",
        "publisher",
        "subscribes: [Reserved]\npublishes: {reserved.v1: {type: object}}\nto: partners",
    ),
];

/// What every workflow of a test begins with.
const HEAD: &str = "
input:
  type: object
  required: [orderId, total, lines]
  properties:
    orderId: {type: string, maxLength: 40}
    total: {type: integer, minimum: 1, maximum: 400}
    lines: {type: array, maxItems: 10, items: {type: object, required: [sku], properties: {sku: {type: string, maxLength: 20}}}}
    at: {type: string, format: date-time, default: \"2026-01-01T00:00:00Z\"}
    note: {type: string, maxLength: 10}
errors: [{code: rejected}]
";

/// The system with these workflows, each a name and what follows its head.
pub(crate) fn system(workflows: &[(&str, &str)]) -> Files {
    let mut files = Files::new();
    files.add("mote.yaml", "system: shop\nsinks: {partners: {kind: log}}\n");
    files.add("aggregates/stock.yaml", AGGREGATE.replace("&data", ""));
    for (name, kind, rest) in CONTRACTS {
        files.add(format!("contracts/{name}.yaml"), format!("contract: {name}\nkind: {kind}\n{rest}\n"));
    }
    for (name, rest) in workflows {
        files.add(format!("workflows/{name}.yaml"), format!("workflow: {name}{HEAD}{rest}"));
    }
    files
}

/// What is said of a workflow whose steps and the rest are `rest`, without what the head's own lines cause.
pub(crate) fn said(rest: &str) -> (Report, Vec<String>) {
    let files = system(&[("flow", rest)]);
    let report = check(&files);
    let told = report.diagnostics.iter().map(|found| {
        let (line, column) = files.line_column(found.place.file, found.place.span.start);
        let (head, path) = (HEAD.lines().count(), files.path(found.place.file));
        let path = path.strip_prefix("workflows/").unwrap_or(path);
        let line = if path == "flow.yaml" { line.saturating_sub(head) } else { line };
        let hint = found.hint.as_deref().unwrap_or("");
        format!("{path}:{line}:{column} {} {}\n  hint: {hint}", found.code, found.message)
    });
    let told =
        told.filter(|line| !line.contains("M032") && !line.contains("nothing ends in `rejected`")).collect();
    (report, told)
}
