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

fn table() -> impl Iterator<Item = &'static Function> {
    lists::FUNCTIONS.iter().chain(numbers::FUNCTIONS).chain(texts::FUNCTIONS)
}

pub(super) fn find(name: &str, method: bool) -> Option<&'static Function> {
    table().find(|function| function.name == name && function.method == method)
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
    Function { name, method: false, form, ty, run }
}

const fn method(
    name: &'static str,
    form: &'static str,
    ty: fn(&[Type]) -> Option<Type>,
    run: fn(&[Cow<'_, Value>]) -> Result<Value, EvalErrorKind>,
) -> Function {
    Function { name, method: true, form, ty, run }
}

// What a type rule may have let through as dynamic is checked again here.

fn list<'v>(value: &'v Cow<'_, Value>) -> Result<&'v [Value], EvalErrorKind> {
    value.as_list().ok_or_else(|| mistyped("a list", value))
}

fn text<'v>(value: &'v Cow<'_, Value>) -> Result<&'v str, EvalErrorKind> {
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
