//! Calls of functions that a system defines: what they mean, what they cost, and what is refused.
//! A function is written as its parameters with their schemas, and its body.

use std::sync::Arc;

use mote_expr::expr::Definition;
use mote_expr::{Bindings, Digest, Expr, ExprError, Schema, Scope, Type, Value, parse};

const LINE: &str = r#"{"type": "object", "required": ["sku", "n"], "properties": {
    "sku": {"type": "string", "maxLength": 5}, "n": {"type": "integer"}, "note": {"type": "string"}}}"#;

/// A name, parameters with their schemas, and a body.
type Written = (&'static str, Vec<(&'static str, String)>, &'static str);

/// Functions in order, each calling those before it.
fn functions() -> Vec<Written> {
    let lines = format!(r#"{{"type": "array", "maxItems": 10, "items": {LINE}}}"#);
    let text = |max: u64| format!(r#"{{"type": "string", "maxLength": {max}}}"#);
    let int = || r#"{"type": "integer"}"#.to_owned();
    vec![
        ("half", vec![("n", int())], "n / 2"),
        ("ratio", vec![("a", int()), ("b", int())], "a / b"),
        ("worth", vec![("line", LINE.to_owned()), ("price", int())], "line.n * price"),
        ("total", vec![("lines", lines.clone()), ("price", int())], "sum(lines.map(l, worth(l, price)))"),
        ("known", vec![("lines", lines), ("sku", text(5))], "lines.exists(l, l.sku == sku)"),
        ("noted", vec![("line", LINE.to_owned())], "has(line.note) ? line.note : 'none'"),
        ("nothing", vec![], "0"),
        ("maybe", vec![("n", r#"{"type": ["integer", "null"]}"#.to_owned())], "n != null && n > 2"),
        ("ratioed", vec![("a", int())], "ratio(a, a - a)"),
        (
            "most",
            vec![(
                "by",
                r#"{"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": 4}"#
                    .to_owned(),
            )],
            "max(by.map(k, by[k]) + [0])",
        ),
    ]
}

fn ty(schema: &str) -> Type {
    Type::of(&Schema::compile(&parse(schema.as_bytes()).unwrap(), &mut ()).unwrap())
}

/// A scope with all functions, `input` and the `let` `twice`.
fn scope() -> Scope {
    let mut base = Scope::new();
    for (line, (name, parameters, body)) in functions().into_iter().enumerate() {
        let mut inner = base.clone();
        for (parameter, schema) in &parameters {
            inner.bind(parameter, ty(schema)).unwrap();
        }
        let expr = Expr::compile(body, &inner).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let origin = format!("definitions/sums.yaml:{}", line + 1);
        let digest = Digest::of(name.as_bytes());
        base.define(Arc::new(Definition::new(name, &origin, digest, inner, expr)));
    }
    base.mention(Arc::new([("sphere".to_owned(), "add `use: [shapes]`".to_owned())].into()));
    let input = r#"{"type": "object", "required": ["lines", "more", "sku", "long", "any", "by", "named"], "properties": {
        "lines": {"type": "array", "maxItems": 10, "items": {"type": "object", "required": ["sku", "n"],
            "properties": {"sku": {"type": "string", "maxLength": 5}, "n": {"type": "integer"}}}},
        "more": {"type": "array", "maxItems": 11, "items": {"type": "object"}},
        "sku": {"type": "string", "maxLength": 5}, "long": {"type": "string", "maxLength": 6},
        "opt": {"type": "object", "properties": {"n": {"type": "integer"}}},
        "partial": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}, "sku": {"type": "string", "maxLength": 5}}},
        "any": {"format": "mote:json"}, "maybe": {"type": ["integer", "null"]},
        "by": {"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": 5},
        "named": {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
    }}"#;
    base.bind("input", ty(input)).unwrap();
    let twice = Expr::compile("half(size(input.lines)) * 4", &base).unwrap();
    base.derive("twice", twice).unwrap();
    base
}

const INPUT: &str = r#"{"lines": [{"sku": "a", "n": 2}, {"sku": "b", "n": 3}], "more": [], "sku": "b", "long": "bbbbbb",
    "any": 8, "by": {"x": 1}, "named": {"a": 7}, "maybe": null}"#;

