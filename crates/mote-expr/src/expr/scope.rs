//! The names an expression can use, and their values when it is evaluated.
//! Owns slots, `let`s, the functions that can be called and which binding depends on which. A `let`
//! is evaluated at most once per [`Bindings`], and only if a rule needs it.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Definition, EvalError, EvalErrorKind, Expr, Type};
use crate::value::Value;

/// The place of a name in its scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub(super) u8);

impl Slot {
    /// The slot at a place, from 0, of a scope that has so many names.
    pub fn at(index: usize) -> Slot {
        Slot(u8::try_from(index).unwrap_or(u8::MAX))
    }

    /// Its place, from 0: names are numbered in the order in which they were declared.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A set of bindings, as bits. `let`s count as what they read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uses(u64);

impl Uses {
    /// The set of one binding.
    pub fn of(slot: Slot) -> Uses {
        Uses(1 << slot.0)
    }

    /// Both sets.
    #[must_use]
    pub fn and(self, other: Uses) -> Uses {
        Uses(self.0 | other.0)
    }

    /// What is here and not in `allowed`.
    #[must_use]
    pub fn without(self, allowed: Uses) -> Uses {
        Uses(self.0 & !allowed.0)
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `slot` is in the set.
    pub fn contains(self, slot: Slot) -> bool {
        self.0 & (1 << slot.0) != 0
    }
}

/// Names with their types, in the order they were declared.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    names: Vec<Name>,
    /// The functions that the system defines, by name. None: it has problems of its own.
    functions: BTreeMap<String, Option<Arc<Definition>>>,
    /// Names of functions that could be had, and what to write for that.
    elsewhere: Arc<BTreeMap<String, String>>,
    /// Whether there may be functions that nobody could read.
    unread: bool,
}

/// What a name of a function stands for in a scope.
pub(super) enum Called<'s> {
    Defined(&'s Arc<Definition>),
    /// It, or the file that may have it, has problems that are reported there.
    Unreadable,
    Unknown,
}

#[derive(Clone, Debug)]
struct Name {
    name: String,
    ty: Type,
    /// The expression of a `let`.
    derived: Option<Expr>,
}

impl Scope {
    /// How many names a scope can hold, `let`s among them.
    pub const NAMES_MAX: usize = 64;

    /// A scope without names.
    pub fn new() -> Scope {
        Scope::default()
    }

    /// Declare a name whose value the evaluator is given. None if the scope is full.
    pub fn bind(&mut self, name: &str, ty: Type) -> Option<Slot> {
        self.push(Name { name: name.to_owned(), ty, derived: None })
    }

    /// Declare a `let`. None if the scope is full.
    pub fn derive(&mut self, name: &str, expr: Expr) -> Option<Slot> {
        self.push(Name { name: name.to_owned(), ty: expr.ty().clone(), derived: Some(expr) })
    }

    /// Let expressions call `definition`.
    pub fn define(&mut self, definition: Arc<Definition>) {
        self.functions.insert(definition.name.clone(), Some(definition));
    }

    /// Let calls of `name` pass: what is wrong with it is reported where it is written.
    pub fn define_unreadable(&mut self, name: &str) {
        self.functions.insert(name.to_owned(), None);
    }

    /// Let calls of any name pass: functions that could not be read may have it.
    pub fn define_unknown(&mut self) {
        self.unread = true;
    }

    /// Say of functions that are not defined here, by name, what to write to have them.
    pub fn mention(&mut self, elsewhere: Arc<BTreeMap<String, String>>) {
        self.elsewhere = elsewhere;
    }

    /// Whether `name` is a function that is defined here.
    pub fn defines(&self, name: &str) -> bool {
        self.functions.contains_key(name)
    }

    pub(super) fn called(&self, name: &str) -> Called<'_> {
        match self.functions.get(name) {
            Some(Some(definition)) => Called::Defined(definition),
            Some(None) => Called::Unreadable,
            None if self.unread => Called::Unreadable,
            None => Called::Unknown,
        }
    }

    /// The names of functions that are defined here, and of those that could be.
    pub(super) fn function_names(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().chain(self.elsewhere.keys()).map(String::as_str)
    }

    /// What to write so that the function `name` is defined here.
    pub(super) fn elsewhere(&self, name: &str) -> Option<&str> {
        self.elsewhere.get(name).map(String::as_str)
    }

