//! Functions on strings. Positions and lengths count characters (Unicode scalar values).

use super::{Function, exact, global, int, list, method, text, walking_all};
use crate::expr::{EvalErrorKind, Type};
use crate::schema::{ITEMS_MAX_DEFAULT, JSON_BYTES_MAX_DEFAULT, TEXT_MAX_DEFAULT};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    method("startsWith", "text.startsWith(prefix)", two_texts_bool, |args| {
        Ok(Value::Bool(text(&args[0])?.starts_with(text(&args[1])?)))
    }),
    method("endsWith", "text.endsWith(suffix)", two_texts_bool, |args| {
        Ok(Value::Bool(text(&args[0])?.ends_with(text(&args[1])?)))
    }),
    method("contains", "text.contains(part)", two_texts_bool, |args| {
        Ok(Value::Bool(text(&args[0])?.contains(text(&args[1])?)))
    }),
    method("lowerAscii", "text.lowerAscii()", same_text, |args| {
        Ok(Value::text(text(&args[0])?.to_ascii_lowercase()))
    }),
    method("upperAscii", "text.upperAscii()", same_text, |args| {
        Ok(Value::text(text(&args[0])?.to_ascii_uppercase()))
    }),
    method("trim", "text.trim()", same_text, |args| Ok(Value::text(text(&args[0])?.trim()))),
    method("split", "text.split(separator)", split_type, |args| {
        Ok(Value::list(text(&args[0])?.split(text(&args[1])?).map(Value::text)))
    }),
    method("join", "list.join(separator)", join_type, |args| {
        let parts: Result<Vec<&str>, _> = list(&args[0])?
            .iter()
            .map(|part| part.as_text().ok_or_else(|| super::mistyped("a string", part)))
            .collect();
        let separator = args.get(1).map_or(Ok(""), |separator| text(separator))?;
        Ok(Value::text(parts?.join(separator)))
    }),
    method("replace", "text.replace(from, to)", replace_type, |args| {
        Ok(Value::text(text(&args[0])?.replace(text(&args[1])?, text(&args[2])?)))
    }),
    method("substring", "text.substring(from, to)", substring_type, |args| {
        let whole = text(&args[0])?;
        let length = whole.chars().count() as i128;
        let from = int(&args[1])?;
        let to = args.get(2).map_or(Ok(length), |to| int(to))?;
        if from < 0 || to < from || to > length {
            return Err(EvalErrorKind::Function(format!(
                "no substring from {from} to {to} in {length} characters"
            )));
        }
        Ok(Value::text(whole.chars().skip(from as usize).take((to - from) as usize).collect::<String>()))
    }),
    method("indexOf", "text.indexOf(part)", index_of_type, |args| {
        let (whole, part) = (text(&args[0])?, text(&args[1])?);
        let at = whole.find(part).map_or(-1, |byte| whole[..byte].chars().count() as i128);
        exact(at)
    }),
    walking_all(global("string", "string(x)", to_text_type, |args| {
        Ok(Value::text(match args[0].as_ref() {
            Value::Text(text) => return Ok(Value::Text(text.clone())),
            other => other.to_string(),
        }))
    })),
];

/// A text out of a dynamic value, or its JSON.
const DYN_TEXT: Type = Type::Text { max: JSON_BYTES_MAX_DEFAULT };

fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::Text { .. } | Type::Dyn)
}

fn two_texts_bool(types: &[Type]) -> Option<Type> {
    matches!(types, [a, b] if is_text(a) && is_text(b)).then_some(Type::Bool)
}

fn same_text(types: &[Type]) -> Option<Type> {
    match types {
        [Type::Text { max }] => Some(Type::Text { max: *max }),
        [Type::Dyn] => Some(DYN_TEXT),
        _ => None,
    }
}

fn split_type(types: &[Type]) -> Option<Type> {
    match types {
        [Type::Text { max }, b] if is_text(b) => {
            // An empty separator gives one part a character, and two empty ones at the ends.
            Some(Type::List { item: Type::Text { max: *max }.into(), max: max.saturating_add(2) })
        }
        [Type::Dyn, b] if is_text(b) => Some(Type::List { item: DYN_TEXT.into(), max: ITEMS_MAX_DEFAULT }),
        _ => None,
    }
}

fn join_type(types: &[Type]) -> Option<Type> {
    match types {
        [Type::List { item, max }] | [Type::List { item, max }, Type::Text { .. }] if is_text(item) => {
            let length = |ty: &Type| if let Type::Text { max } = ty { *max } else { TEXT_MAX_DEFAULT };
            let separator = types.get(1).map_or(0, length);
            Some(Type::Text { max: length(item).saturating_add(separator).saturating_mul(*max) })
        }
        [Type::Dyn] | [Type::Dyn, Type::Text { .. }] => Some(DYN_TEXT),
        _ => None,
    }
}

fn replace_type(types: &[Type]) -> Option<Type> {
    match types {
        [Type::Text { max }, b, Type::Text { max: to }] if is_text(b) => {
            // An empty `from` is found around every character.
            let inserted = max.saturating_add(1).saturating_mul(*to);
            Some(Type::Text { max: max.saturating_add(inserted) })
        }
        _ => None,
    }
}

fn substring_type(types: &[Type]) -> Option<Type> {
    match types {
        [Type::Text { max }, Type::Int] | [Type::Text { max }, Type::Int, Type::Int] => {
            Some(Type::Text { max: *max })
        }
        _ => None,
    }
}

fn index_of_type(types: &[Type]) -> Option<Type> {
    matches!(types, [a, b] if is_text(a) && is_text(b)).then_some(Type::Int)
}

fn to_text_type(types: &[Type]) -> Option<Type> {
    match types {
        [Type::Text { max }] => Some(Type::Text { max: *max }),
        [Type::Bool | Type::Int | Type::Float] => Some(Type::Text { max: 24 }),
        [Type::Dyn] => Some(DYN_TEXT),
        _ => None,
    }
}
