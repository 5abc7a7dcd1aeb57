//! Prints what reading, writing, validating and judging one call costs, in nanoseconds.
//! Run with `cargo run --release -p mote-expr --example evaluate`.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods)]

use std::hint::black_box;
use std::time::Instant;

use mote_expr::{Bindings, Expr, Schema, Scope, Type, Value, parse};

const SCHEMA: &str = r#"{
    "type": "object", "required": ["orderId", "customerId", "region", "total", "lines"],
    "properties": {
        "orderId": {"type": "string", "pattern": "^[a-z0-9-]{1,40}$"},
        "customerId": {"type": "string", "maxLength": 40},
        "region": {"enum": ["north", "south"]},
        "total": {"type": "integer", "minimum": 0},
        "note": {"type": "string"},
        "lines": {"type": "array", "minItems": 1, "maxItems": 50, "items": {
            "type": "object", "required": ["sku", "quantity", "price"],
            "properties": {
                "sku": {"type": "string", "maxLength": 20},
                "quantity": {"type": "integer", "minimum": 1},
                "price": {"type": "integer", "minimum": 0}
            }
        }}
    }
}"#;

const INPUT: &str = r#"{"orderId":"order-2026-000123","customerId":"customer-42","region":"north","total":5297,"note":"Please ring twice, the bell is old.","lines":[{"sku":"tea-green-100","quantity":2,"price":1299},{"sku":"cup-blue","quantity":1,"price":1500},{"sku":"spoon-small","quantity":3,"price":399}]}"#;

const STOCK: &str = r#"{"tea-green-100":{"available":7},"cup-blue":{"available":1},"spoon-small":{"available":40},"cup-red":{"available":0}}"#;

const STOCK_SCHEMA: &str = r#"{"type":"object","additionalProperties":
    {"type":"object","required":["available"],"properties":{"available":{"type":"integer"}}}}"#;

const RULES: [&str; 3] = [
    "input.total >= 1000 && input.region != 'south'",
    "sum(input.lines.map(l, l.quantity * l.price)) == input.total - 3",
    "input.lines.all(l, l.quantity <= stock[l.sku].available)",
];

/// The fastest of several rounds: the others were disturbed.
fn measure(name: &str, mut run: impl FnMut()) {
    const CALLS: u32 = 20_000;
    let round = |run: &mut dyn FnMut()| {
        let start = Instant::now();
        (0..CALLS).for_each(|_| run());
        start.elapsed().as_nanos() / u128::from(CALLS)
    };
    let best = (0..15).map(|_| round(&mut run)).min().unwrap_or(0);
    println!("{best:>7} ns  {name}");
}

fn main() {
    let schema = Schema::compile(&parse(SCHEMA.as_bytes()).unwrap(), &mut ()).unwrap();
    let stock_schema = Schema::compile(&parse(STOCK_SCHEMA.as_bytes()).unwrap(), &mut ()).unwrap();
    let input: Value = parse(INPUT.as_bytes()).unwrap();
    let stock: Value = parse(STOCK.as_bytes()).unwrap();
    assert_eq!(schema.violations(&input), []);

    measure(&format!("parse {} bytes", INPUT.len()), || drop(black_box(parse(black_box(INPUT.as_bytes())))));
    measure("write the canonical bytes", || drop(black_box(input.canonical())));
    measure("hash the canonical bytes", || _ = black_box(input.digest()));
    measure("validate", || drop(black_box(schema.violations(black_box(&input)))));

    let mut scope = Scope::new();
    let input_slot = scope.bind("input", Type::of(&schema)).unwrap();
    let stock_slot = scope.bind("stock", Type::of(&stock_schema)).unwrap();
    let rules = RULES.map(|rule| Expr::compile_rule(rule, &scope).unwrap());
    let bind = || {
        let mut bindings = Bindings::new(&scope);
        bindings.set(input_slot, &input);
        bindings.set(stock_slot, &stock);
        bindings
    };
    measure("bind two names", || drop(black_box(bind())));
    let bindings = bind();
    for rule in &rules {
        let holds = rule.holds(&bindings);
        assert!(holds.is_ok(), "{holds:?}");
        measure(rule.source(), || drop(black_box(rule.holds(black_box(&bindings)))));
    }
    measure("compile the last rule", || drop(black_box(Expr::compile_rule(RULES[2], &scope))));
}
