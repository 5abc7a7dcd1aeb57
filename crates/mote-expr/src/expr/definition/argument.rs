//! What may be an argument: a value whose type, with its bounds, lies within the parameter's.
//! Owns the messages. The body's cost was computed from the parameter's bounds, so an argument that
//! may be larger is refused, not cut.

use super::super::types::{FieldType, Type};
use crate::value::Value;

/// Whether something of a type may be an argument.
pub(in crate::expr) enum Argument {
    /// Every value of the type fits.
    Fits,
    /// A part of it is known only when evaluated, and looked at then.
    Dynamic,
    /// Why not, and what to write instead.
    Refused(String, Option<String>),
}

/// Whether something of type `given` may be the argument `parameter`, of type `wanted`.
pub(in crate::expr) fn argument(function: &str, parameter: &str, given: &Type, wanted: &Type) -> Argument {
    let mut dynamic = false;
    match misfit(given, wanted, parameter, &mut dynamic) {
        None if dynamic => Argument::Dynamic,
        None => Argument::Fits,
        Some(Misfit { place, what, hint }) => {
            Argument::Refused(format!("`{place}` of `{function}` {what}"), hint)
        }
    }
}

struct Misfit {
    /// Which part of the argument: `line`, or `line.tags[]`.
    place: String,
    what: String,
    hint: Option<String>,
}

fn misfit(given: &Type, wanted: &Type, place: &str, dynamic: &mut bool) -> Option<Misfit> {
    let refused = |what: String, hint: Option<String>| Some(Misfit { place: place.to_owned(), what, hint });
    let longer = |given: u64, wanted: u64, keyword: &str, what: &str| {
        let hint =
            format!("let the parameter have `{keyword}: {given}`, or what is given `{keyword}: {wanted}`");
        refused(format!("has at most {wanted} {what}, this may have {given}"), Some(hint))
    };
    match (given, wanted) {
        (_, Type::Dyn) | (Type::Null, Type::Nullable(_)) => None,
        (Type::Dyn, _) => {
            *dynamic = true;
            None
        }
        (Type::Nullable(a), Type::Nullable(b)) => misfit(a, b, place, dynamic),
        (a, Type::Nullable(b)) => misfit(a, b, place, dynamic),
        (Type::Nullable(_) | Type::Null, _) => {
            let hint = "guard it: `x != null && …`, or let the parameter be null too".to_owned();
            refused(format!("is {wanted}, this may be null"), Some(hint))
        }
        (Type::Int, Type::Float) => None,
        (Type::Text { max: a }, Type::Text { max: b }) if a > b => longer(*a, *b, "maxLength", "characters"),
        (Type::Text { .. }, Type::Text { .. }) => None,
        (Type::List { max: a, .. }, Type::List { max: b, .. }) if a > b => {
            longer(*a, *b, "maxItems", "items")
        }
        (Type::List { item: a, max }, Type::List { item: b, .. }) => {
            if *max == 0 {
                None
            } else {
                misfit(a, b, &format!("{place}[]"), dynamic)
            }
        }
        (Type::Map { max: a, .. }, Type::Map { max: b, .. }) if a > b => {
            longer(*a, *b, "maxProperties", "properties")
        }
        (Type::Map { value: a, .. }, Type::Map { value: b, .. }) => {
            misfit(a, b, &format!("{place}[]"), dynamic)
        }
        (Type::Object(fields), Type::Map { max, .. }) if fields.len() as u64 > *max => {
            longer(fields.len() as u64, *max, "maxProperties", "properties")
        }
        (Type::Object(fields), Type::Map { value, .. }) => fields
            .iter()
            .find_map(|field| misfit(&field.ty, value, &format!("{place}.{}", field.name), dynamic)),
        (Type::Object(fields), Type::Object(wanted)) => objects(fields, wanted, place, dynamic),
        (a, b) if a == b => None,
        (a, b) => refused(format!("is {b}, this is {a}"), None),
    }
}

fn objects(given: &[FieldType], wanted: &[FieldType], place: &str, dynamic: &mut bool) -> Option<Misfit> {
    let refused =
        |what: String, hint: String| Some(Misfit { place: place.to_owned(), what, hint: Some(hint) });
    for field in given {
        let name = &field.name;
        let Some(known) = wanted.iter().find(|known| known.name == *name) else {
            let hint = format!("give the parameter a field `{name}`, or make an object of what it takes");
            return refused(format!("has no field `{name}`, which this has"), hint);
        };
        if known.present && !field.present {
            let hint = format!("guard it with `has(….{name})`, or let the parameter leave it out");
            return refused(format!("always has `{name}`, which may be missing here"), hint);
        }
        let inner = misfit(&field.ty, &known.ty, &format!("{place}.{name}"), dynamic);
        if inner.is_some() {
            return inner;
        }
    }
    let missing = wanted.iter().filter(|known| known.present);
    let missing =
        missing.map(|known| &known.name).find(|name| given.iter().all(|field| field.name != **name));
    missing.and_then(|name| {
        let hint = format!("give it `'{name}': …`, or let the parameter leave it out");
        refused(format!("has a field `{name}`, which this has not"), hint)
    })
}

/// Whether `value` is one of `ty`, bounds and all.
pub(super) fn takes(ty: &Type, value: &Value) -> bool {
    match (ty, value) {
        (Type::Dyn, _) | (Type::Null | Type::Nullable(_), Value::Null) => true,
        (Type::Nullable(inner), value) => takes(inner, value),
        (Type::Bool, Value::Bool(_)) | (Type::Int, Value::Int(_)) => true,
        (Type::Float, Value::Int(_) | Value::Float(_)) => true,
        (Type::Text { max }, Value::Text(text)) => text.chars().count() as u64 <= *max,
        (Type::List { item, max }, Value::List(items)) => {
            items.len() as u64 <= *max && items.iter().all(|inner| takes(item, inner))
        }
        (Type::Map { value: inner, max }, Value::Object(object)) => {
            object.len() as u64 <= *max && object.iter().all(|(_, value)| takes(inner, value))
        }
        (Type::Object(fields), Value::Object(object)) => {
            let known = |name: &str| fields.iter().find(|field| field.name == name);
            object.iter().all(|(name, value)| known(name).is_some_and(|field| takes(&field.ty, value)))
                && fields.iter().all(|field| !field.present || object.contains(&field.name))
        }
        _ => false,
    }
}
