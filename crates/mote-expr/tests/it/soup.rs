//! Whatever the text, compiling it ends in an expression or a refusal with a place inside the
//! text; and what compiles evaluates to a value or an error, never to a panic.

use mote_expr::expr::COST_MAX;
use mote_expr::{Bindings, Distance, Expr, Schema, Scope, Template, Type, Uses, Value, parse};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use crate::sample;

/// One name of every type.
const SCHEMA: &str = r#"{
    "type": "object", "required": ["t", "n", "f", "b", "l", "o", "j", "u"],
    "properties": {
        "t": {"type": "string", "maxLength": 20}, "n": {"type": "integer"}, "f": {"type": "number"},
        "b": {"type": "boolean"}, "l": {"type": "array", "maxItems": 5, "items": {"type": "integer"}},
        "o": {"type": "object", "properties": {"n": {"type": "integer"}}},
        "m": {"type": "object", "additionalProperties": {"type": "string"}},
        "j": {"format": "mote:json"}, "u": {"type": ["integer", "null"]}
    }
}"#;

fn scope() -> Scope {
    let schema = Schema::compile(&parse(SCHEMA.as_bytes()).unwrap(), &mut ()).unwrap();
    let mut scope = Scope::new();
    scope.bind("i", Type::of(&schema)).unwrap();
    scope.bind("any", Type::Dyn).unwrap();
    scope
}

const TOKENS: &[&str] = &[
    "i",
    "any",
    "x",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ".",
    ",",
    "?",
    ":",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    "==",
    "!=",
    "<",
    ">=",
    "&&",
    "||",
    "in",
    "1",
    "1u",
    "0x",
    "1.5",
    "1e",
    "'a'",
    "\"",
    "'",
    "'''",
    "r'\\'",
    "b'x'",
    "`",
    "\\",
    "é",
    "\u{0}",
    "\n",
    "//",
    " ",
    "null",
    "true",
    "has",
    ".all",
    "size",
    "for",
    ".?",
    "[?",
    "@",
    "$",
    "=",
    "&",
    "|",
    "😀",
    "'\\u",
    "'\\ud800'",
    "99999999999999999999",
    "i.t",
    "i.j",
    "T{a:1}",
    "{?a:1}",
    "-9007199254740991",
    "\r",
    "${",
    "}",
];

/// Expressions that mostly parse: built from the inside out, with the names of the scope.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "1",
        "0",
        "-3",
        "2.5",
        "'a'",
        "''",
        "true",
        "null",
        "[]",
        "[1, 2]",
        "i.t",
        "i.n",
        "i.f",
        "i.b",
        "i.l",
        "i.o",
        "i.j",
        "i.u",
        "any",
        "any.a",
        "x",
        "9007199254740991",
        "{'a': 1}",
        "i.j.k",
        "i.m",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(5, 60, 4, |inner| {
        let binary = prop::sample::select(vec![
            "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "in",
        ]);
        let method = prop::sample::select(vec![
            "size",
            "trim",
            "sort",
            "distinct",
            "reverse",
            "flatten",
            "join",
            "lowerAscii",
            "startsWith",
            "contains",
            "split",
            "replace",
            "substring",
            "indexOf",
            "slice",
            "upperAscii",
            "endsWith",
        ]);
        let global = prop::sample::select(vec![
            "size", "sum", "min", "max", "unique", "by", "mulDiv", "abs", "int", "double", "string", "has",
            "matches",
        ]);
        let looped = prop::sample::select(vec!["all", "exists", "exists_one", "filter", "map", "sortBy"]);
        let list = prop::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            (inner.clone(), binary, inner.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            inner.clone().prop_map(|a| format!("!{a}")),
            inner.clone().prop_map(|a| format!("-{a}")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}[{b}]")),
            (inner.clone(), method, list.clone())
                .prop_map(|(a, name, list)| format!("{a}.{name}({})", list.join(", "))),
            (global, list.clone()).prop_map(|(name, list)| format!("{name}({})", list.join(", "))),
            (inner.clone(), looped, inner.clone()).prop_map(|(a, name, b)| format!("{a}.{name}(x, {b})")),
            list.prop_map(|list| format!("[{}]", list.join(", "))),
            inner.prop_map(|a| format!("{{'k': {a}}}")),
        ]
    })
}