#[track_caller]
fn value(source: &str, expected: &str) {
    let scope = scope();
    let expr = Expr::compile(source, &scope).unwrap_or_else(|error| panic!("{source}: {error:?}"));
    let input = parse(INPUT.as_bytes()).unwrap();
    let mut bindings = Bindings::new(&scope);
    bindings.set(scope.slot("input").unwrap(), &input);
    let found = match expr.eval(&bindings) {
        Ok(value) => value.to_string(),
        Err(error) => format!("error: {error}"),
    };
    assert_eq!(found, expected, "{source}");
}

#[test]
fn a_call_has_the_value_of_its_body() {
    let cases = [
        ("half(8)", "4"),
        ("half(half(8)) + 1", "3"),
        ("nothing()", "0"),
        ("total(input.lines, 10)", "50"),
        ("twice", "4"),
        ("known(input.lines, input.sku)", "true"),
        ("input.lines.map(l, worth(l, half(l.n)))", "[2,3]"),
        ("noted({'sku': 'a', 'n': 1})", r#""none""#),
        ("noted({'sku': 'a', 'n': 1, 'note': 'x'})", r#""x""#),
        ("total([], 3)", "0"),
        ("maybe(input.any == 8 ? null : 1)", "false"),
        ("maybe(3)", "true"),
        ("most(input.named)", "7"),
        // What is dynamic is looked at when it is known.
        ("noted(input.any)", "error: `line` of `noted` is an object within its bounds"),
        ("most({'a': 1, 'b': input.any})", "8"),
        ("half(input.any)", "4"),
        ("half(input.any == 8 ? input.any : 2)", "4"),
        ("ratio(1, 0)", "error: `ratio` (definitions/sums.yaml:2): division by zero"),
        (
            "ratioed(4)",
            "error: `ratioed` (definitions/sums.yaml:9): `ratio` (definitions/sums.yaml:2): division by zero",
        ),
    ];
    for (source, expected) in cases {
        value(source, expected);
    }
}

/// `source` is refused at the text between `»` and `«`, with this message and hint.
#[track_caller]
fn refused(marked: &str, message: &str, hint: &str) {
    let start = marked.find('»').unwrap();
    let end = marked.find('«').unwrap() - '»'.len_utf8();
    let source = marked.replace(['»', '«'], "");
    let error: ExprError = match Expr::compile(&source, &scope()) {
        Ok(expr) => panic!("{source} compiles, to {}", expr.ty()),
        Err(error) => error,
    };
    let found = (error.message.as_str(), error.hint.as_deref().unwrap_or(""), source.get(error.span.clone()));
    assert_eq!(found, (message, hint, source.get(start..end)), "{source}");
}

#[test]
fn a_call_that_does_not_fit_is_refused_where_it_stands() {
    refused("»half()«", "`half` takes one argument, this has 0", "its form is `half(n)`");
    refused("1 + »nothing(1)«", "`nothing` takes no argument, this has 1", "its form is `nothing()`");
    refused("»worth(1)« > 2", "`worth` takes 2 arguments, this has 1", "its form is `worth(line, price)`");
    refused("half(»'a'«)", "`n` of `half` is an integer, this is a string", "");
    refused("half(»1.5«)", "`n` of `half` is an integer, this is a number", "");
    refused(
        "known(input.lines, »input.long«)",
        "`sku` of `known` has at most 5 characters, this may have 6",
        "let the parameter have `maxLength: 6`, or what is given `maxLength: 5`",
    );
    refused(
        "total(»input.more«, 1)",
        "`lines` of `total` has at most 10 items, this may have 11",
        "let the parameter have `maxItems: 11`, or what is given `maxItems: 10`",
    );
    refused(
        "total(»[{'sku': 'abcdef', 'n': 1}]«, 1)",
        "`lines[].sku` of `total` has at most 5 characters, this may have 6",
        "let the parameter have `maxLength: 6`, or what is given `maxLength: 5`",
    );
    refused(
        "most(»input.by«)",
        "`by` of `most` has at most 4 properties, this may have 5",
        "let the parameter have `maxProperties: 5`, or what is given `maxProperties: 4`",
    );
    refused(
        "worth(»input.named«, 1)",
        "`line` of `worth` has no field `a`, which this has",
        "give the parameter a field `a`, or make an object of what it takes",
    );
    refused(
        "worth(»{'sku': 'a'}«, 1)",
        "`line` of `worth` has a field `n`, which this has not",
        "give it `'n': …`, or let the parameter leave it out",
    );
    refused(
        "has(input.partial) && worth(»input.partial«, 1) > 2",
        "`line` of `worth` always has `sku`, which may be missing here",
        "guard it with `has(….sku)`, or let the parameter leave it out",
    );
    refused(
        "has(input.maybe) && half(»input.maybe«) == 1",
        "`n` of `half` is an integer, this may be null",
        "guard it: `x != null && …`, or let the parameter be null too",
    );
    refused("»input.lines.half()« == 2", "there is no function `half`", "write it as `half(x)`");
    refused("»hlaf(2)«", "there is no function `hlaf`", "did you mean `half`?");
    refused("»sphere(2)«", "there is no function `sphere`", "add `use: [shapes]`");
    refused("»spheer(2)«", "there is no function `spheer`", "did you mean `sphere`? add `use: [shapes]`");
}

#[test]
fn a_call_costs_its_body_for_the_largest_arguments() {
    let scope = scope();
    let cost = |source: &str| Expr::compile(source, &scope).unwrap().cost();
    let (once, all) = (cost("worth({'sku': 'a', 'n': 1}, 2)"), cost("total(input.lines, 2)"));
    assert!(all > 10 * (once - 8), "{all} for ten lines, {once} for one");
    assert!(cost("input.lines.map(l, total(input.lines, l.n))") > 10 * all);
}

#[test]
fn what_is_mentioned_and_called_is_known() {
    let scope = scope();
    let expr = Expr::compile("total(input.lines, half(twice)) > worth(input.lines[0], 1)", &scope).unwrap();
    assert_eq!(scope.names_of(expr.mentions()), ["input", "twice"]);
    assert_eq!(scope.names_of(expr.uses()), ["input"]);
    let called: Vec<_> = expr.calls().into_iter().map(|called| called.form()).collect();
    assert_eq!(called, ["total(lines, price)", "half(n)", "worth(line, price)"]);
}

#[test]
fn a_call_is_as_far_from_true_as_its_body() {
    let scope = scope();
    let far = |n: i64| {
        let input = parse(INPUT.replacen("\"any\": 8", &format!("\"any\": {n}"), 1).as_bytes()).unwrap();
        let mut bindings = Bindings::new(&scope);
        bindings.set(scope.slot("input").unwrap(), &input);
        Expr::compile("maybe(input.any)", &scope).unwrap().truth(&bindings).to_true
    };
    assert!(far(-40) > far(0) && far(0) > far(2) && far(2) > far(3));
}

#[test]
fn an_explanation_shows_what_calls_came_to() {
    let scope = scope();
    let input = parse(INPUT.as_bytes()).unwrap();
    let mut bindings = Bindings::new(&scope);
    bindings.set(scope.slot("input").unwrap(), &input);
    let explained = |source: &str| {
        let expr = Expr::compile(source, &scope).unwrap();
        let terms = expr.explain(&bindings).into_iter();
        terms.map(|term| format!("{} = {}", term.text, term.value)).collect::<Vec<_>>().join(", ")
    };
    let cases = [
        ("total(input.lines, 10) == 51", "total(input.lines, 10) = 50"),
        (
            "total(input.lines, 10) + half(9) == 51",
            "total(input.lines, 10) + half(9) = 54, total(input.lines, 10) = 50, half(9) = 4",
        ),
        // In a loop a call has no single value.
        ("input.lines.map(l, worth(l, 1)) == [1]", "input.lines.map(l, worth(l, 1)) = [2,3], [1] = [1]"),
        (
            "known(input.lines, 'c')",
            r#"known(input.lines, 'c') = false, input.lines = [{"n":2,"sku":"a"},{"n":3,"sku":"b"}]"#,
        ),
        ("maybe(1)", "maybe(1) = false, n = 1"),
        ("!maybe(input.lines[1].n)", "maybe(input.lines[1].n) = true, input.lines[1].n = 3, n = 3"),
    ];
    for (source, expected) in cases {
        assert_eq!(explained(source), expected, "{source}");
    }
    assert_eq!(Value::Int(4), *Expr::compile("twice", &scope).unwrap().eval(&bindings).unwrap());
}
