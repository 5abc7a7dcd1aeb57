//! Functions on numbers. Integers are exact or an error, never rounded.

use super::{Function, exact, global, int, mistyped, text};
use crate::expr::{EvalErrorKind, Type};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    // The product is exact before it is divided, so money times a rate does not overflow half-way.
    global("mulDiv", "mulDiv(a, b, divisor)", three_ints, |args| {
        let (a, b, divisor) = (int(&args[0])?, int(&args[1])?, int(&args[2])?);
        if divisor == 0 {
            return Err(EvalErrorKind::DivisionByZero);
        }
        // Rounds down, also below zero: floor division of two 53-bit factors fits 128 bits.
        exact((a * b).div_euclid(divisor) - i128::from(divisor < 0 && (a * b).rem_euclid(divisor) != 0))
    }),
    global("abs", "abs(n)", one_number, |args| match args[0].as_ref() {
        Value::Int(n) => Ok(Value::Int(n.abs())),
        Value::Float(n) => Ok(Value::Float(n.abs())),
        other => Err(mistyped("a number", other)),
    }),
    global("int", "int(x)", to_int, |args| match args[0].as_ref() {
        Value::Int(n) => Ok(Value::Int(*n)),
        Value::Float(n) => exact(n.trunc() as i128),
        Value::Text(digits) => {
            let parsed = digits
                .parse::<i64>()
                .map_err(|_| EvalErrorKind::Function(format!("{digits:?} is not an integer")))?;
            exact(i128::from(parsed))
        }
        other => Err(mistyped("a number or a string", other)),
    }),
    global("double", "double(x)", to_float, |args| match args[0].as_ref() {
        number @ (Value::Int(_) | Value::Float(_)) => Ok(number.clone()),
        Value::Text(_) => {
            let digits = text(&args[0])?;
            let parsed = digits.parse::<f64>().ok().and_then(Value::number);
            parsed.ok_or_else(|| EvalErrorKind::Function(format!("{digits:?} is not a number")))
        }
        other => Err(mistyped("a number or a string", other)),
    }),
];

fn three_ints(types: &[Type]) -> Option<Type> {
    let fits = types.len() == 3 && types.iter().all(|ty| matches!(ty, Type::Int | Type::Dyn));
    fits.then_some(Type::Int)
}

fn one_number(types: &[Type]) -> Option<Type> {
    match types {
        [ty @ (Type::Int | Type::Float | Type::Dyn)] => Some(ty.clone()),
        _ => None,
    }
}

fn to_int(types: &[Type]) -> Option<Type> {
    matches!(types, [Type::Int | Type::Float | Type::Text { .. } | Type::Dyn]).then_some(Type::Int)
}

fn to_float(types: &[Type]) -> Option<Type> {
    matches!(types, [Type::Int | Type::Float | Type::Text { .. } | Type::Dyn]).then_some(Type::Float)
}