    /// The slot of `name`.
    pub fn slot(&self, name: &str) -> Option<Slot> {
        self.names.iter().position(|known| known.name == name).map(|at| Slot(at as u8))
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| name.name.as_str())
    }

    /// All names with their types.
    pub(super) fn typed(&self) -> impl ExactSizeIterator<Item = (&str, &Type)> {
        self.names.iter().map(|name| (name.name.as_str(), &name.ty))
    }

    /// All slots, in order.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + use<> {
        (0..self.names.len() as u8).map(Slot)
    }

    /// The expression of a `let`.
    pub(super) fn derived(&self, slot: Slot) -> Option<&Expr> {
        self.names[usize::from(slot.0)].derived.as_ref()
    }

    /// All `let`s, in order: place, name and expression.
    pub fn all_lets(&self) -> impl Iterator<Item = (Slot, &str, &Expr)> {
        let numbered = self.names.iter().enumerate();
        numbered.filter_map(|(at, name)| Some((Slot(at as u8), name.name.as_str(), name.derived.as_ref()?)))
    }

    /// The names in `uses`, for a message.
    pub fn names_of(&self, uses: Uses) -> Vec<&str> {
        let with_slot = self.names.iter().enumerate();
        with_slot
            .filter(|(at, _)| uses.contains(Slot(*at as u8)))
            .map(|(_, name)| name.name.as_str())
            .collect()
    }

    pub(super) fn ty(&self, slot: Slot) -> &Type {
        &self.names[usize::from(slot.0)].ty
    }

    pub(super) fn uses(&self, slot: Slot) -> Uses {
        match self.derived(slot) {
            Some(expr) => expr.uses(),
            None => Uses::of(slot),
        }
    }

    pub(super) fn cost(&self, slot: Slot) -> u64 {
        self.derived(slot).map_or(1, Expr::cost)
    }

    /// How many names there are.
    pub(super) fn count(&self) -> usize {
        self.names.len()
    }

    /// The expression of the name at this place, if it is a `let`.
    pub(super) fn derived_at(&self, at: usize) -> Option<&Expr> {
        self.names.get(at)?.derived.as_ref()
    }

    pub(super) fn depth(&self, slot: Slot) -> usize {
        self.derived(slot).map_or(0, Expr::depth)
    }

    fn push(&mut self, name: Name) -> Option<Slot> {
        if self.names.len() == Self::NAMES_MAX {
            return None;
        }
        self.names.push(name);
        Some(Slot((self.names.len() - 1) as u8))
    }
}

/// The values of a scope's names for one evaluation.
pub struct Bindings<'v> {
    scope: &'v Scope,
    values: Vec<Option<&'v Value>>,
    derived: Vec<OnceCell<Result<Value, EvalError>>>,
}

impl<'v> Bindings<'v> {
    /// Nothing bound yet.
    pub fn new(scope: &'v Scope) -> Bindings<'v> {
        let count = scope.names.len();
        Bindings { scope, values: vec![None; count], derived: (0..count).map(|_| OnceCell::new()).collect() }
    }

    /// Bind `slot`. `let`s that were evaluated before keep their value, so bind first. The slot of a
    /// `let` can be bound too: to what it is known to be.
    pub fn set(&mut self, slot: Slot, value: &'v Value) {
        self.values[usize::from(slot.0)] = Some(value);
    }

    /// The same values, with no `let` evaluated yet.
    pub(super) fn unevaluated(&self) -> Bindings<'v> {
        let derived = self.values.iter().map(|_| OnceCell::new()).collect();
        Bindings { scope: self.scope, values: self.values.clone(), derived }
    }

    /// The name and value of every `let` that was evaluated, in order.
    pub fn derived(&self) -> Vec<(&'v str, &Value)> {
        let with_name = self.scope.names.iter().zip(&self.derived);
        with_name.filter_map(|(name, cell)| Some((name.name.as_str(), cell.get()?.as_ref().ok()?))).collect()
    }

    /// The `let` that would be evaluated for `slot`.
    pub(super) fn let_of(&self, slot: Slot) -> Option<&'v Expr> {
        let at = usize::from(slot.0);
        if self.values[at].is_some() { None } else { self.scope.derived_at(at) }
    }

    pub(super) fn get(&self, slot: Slot) -> Result<&Value, EvalErrorKind> {
        let at = usize::from(slot.0);
        if let Some(value) = self.values[at] {
            return Ok(value);
        }
        let name = &self.scope.names[at];
        let Some(expr) = &name.derived else {
            return Err(EvalErrorKind::Unbound(name.name.clone()));
        };
        let result = self.derived[at].get_or_init(|| expr.eval(self).map(|value| value.into_owned()));
        result
            .as_ref()
            .map_err(|error| EvalErrorKind::Let { name: name.name.clone(), error: Box::new(error.clone()) })
    }
}
