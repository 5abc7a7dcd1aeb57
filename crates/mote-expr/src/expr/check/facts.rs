//! What a condition tells about the expressions behind it: `has(x.f) && x.f > 1` may use `x.f`.
//! Owns the places that facts are about. A place is a path of fields, and of items by a written index,
//! from a name; anything else (a call, an item by a computed index) has no place and no facts.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr as Ast, LiteralValue, operators};

use super::super::scope::Slot;
use super::super::types::Type;
use super::Checker;

/// What is known where the checker stands.
#[derive(Default)]
pub(super) struct Facts {
    known: Vec<Fact>,
}

enum Fact {
    /// The field at the place is there.
    Present(String),
    /// The value at the place is not null.
    NonNull(String),
}

impl Facts {
    pub(super) fn is_present(&self, place: &str) -> bool {
        self.known.iter().any(|fact| matches!(fact, Fact::Present(known) if known == place))
    }

    /// The type of what stands at `place`, without null where that is known.
    pub(super) fn narrowed(&self, place: &str, ty: Type) -> Type {
        let non_null = self.known.iter().any(|fact| matches!(fact, Fact::NonNull(known) if known == place));
        if non_null { ty.non_null().clone() } else { ty }
    }
}

impl Checker<'_> {
    /// Run `inner` with what is known when `condition` came out as `truth`.
    pub(super) fn knowing<T>(
        &mut self,
        condition: &IdedExpr,
        truth: bool,
        inner: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = self.facts.known.len();
        let mut learned = Vec::new();
        learn(condition, truth, self, &mut learned);
        self.facts.known.extend(learned);
        let result = inner(self);
        self.facts.known.truncate(before);
        result
    }
}

fn learn(condition: &IdedExpr, truth: bool, checker: &Checker<'_>, learned: &mut Vec<Fact>) {
    let Ast::Call(CallExpr { func_name, args, target: None }) = &condition.expr else { return };
    match (func_name.as_str(), args.as_slice(), truth) {
        ("has", [field], true) => learned.extend(path(field, checker).map(Fact::Present)),
        (operators::LOGICAL_NOT, [inner], _) => learn(inner, !truth, checker, learned),
        (operators::LOGICAL_AND, [a, b], true) | (operators::LOGICAL_OR, [a, b], false) => {
            learn(a, truth, checker, learned);
            learn(b, truth, checker, learned);
        }
        (operators::NOT_EQUALS, [a, b], true) | (operators::EQUALS, [a, b], false) => {
            let other = if is_null(a) { Some(b) } else { is_null(b).then_some(a) };
            learned.extend(other.and_then(|place| path(place, checker)).map(Fact::NonNull));
        }
        _ => {}
    }
}

fn is_null(expr: &IdedExpr) -> bool {
    matches!(expr.expr, Ast::Literal(LiteralValue::Null))
}

/// The place that `expr` reads, if it is a path from a name.
pub(super) fn path(expr: &IdedExpr, checker: &Checker<'_>) -> Option<String> {
    match &expr.expr {
        Ast::Ident(name) => {
            let local = checker.locals.iter().rposition(|(local, _)| local == name);
            local.map(local_root).or_else(|| checker.scope.slot(name).map(slot_root))
        }
        Ast::Select(select) if !select.test => {
            path(&select.operand, checker).map(|place| field(&place, &select.field))
        }
        // An item that is told by its place or its key, written out.
        Ast::Call(CallExpr { func_name, args, target: None }) if func_name == operators::INDEX => {
            let [object, index] = args.as_slice() else { return None };
            let place = path(object, checker)?;
            match &index.expr {
                Ast::Literal(LiteralValue::Int(index)) => Some(format!("{place}[{}]", index.inner())),
                Ast::Literal(LiteralValue::String(key)) => Some(field(&place, key.inner())),
                _ => None,
            }
        }
        _ => None,
    }
}

pub(super) fn slot_root(slot: Slot) -> String {
    format!("@{}", slot.0)
}

/// Locals are named by their depth from outside, so that an inner variable of the same name is another.
pub(super) fn local_root(index: usize) -> String {
    format!("#{index}")
}

pub(super) fn field(place: &str, key: &str) -> String {
    format!("{place}.{key}")
}
