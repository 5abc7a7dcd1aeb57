//! What an expression can come to, as a schema: as narrow as the bounds let it be, and never too narrow.

use std::sync::Arc;

use mote_expr::Schema;
use mote_expr::schema::{Refs, Shape};
use mote_expr::{Bindings, Expr, Scope, Slot, Template, Type, Value, parse};

/// What the names of these tests are: `x` 1 to 10, `y` -5 to 5, `t` and `u` texts, `list` integers, `o` an object.
const NAMES: [(&str, &str); 7] = [
    ("x", r#"{"type": "integer", "minimum": 1, "maximum": 10}"#),
    ("y", r#"{"type": "integer", "minimum": -5, "maximum": 5}"#),
    ("t", r#"{"type": "string", "minLength": 2, "maxLength": 5}"#),
    ("b", r#"{"type": "boolean"}"#),
    (
        "list",
        r#"{"type": "array", "minItems": 1, "maxItems": 4, "items": {"type": "integer", "minimum": 0, "maximum": 9}}"#,
    ),
    (
        "o",
        r#"{"type": "object", "required": ["kind"], "properties": {"kind": {"enum": ["a", "b"]}, "n": {"type": "integer", "minimum": 3, "maximum": 4}}}"#,
    ),
    ("any", r#"{"format": "mote:json"}"#),
];

struct NoRefs;

impl Refs for NoRefs {
    fn resolve(&mut self, reference: &str) -> Result<Arc<Schema>, String> {
        Err(format!("there is no `{reference}`"))
    }
}

fn names() -> (Scope, Vec<(Slot, Arc<Schema>)>) {
    let mut scope = Scope::new();
    let bound = NAMES.map(|(name, text)| {
        let schema = Schema::compile(&parse(text.as_bytes()).unwrap(), &mut NoRefs).unwrap();
        (scope.bind(name, Type::of(&schema)).unwrap(), Arc::new(schema))
    });
    (scope, bound.to_vec())
}

fn inferred(source: &str) -> Schema {
    let (scope, bound) = names();
    let expr = Expr::compile(source, &scope).unwrap_or_else(|error| panic!("{source}: {}", error.message));
    expr.schema(&|slot| bound.iter().find(|(known, _)| *known == slot).map(|(_, schema)| schema.clone()))
}

/// The schema in a word or two.
fn shown(schema: &Schema) -> String {
    let text = match &schema.shape {
        Shape::Json { .. } => "any".to_owned(),
        Shape::Bool => "boolean".to_owned(),
        Shape::Int { min, max, .. } => format!("{min}..{max}"),
        Shape::Number { .. } => "number".to_owned(),
        Shape::Text(text) => format!("text {}..{}", text.min, text.max),
        Shape::Enum(values) => Value::list(values.iter().cloned()).to_string(),
        Shape::List { item, min, max, .. } => format!("[{}] {min}..{max}", shown(item)),
        Shape::Object(fields) => {
            let fields: Vec<_> =
                fields.iter().map(|field| format!("{}: {}", field.name, shown(&field.schema))).collect();
            format!("{{{}}}", fields.join(", "))
        }
        Shape::Map { value, max } => format!("map {} ..{max}", shown(value)),
        Shape::OneOf { .. } => "one of".to_owned(),
    };
    if schema.nullable { format!("{text} or null") } else { text }
}

const CASES: [(&str, &str); 36] = [
    ("x", "1..10"),
    ("x + y", "-4..15"),
    ("x - y", "-4..15"),
    ("x * y", "-50..50"),
    ("-x", "-10..-1"),
    ("y / x", "-5..5"),
    ("y % x", "-5..5"),
    ("x % 4", "0..3"),
    ("7", "[7]"),
    ("x + 1", "2..11"),
    ("b ? x : y", "-5..10"),
    ("b ? 1 : 2", "[1,2]"),
    ("b ? x : 4", "1..10"),
    ("x > 3 && b", "boolean"),
    ("t + '!'", "text 3..6"),
    ("size(t) + size(list)", "3..9"),
    ("sum(list)", "0..36"),
    ("max(x, 7)", "7..10"),
    ("min(x + 1, 10)", "2..10"),
    ("min(list)", "0..9"),
    ("abs(y)", "0..5"),
    ("mulDiv(x, y, 2)", "-25..25"),
    ("list[0]", "0..9"),
    ("list.map(i, i + x)", "[1..19] 1..4"),
    ("list.filter(i, i > 3)", "[0..9] 0..4"),
    ("list.map(i, i > 3, i * 2)", "[0..18] 0..4"),
    ("list + [x]", "[0..10] 2..5"),
    ("list.distinct()", "[0..9] 1..4"),
    ("list.slice(0, 1)", "[0..9] 0..4"),
    ("[1, x]", "[1..10] 2..2"),
    ("{'a': x, 'k': o.kind}", r#"{a: 1..10, k: ["a","b"]}"#),
    ("has(o.n) ? o.n : 0", "0..4"),
    ("b ? t : ''", "text 0..5"),
    ("o.kind + t", "text 3..6"),
    ("any.thing", "any"),
    ("list.sortBy(i, -i)", "[0..9] 1..4"),
];

#[test]
fn bounds_follow_from_bounds() {
    for (source, expected) in CASES {
        assert_eq!(shown(&inferred(source)), expected, "{source}");
    }
}

/// Whatever a value comes to, the schema accepts it.
#[test]
fn no_value_is_outside() {
    let (scope, bound) = names();
    let json = |text: &str| parse(text.as_bytes()).unwrap();
    let choices = [
        ["1", "10"],
        ["-5", "5"],
        ["\"ab\"", "\"abcde\""],
        ["true", "false"],
        ["[0]", "[9, 9, 3, 1]"],
        [r#"{"kind": "a"}"#, r#"{"kind": "b", "n": 4}"#],
        [r#"{"thing": 1}"#, r#"{"thing": [null]}"#],
    ];
    let mut met = 0;
    for (source, _) in CASES {
        let expr = Expr::compile(source, &scope).unwrap();
        let schema = inferred(source);
        for pick in 0..1usize << choices.len() {
            let values: Vec<Value> =
                choices.iter().enumerate().map(|(at, of)| json(of[pick >> at & 1])).collect();
            let mut bindings = Bindings::new(&scope);
            bound.iter().zip(&values).for_each(|((slot, _), value)| bindings.set(*slot, value));
            if let Ok(value) = expr.eval(&bindings) {
                assert!(schema.accepts(&value), "{source} comes to {value}, outside of {}", shown(&schema));
                met += 1;
            }
        }
    }
    assert!(met > 4_000, "only {met} values were met");
}

#[test]
fn templates_are_made_of_what_they_hold() {
    let (scope, bound) = names();
    let data = parse(br#"{"n": "${x}", "fixed": [1, "a"], "text": "no ${x}", "same": [1, 2]}"#).unwrap();
    let template = Template::compile(&data, &scope).unwrap();
    let schema = template.schema(&|slot| bound.iter().find(|(of, _)| *of == slot).map(|(_, of)| of.clone()));
    assert_eq!(shown(&schema), r#"{fixed: [[1,"a"]] 2..2, n: 1..10, same: [[1,2]] 2..2, text: text 4..20}"#);
}
