//! Functions on lists, and `size`, which takes whatever has one.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{Function, exact, global, int, list, method, mistyped, sortable, text, walking_all};
use crate::expr::{EvalErrorKind, Type};
use crate::schema::ITEMS_MAX_DEFAULT;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    global("size", "size(x)", size_type, size),
    method("size", "x.size()", size_type, size),
    global("sum", "sum(list)", sum_type, |args| {
        list(&args[0])?.iter().try_fold(Value::Int(0), |sum, item| add(&sum, item))
    }),
    global("min", "min(list) or min(a, b)", least_type, |args| extreme(args, Ordering::Less)),
    global("max", "max(list) or max(a, b)", least_type, |args| extreme(args, Ordering::Greater)),
    walking_all(global("unique", "unique(list)", list_to_bool, |args| {
        let items = list(&args[0])?;
        Ok(Value::Bool(distinct(items).len() == items.len()))
    })),
    global("by", "by(list, 'field')", by_type, |args| {
        let field = text(&args[1])?;
        let mut map = crate::Object::new();
        for item in list(&args[0])? {
            let key = item.field(field).and_then(Value::as_text);
            let key =
                key.ok_or_else(|| EvalErrorKind::Function(format!("an item has no string in `{field}`")))?;
            if map.insert(key, item.clone()).is_some() {
                return Err(EvalErrorKind::Function(format!("two items have `{field}` {key:?}")));
            }
        }
        Ok(Value::Object(map.into()))
    }),
    walking_all(method("distinct", "list.distinct()", same_list, |args| {
        Ok(Value::list(distinct(list(&args[0])?)))
    })),
    method("reverse", "list.reverse()", same_list, |args| {
        Ok(Value::list(list(&args[0])?.iter().rev().cloned()))
    }),
    method("sort", "list.sort()", sort_type, |args| {
        let mut items = list(&args[0])?.to_vec();
        sortable(items.iter())?;
        items.sort_by(|a, b| a.order(b).unwrap_or(Ordering::Equal));
        Ok(Value::list(items))
    }),
    method("flatten", "list.flatten()", flatten_type, |args| {
        let mut flat = Vec::new();
        for item in list(&args[0])? {
            flat.extend_from_slice(item.as_list().ok_or_else(|| mistyped("a list of lists", item))?);
        }
        Ok(Value::list(flat))
    }),
    method("slice", "list.slice(from, to)", slice_type, |args| {
        let items = list(&args[0])?;
        let (from, to) = (int(&args[1])?, int(&args[2])?);
        if from < 0 || to < from || to > items.len() as i128 {
            return Err(EvalErrorKind::Function(format!(
                "no slice from {from} to {to} in {} items",
                items.len()
            )));
        }
        Ok(Value::list(items[from as usize..to as usize].iter().cloned()))
    }),
];

fn size(args: &[Cow<'_, Value>]) -> Result<Value, EvalErrorKind> {
    match args[0].as_ref() {
        Value::Text(text) => exact(text.chars().count() as i128),
        Value::List(items) => exact(items.len() as i128),
        Value::Object(object) => exact(object.len() as i128),
        other => Err(mistyped("a string, a list or a map", other)),
    }
}

fn add(a: &Value, b: &Value) -> Result<Value, EvalErrorKind> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => exact(i128::from(*a) + i128::from(*b)),
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            let number = |value: &Value| {
                if let Value::Float(n) = value { *n } else { value.as_int().unwrap_or(0) as f64 }
            };
            Value::number(number(a) + number(b)).ok_or(EvalErrorKind::Overflow)
        }
        (_, other) => Err(mistyped("a list of numbers", other)),
    }
}

fn extreme(args: &[Cow<'_, Value>], wanted: Ordering) -> Result<Value, EvalErrorKind> {
    let both: Vec<Value>;
    let items = match args {
        [one] => list(one)?,
        _ => {
            both = args.iter().map(|arg| arg.clone().into_owned()).collect();
            &both
        }
    };
    let mut best = items
        .first()
        .ok_or_else(|| EvalErrorKind::Function("an empty list has no least or greatest".to_owned()))?;
    for item in items {
        if item.order(best).ok_or_else(|| mistyped("values that have an order", item))? == wanted {
            best = item;
        }
    }
    Ok(best.clone())
}

/// The first of each group of equal items. Found by canonical bytes, so long lists cost no square.
fn distinct(items: &[Value]) -> Vec<Value> {
    let mut seen = std::collections::HashSet::new();
    items.iter().filter(|item| seen.insert(item.canonical())).cloned().collect()
}

fn size_type(types: &[Type]) -> Option<Type> {
    match types {
        [Type::Text { .. } | Type::List { .. } | Type::Map { .. } | Type::Dyn] => Some(Type::Int),
        _ => None,
    }
}

fn sum_type(types: &[Type]) -> Option<Type> {
    match types {
        [Type::List { item, .. }] if matches!(**item, Type::Int | Type::Float | Type::Dyn) => {
            Some((**item).clone())
        }
        [Type::Dyn] => Some(Type::Dyn),
        _ => None,
    }
}

fn least_type(types: &[Type]) -> Option<Type> {
    match types {
        [Type::List { item, .. }] if is_ordered(item) => Some((**item).clone()),
        [a, b] if is_ordered(a) && is_ordered(b) => a.join(b),
        [Type::Dyn] => Some(Type::Dyn),
        _ => None,
    }
}

fn is_ordered(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Float | Type::Text { .. } | Type::Dyn)
}

fn list_to_bool(types: &[Type]) -> Option<Type> {
    matches!(types, [Type::List { .. } | Type::Dyn]).then_some(Type::Bool)
}

fn same_list(types: &[Type]) -> Option<Type> {
    match types {
        [ty @ (Type::List { .. } | Type::Dyn)] => Some(ty.clone()),
        _ => None,
    }
}

fn sort_type(types: &[Type]) -> Option<Type> {
    same_list(types).filter(|ty| !matches!(ty, Type::List { item, .. } if !is_ordered(item)))
}

fn flatten_type(types: &[Type]) -> Option<Type> {
    match types {
        [Type::List { item, max }] => match &**item {
            Type::List { item, max: inner } => {
                Some(Type::List { item: item.clone(), max: max.saturating_mul(*inner) })
            }
            Type::Dyn => {
                Some(Type::List { item: Type::Dyn.into(), max: max.saturating_mul(ITEMS_MAX_DEFAULT) })
            }
            _ => None,
        },
        _ => None,
    }
}

fn slice_type(types: &[Type]) -> Option<Type> {
    match types {
        [ty @ Type::List { .. }, Type::Int, Type::Int] => Some(ty.clone()),
        _ => None,
    }
}

fn by_type(types: &[Type]) -> Option<Type> {
    match types {
        [Type::List { item, max }, Type::Text { .. }] => Some(Type::Map { value: item.clone(), max: *max }),
        _ => None,
    }
}