fn check(source: &str, i: &Value, any: &Value) {
    let scope = scope();
    let mut bindings = Bindings::new(&scope);
    bindings.set(scope.slot("i").unwrap(), i);
    bindings.set(scope.slot("any").unwrap(), any);
    match Expr::compile(source, &scope) {
        Ok(expr) => {
            assert!(expr.cost() <= COST_MAX);
            match expr.eval(&bindings) {
                Ok(value) => assert_eq!(parse(&value.canonical()).as_ref(), Ok(value.as_ref()), "{source}"),
                Err(error) => {
                    let span = error.span.0 as usize..error.span.1 as usize;
                    assert!(source.get(span.clone()).is_some(), "{source} {span:?} {error}");
                }
            }
            for term in expr.explain(&bindings) {
                assert!(source.contains(&term.text), "{source} {term:?}");
            }
            measured(source, &expr, &scope, &bindings);
        }
        Err(error) => assert!(source.get(error.span.clone()).is_some(), "{source} {error:?}"),
    }
}

/// What an expression comes to is where its distance is 0, and what schemas prove of it is so.
fn measured(source: &str, expr: &Expr, scope: &Scope, bindings: &Bindings<'_>) {
    let schema = Schema::compile(&parse(SCHEMA.as_bytes()).unwrap(), &mut ()).unwrap();
    let slot = scope.slot("i").unwrap();
    let schemas = |of| (of == slot).then_some(&schema);
    if let Ok(holds) = expr.holds(bindings) {
        let truth = expr.truth(bindings);
        let reached = (truth.to_true.is_reached(), truth.to_false.is_reached());
        assert_eq!(reached, (holds, !holds), "{source}");
        // The proof is about values that fit, which `null` for `i` does not.
        if bindings_fit(scope, bindings) {
            assert!(scope.proven(expr, &schemas).is_none_or(|proven| proven == holds), "{source}");
        }
    }
    for atom in scope.atoms(expr, Uses::of(slot), &schemas) {
        let own = source.get(atom.span.0 as usize..atom.span.1 as usize);
        assert!(own.is_some() && !atom.goals.is_empty(), "{source} {atom:?}");
        for goal in &atom.goals {
            assert!(atom.measure(goal, bindings).distance >= Distance::REACHED, "{source} {atom:?}");
        }
    }
}

fn bindings_fit(scope: &Scope, bindings: &Bindings<'_>) -> bool {
    let bound = Expr::compile("i == null", scope).map(|expr| expr.holds(bindings));
    bound != Ok(Ok(true))
}

/// A value that fits `SCHEMA`, with odd texts and any JSON.
fn input() -> impl Strategy<Value = Value> {
    let list = prop::collection::vec((-5i64..5).prop_map(Value::Int), 0..5).prop_map(Value::list);
    (sample::text(), -5i64..5, sample::number(), any::<bool>(), list, sample::value()).prop_map(
        |(t, n, f, b, l, j)| {
            Value::object([
                ("t", Value::text(t)),
                ("n", Value::Int(n)),
                ("f", f),
                ("b", Value::Bool(b)),
                ("l", l),
                ("o", Value::object([("n", Value::Int(n))])),
                ("j", j),
                ("u", Value::Null),
            ])
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn tokens_in_any_order(tokens in prop::collection::vec(prop::sample::select(TOKENS), 1..14), spaced in any::<bool>()) {
        check(&tokens.join(if spaced { " " } else { "" }), &Value::Null, &Value::Null);
    }

    #[test]
    fn any_text(text in "\\PC{0,40}") {
        check(&text, &Value::Null, &Value::Null);
    }

    #[test]
    fn any_expression(source in expression(), i in input(), any in sample::value()) {
        check(&source, &i, &any);
    }

    #[test]
    fn any_template(tokens in prop::collection::vec(prop::sample::select(TOKENS), 1..14), i in input()) {
        let text = tokens.concat();
        let scope = scope();
        let mut bindings = Bindings::new(&scope);
        bindings.set(scope.slot("i").unwrap(), &i);
        match Template::compile(&Value::text(&text), &scope) {
            Ok(template) => drop(template.eval(&bindings)),
            Err(errors) => for error in errors {
                prop_assert!(text.get(error.error.span.clone()).is_some(), "{} {:?}", text, error);
            }
        }
    }
}

/// A good part of what is generated must compile, or nothing would be shown.
#[test]
fn the_soup_is_rich() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let scope = scope();
    let compiled = (0..1_000)
        .filter(|_| Expr::compile(&expression().new_tree(&mut runner).unwrap().current(), &scope).is_ok())
        .count();
    assert!(compiled > 100, "only {compiled} of 1000 compile");
}
