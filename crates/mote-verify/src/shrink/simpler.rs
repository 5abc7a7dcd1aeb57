//! Simpler values of a schema, one change away.
//! Owns what is simpler: less of it, nearer to zero, plainer letters, the default.

use mote_expr::schema::{Field, Shape, TextShape};
use mote_expr::{Schema, Value};

use crate::cases::simplest_text;

/// Up to this many characters of a text are changed one by one.
const CHARACTERS_MAX: usize = 48;
/// Texts up to this length are tried with more than one letter.
const DISTINCT_MAX: usize = 4;

/// The values that are one simplification away from `value`, the boldest first.
pub(crate) fn than(schema: &Schema, value: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    visit(schema, value, &mut |simpler| found.push(simpler));
    found
}

fn visit(schema: &Schema, value: &Value, out: &mut dyn FnMut(Value)) {
    if schema.nullable && *value != Value::Null {
        out(Value::Null);
    }
    match (&schema.shape, value) {
        (Shape::Bool, Value::Bool(bool)) => out(Value::Bool(!bool)),
        (Shape::Int { min, max, multiple_of }, Value::Int(int)) => {
            integers(0.clamp(*min, *max), *int, multiple_of.unwrap_or(1), out);
        }
        (Shape::Number { min, max }, number) => numbers(*min, *max, number, out),
        (Shape::Text(shape), Value::Text(text)) => texts(schema, shape, text, out),
        (Shape::Enum(values), _) => {
            values.iter().filter(|other| *other != value).for_each(|o| out(o.clone()))
        }
        (Shape::List { item, min, .. }, Value::List(items)) => lists(item, *min as usize, items, out),
        (Shape::Object(fields), Value::Object(_)) => objects(fields, value, out),
        (Shape::Map { value: inner, .. }, Value::Object(object)) => {
            for (key, _) in object.iter() {
                without(value, key, out);
            }
            for (key, field) in object.iter() {
                visit(inner, field, &mut |simpler| out(with(value, key, simpler)));
            }
        }
        (Shape::OneOf { tag, variants }, Value::Object(_)) => {
            let name = value.field(tag).and_then(Value::as_text);
            if let Some((_, variant)) = variants.iter().find(|(variant, _)| Some(variant.as_str()) == name) {
                visit(variant, value, out);
            }
        }
        (Shape::Json { .. }, _) => json(value, out),
        _ => {}
    }
}

/// Towards `origin` by halves, so that the last ones tried are the nearest.
fn integers(origin: i64, int: i64, step: i64, out: &mut dyn FnMut(Value)) {
    let mut distance = int - origin;
    while distance != 0 {
        let nearer = int - distance;
        out(Value::Int(nearer - nearer % step));
        distance /= 2;
    }
    out(Value::Int(int - step * (int - origin).signum()));
}

fn numbers(min: f64, max: f64, number: &Value, out: &mut dyn FnMut(Value)) {
    let number = match number {
        Value::Int(int) => *int as f64,
        Value::Float(float) => *float,
        _ => return,
    };
    let origin = 0f64.clamp(min, max);
    let nearer = [
        origin,
        number.trunc(),
        (origin + (number - origin) / 2.0).trunc(),
        number - (number - origin).signum(),
    ];
    nearer.into_iter().filter_map(Value::number).for_each(out);
}

fn texts(schema: &Schema, shape: &TextShape, text: &str, out: &mut dyn FnMut(Value)) {
    let mut offer = |text: String| {
        let value = Value::text(text);
        // The whole is checked again; but most of these do not fit a pattern.
        if schema.accepts(&value) {
            out(value);
        }
    };
    if let Some(format) = shape.format {
        offer(simplest_text(format).to_owned());
    }
    let chars: Vec<char> = text.chars().collect();
    let min = shape.min as usize;
    let mut length = min;
    // The shortest, then half of what is above it, then ever closer to the whole.
    while length < chars.len() {
        offer(chars[..length].iter().collect());
        length += (chars.len() - length).div_ceil(2);
    }
    offer("a".repeat(chars.len()));
    // Where bytes were counted, it takes as many of them.
    if text.len() > chars.len() && text.len() as u64 <= shape.max {
        offer("a".repeat(text.len()));
    }
    let shown = chars.len().min(CHARACTERS_MAX);
    for at in 0..shown {
        offer(chars[..at].iter().chain(&chars[at + 1..]).collect());
    }
    // Where texts must differ, not all of them can be `a`.
    let plain = if chars.len() <= DISTINCT_MAX { &['a', 'b', 'c', 'd'][..] } else { &['a'] };
    for at in 0..shown {
        for letter in plain.iter().take_while(|letter| **letter != chars[at]) {
            offer(chars[..at].iter().chain([letter]).chain(&chars[at + 1..]).collect());
        }
    }
}

fn lists(item: &Schema, min: usize, items: &[Value], out: &mut dyn FnMut(Value)) {
    let mut length = items.len();
    while length > 0 {
        let mut from = 0;
        while from < items.len() {
            let to = items.len().min(from + length);
            if items.len() - (to - from) >= min {
                out(Value::list(items[..from].iter().chain(&items[to..]).cloned()));
            }
            from += length;
        }
        length /= 2;
    }
    for (at, inner) in items.iter().enumerate() {
        visit(item, inner, &mut |simpler| {
            let mut items = items.to_vec();
            items[at] = simpler;
            out(Value::list(items));
        });
    }
}

fn objects(fields: &[Field], value: &Value, out: &mut dyn FnMut(Value)) {
    for field in fields.iter().filter(|field| !field.required) {
        without(value, &field.name, out);
    }
    for field in fields {
        let Some(inner) = value.field(&field.name) else { continue };
        if let Some(default) = field.schema.default.as_ref().filter(|default| *default != inner) {
            out(with(value, &field.name, default.clone()));
        }
        visit(&field.schema, inner, &mut |simpler| out(with(value, &field.name, simpler)));
    }
}

fn json(value: &Value, out: &mut dyn FnMut(Value)) {
    if *value != Value::Null {
        out(Value::Null);
    }
    match value {
        Value::List(items) => {
            for at in 0..items.len() {
                let others = items.iter().enumerate().filter(|(other, _)| *other != at);
                out(Value::list(others.map(|(_, item)| item.clone())));
            }
        }
        Value::Object(object) => object.iter().for_each(|(key, _)| without(value, key, out)),
        _ => {}
    }
}

fn with(value: &Value, key: &str, field: Value) -> Value {
    let mut object = value.as_object().cloned().unwrap_or_default();
    object.insert(key, field);
    Value::Object(object.into())
}

fn without(value: &Value, key: &str, out: &mut dyn FnMut(Value)) {
    let mut object = value.as_object().cloned().unwrap_or_default();
    if object.remove(key).is_some() {
        out(Value::Object(object.into()));
    }
}
