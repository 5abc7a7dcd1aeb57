//! The functions that rules can call: CEL's string, list and math functions, and our own.
//!
//! Owns one table: a function's form, its type and what it does. To add a function, add an entry
//! and an example to `docs/expressions.md`, which is its test.

mod lists;
mod numbers;
mod texts;

use std::borrow::Cow;

use super::EvalErrorKind;
use super::types::Type;
use crate::value::Value;

/// One function.
pub(super) struct Function {
    pub(super) name: &'static str,
    /// Whether it is called on a target: `text.trim()`.
    method: bool,
    /// Whether it goes through whole values, not only through the list or text it is given.
    pub(super) walks_all: bool,
    /// How it is written, for messages.
    pub(super) form: &'static str,
    /// The type of the result, if it takes these arguments (the target first).
    pub(super) ty: fn(&[Type]) -> Option<Type>,
    /// What it does.
    pub(super) run: fn(&[Cow<'_, Value>]) -> Result<Value, EvalErrorKind>,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.form)
    }
}

impl PartialEq for Function {
    /// The table has each form once.
    fn eq(&self, other: &Function) -> bool {
        self.form == other.form
    }
}

fn table() -> impl Iterator<Item = &'static Function> {
    lists::FUNCTIONS.iter().chain(numbers::FUNCTIONS).chain(texts::FUNCTIONS)
}

pub(super) fn find(name: &str, method: bool) -> Option<&'static Function> {
    table().find(|function| function.name == name && function.method == method)
}

pub(super) fn forms() -> impl Iterator<Item = &'static str> {
    table().map(|function| function.form).chain(["text.matches('pattern')", "has(object.field)"])
}

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    table().map(|function| function.name).chain(["matches", "has"])
}

const fn global(
    name: &'static str,
    form: &'static str,
    ty: fn(&[Type]) -> Option<Type>,
    run: fn(&[Cow<'_, Value>]) -> Result<Value, EvalErrorKind>,
) -> Function {
    Function { name, method: false, walks_all: false, form, ty, run }
}

const fn method(
    name: &'static str,
    form: &'static str,
    ty: fn(&[Type]) -> Option<Type>,
    run: fn(&[Cow<'_, Value>]) -> Result<Value, EvalErrorKind>,
) -> Function {
    Function { name, method: true, walks_all: false, form, ty, run }
}

/// Whether every two of `keys` have an order, without which sorting means nothing (and may panic).
pub(super) fn sortable<'v>(mut keys: impl Iterator<Item = &'v Value>) -> Result<(), EvalErrorKind> {
    let Some(first) = keys.next() else { return Ok(()) };
    match [first].into_iter().chain(keys).find(|key| first.order(key).is_none()) {
        Some(other) => Err(mistyped("values that have an order", other)),
        None => Ok(()),
    }
}

const fn walking_all(function: Function) -> Function {
    Function { walks_all: true, ..function }
}

// What a type rule may have let through as dynamic is checked again here.

fn list(value: &Value) -> Result<&[Value], EvalErrorKind> {
    value.as_list().ok_or_else(|| mistyped("a list", value))
}

fn text(value: &Value) -> Result<&str, EvalErrorKind> {
    value.as_text().ok_or_else(|| mistyped("a string", value))
}

fn int(value: &Value) -> Result<i128, EvalErrorKind> {
    value.as_int().map(i128::from).ok_or_else(|| mistyped("an integer", value))
}

fn exact(result: i128) -> Result<Value, EvalErrorKind> {
    super::eval::int(result).ok_or(EvalErrorKind::Overflow)
}

fn mistyped(expected: &'static str, found: &Value) -> EvalErrorKind {
    EvalErrorKind::Type { expected, found: found.kind() }
}
