//! Types an expression and bounds its cost, node by node.
//! Owns every refusal of an expression that parses: unknown names, fields that may be missing,
//! operands that do not fit. What passes here fails in evaluation only where a type cannot tell.

mod calls;
mod defined;
mod facts;

use cel::IdedExpr;
use cel::common::ast::{EntryExpr, Expr as Ast, LiteralValue};

pub(super) use self::calls::LOOPS;
use self::facts::Facts;
use super::ExprError;
use super::node::{Arithmetic, At, Comparison, Node, Operands, Span};
use super::parse::Offsets;
use super::scope::{Scope, Uses};
use super::types::Type;
use crate::schema::JSON_BYTES_MAX_DEFAULT;
use crate::suggest;
use crate::value::{INT_MAX, Value};

/// A checked node.
pub(super) struct Typed {
    pub(super) at: At,
    pub(super) ty: Type,
    /// The most steps one evaluation can take.
    pub(super) cost: u64,
    pub(super) uses: Uses,
}

pub(super) struct Checker<'s> {
    scope: &'s Scope,
    offsets: &'s Offsets,
    /// The variables of the loops around the node, outermost first.
    locals: Vec<(String, Type)>,
    facts: Facts,
    /// The depth of the deepest `let` or definition that was met.
    depth_behind: usize,
    mentions: Uses,
}

type Checked = Result<Typed, ExprError>;

impl<'s> Checker<'s> {
    pub(super) fn new(scope: &'s Scope, offsets: &'s Offsets) -> Checker<'s> {
        let (locals, facts, mentions) = (Vec::new(), Facts::default(), Uses::default());
        Checker { scope, offsets, locals, facts, depth_behind: 0, mentions }
    }

    /// How deep what it refers to nests.
    pub(super) fn depth_behind(&self) -> usize {
        self.depth_behind
    }

    /// The names that it mentions.
    pub(super) fn mentions(&self) -> Uses {
        self.mentions
    }

    pub(super) fn check(&mut self, expr: &IdedExpr) -> Checked {
        match self.node(expr) {
            Ok(mut typed) => {
                typed.at.span = self.offsets.balanced(typed.at.span);
                Ok(typed)
            }
            Err(mut error) => {
                let span = (error.span.start as u32, error.span.end as u32);
                error.span = range(self.offsets.balanced(span));
                Err(error)
            }
        }
    }

    fn node(&mut self, expr: &IdedExpr) -> Checked {
        let span = self.offsets.token(expr);
        match &expr.expr {
            Ast::Literal(literal) => self.literal(literal, span),
            Ast::Ident(name) => self.name(name, span),
            Ast::Select(select) => {
                let object = self.check(&select.operand)?;
                let place = facts::path(&select.operand, self);
                let span = self.offsets.with_field(span, &select.field);
                self.select(object, place, &select.field, select.test, span)
            }
            Ast::List(list) => self.list(&list.elements, span),
            Ast::Map(map) => self.object(&map.entries, span),
            Ast::Call(call) => calls::check(self, call, span),
            Ast::Struct(_) => {
                Err(self.error(span, "there are no message types here", Some("write `{'field': …}`")))
            }
            Ast::Comprehension(_) | Ast::Unspecified => {
                Err(self.error(span, "this is not an expression", None))
            }
        }
    }

    fn literal(&self, literal: &LiteralValue, span: Span) -> Checked {
        let value = match literal {
            LiteralValue::Null => Value::Null,
            LiteralValue::Boolean(bool) => Value::Bool(*bool.inner()),
            LiteralValue::String(text) => Value::text(text.inner()),
            LiteralValue::Int(int) if (-INT_MAX..=INT_MAX).contains(int.inner()) => Value::Int(*int.inner()),
            LiteralValue::Int(_) => {
                return Err(self.error(span, "integers lie within ±9007199254740991", None));
            }
            LiteralValue::Double(float) => match Value::number(*float.inner()) {
                Some(value) => value,
                None => return Err(self.error(span, "this number is too large", None)),
            },
            LiteralValue::UInt(_) => {
                return Err(self.error(span, "there are no unsigned integers", Some("leave out the `u`")));
            }
            LiteralValue::Bytes(_) => {
                return Err(self.error(span, "there are no byte strings", Some("leave out the `b`")));
            }
        };
        let negative = value.order(&Value::Int(0)) == Some(std::cmp::Ordering::Less);
        let span = if negative { self.offsets.with_sign(span) } else { span };
        // `2.0` keeps the type its author wrote, though its value is the integer 2.
        let ty = match literal {
            LiteralValue::Double(_) => Type::Float,
            _ => Type::of_value(&value),
        };
        Ok(Typed { at: At { node: Node::Const(value), span }, ty, cost: 1, uses: Uses::default() })
    }

    fn name(&mut self, name: &str, span: Span) -> Checked {
        if let Some(depth) = self.locals.iter().rev().position(|(local, _)| local == name) {
            let ty = self.locals[self.locals.len() - 1 - depth].1.clone();
            let ty = self.facts.narrowed(&facts::local_root(self.locals.len() - 1 - depth), ty);
            return Ok(Typed {
                at: At { node: Node::Local(depth), span },
                ty,
                cost: 1,
                uses: Uses::default(),
            });
        }
        let Some(slot) = self.scope.slot(name) else {
            let known = self.scope.names().chain(self.locals.iter().map(|(local, _)| local.as_str()));
            let hint = suggest(name, known).map(|near| format!("did you mean `{near}`?"));
            let hint = hint.or_else(|| Some(format!("the names here are {}", self.names().join(", "))));
            return Err(ExprError { span: range(span), message: format!("there is no `{name}` here"), hint });
        };
        let ty = self.facts.narrowed(&facts::slot_root(slot), self.scope.ty(slot).clone());
        let (cost, uses) = (self.scope.cost(slot), self.scope.uses(slot));
        self.depth_behind = self.depth_behind.max(self.scope.depth(slot));
        self.mentions = self.mentions.and(Uses::of(slot));
        Ok(Typed { at: At { node: Node::Slot(slot), span }, ty, cost, uses })
    }

    fn names(&self) -> Vec<String> {
        let locals = self.locals.iter().map(|(local, _)| local.as_str());
        self.scope.names().chain(locals).map(|name| format!("`{name}`")).collect()
    }

    /// `object.key`, or `has(object.key)`.
    fn select(&self, object: Typed, place: Option<String>, key: &str, test: bool, span: Span) -> Checked {
        let span = (object.at.span.0, span.1.max(object.at.span.1));
        let place = place.map(|place| facts::field(&place, key));
        let ty = match &object.ty {
            Type::Dyn => Type::Dyn,
            Type::Map { value, .. } => (**value).clone(),
            Type::Object(fields) => match fields.iter().find(|field| field.name == key) {
                Some(field) => {
                    let known = place.as_ref().is_some_and(|place| self.facts.is_present(place));
                    if !field.present && !test && !known {
                        let message = format!("`{key}` may be missing");
                        let text =
                            "guard it: `has(….key) && …`, or `has(….key) ? ….key : …`".replace("key", key);
                        return Err(ExprError { span: range(span), message, hint: Some(text) });
                    }
                    field.ty.clone()
                }
                None => {
                    let near = suggest(key, fields.iter().map(|field| field.name.as_str()));
                    let names: Vec<_> = fields.iter().map(|field| format!("`{}`", field.name)).collect();
                    let hint = near
                        .map(|near| format!("did you mean `{near}`?"))
                        .unwrap_or_else(|| format!("the fields are {}", names.join(", ")));
                    let message = format!("there is no field `{key}`");
                    return Err(ExprError { span: range(span), message, hint: Some(hint) });
                }
            },
            Type::Nullable(_) => {
                return Err(self.error(span, "this may be null", Some("guard it: `x != null && …`")));
            }
            other => {
                let hint = Some("use the value itself, without a `.` behind it");
                return Err(self.error(span, &format!("{other} has no fields"), hint));
            }
        };
        let ty = match (&place, test) {
            (_, true) => Type::Bool,
            (Some(place), false) => self.facts.narrowed(place, ty),
            (None, false) => ty,
        };
        let (boxed, key) = (Box::new(object.at), key.into());
        let node = if test { Node::Has(boxed, key) } else { Node::Field(boxed, key) };
        Ok(Typed { at: At { node, span }, ty, cost: object.cost.saturating_add(1), uses: object.uses })
    }

    fn list(&mut self, elements: &[IdedExpr], span: Span) -> Checked {
        let (mut items, mut ty, mut cost, mut uses) = (Vec::new(), None::<Type>, 1u64, Uses::default());
        for element in elements {
            let item = self.check(element)?;
            ty = Some(match ty {
                None => item.ty.clone(),
                Some(before) => match before.merge(&item.ty) {
                    Some(joined) => joined,
                    None => {
                        let message = format!("the items before are {before}, this is {}", item.ty);
                        return Err(self.error(item.at.span, &message, None));
                    }
                },
            });
            cost = cost.saturating_add(item.cost);
            uses = uses.and(item.uses);
            items.push(item.at);
        }
        let span = (span.0, items.last().map_or(span.1, |last| last.span.1));
        let ty = Type::List { item: ty.unwrap_or(Type::Dyn).into(), max: elements.len() as u64 };
        Ok(Typed { at: At { node: Node::List(items), span }, ty, cost, uses })
    }

    fn object(&mut self, entries: &[cel::common::ast::IdedEntryExpr], span: Span) -> Checked {
        let (mut fields, mut types, mut cost, mut uses) = (Vec::new(), Vec::new(), 1u64, Uses::default());
        for entry in entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else {
                return Err(self.error(span, "a map has `key: value` entries", None));
            };
            let key = self.check(&entry.key)?;
            let value = self.check(&entry.value)?;
            if !matches!(key.ty, Type::Text { .. } | Type::Dyn) {
                return Err(self.error(key.at.span, &format!("a key is a string, this is {}", key.ty), None));
            }
            let name =
                if let Node::Const(Value::Text(name)) = &key.at.node { Some(name.to_string()) } else { None };
            if name.is_some() && types.iter().any(|(other, _)| *other == name) {
                return Err(self.error(key.at.span, "this key is there twice", None));
            }
            cost = cost.saturating_add(key.cost).saturating_add(value.cost);
            uses = uses.and(key.uses).and(value.uses);
            types.push((name, value.ty));
            fields.push((key.at, value.at));
        }
        let span = (span.0, fields.last().map_or(span.1, |(_, last)| last.span.1));
        let ty = if types.iter().all(|(name, _)| name.is_some()) {
            Type::object(types.iter().map(|(name, ty)| (name.as_deref().unwrap_or(""), ty.clone())))
        } else {
            let mut types = types.into_iter().map(|(_, ty)| ty);
            let first = types.next().unwrap_or(Type::Dyn);
            let merged = types.try_fold(first, |before, ty| before.merge(&ty).ok_or((before, ty)));
            let value = merged.map_err(|(before, ty)| {
                self.error(span, &format!("the values before are {before}, this is {ty}"), None)
            })?;
            Type::Map { value: value.into(), max: fields.len() as u64 }
        };
        Ok(Typed { at: At { node: Node::Object(fields), span }, ty, cost, uses })
    }

    fn compare(&self, comparison: Comparison, left: Typed, right: Typed) -> Checked {
        let span = (left.at.span.0, right.at.span.1);
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let operands = match left.ty.join(&right.ty) {
            None => {
                let message = format!("{} is never equal to {}", left.ty, right.ty);
                let message =
                    if equality { message } else { format!("{} has no order with {}", left.ty, right.ty) };
                let hint = match (left.ty.non_null(), right.ty.non_null()) {
                    (Type::Text { .. }, _) | (_, Type::Text { .. }) => "write both in quotes, or none",
                    _ => "compare what is of one type",
                };
                return Err(self.error(span, &message, Some(hint)));
            }
            Some(ty)
                if !equality && !matches!(ty, Type::Int | Type::Float | Type::Text { .. } | Type::Dyn) =>
            {
                let message = format!("only numbers and strings have an order, this is {ty}");
                let hint = match ty {
                    Type::Nullable(_) => "guard it: `x != null && …`",
                    Type::List { .. } | Type::Map { .. } => "compare sizes: `size(x) > …`",
                    _ => "compare a field of it",
                };
                return Err(self.error(span, &message, Some(hint)));
            }
            Some(Type::Int) => Operands::Integers,
            Some(Type::Float) => Operands::Numbers,
            Some(_) => Operands::Others,
        };
        // Two values differ or end where the smaller one does.
        let walked = left.ty.size().min(right.ty.size());
        let cost = left.cost.saturating_add(right.cost).saturating_add(1).saturating_add(walked);
        let node = Node::Compare(comparison, operands, Box::new(left.at), Box::new(right.at));
        Ok(Typed { at: At { node, span }, ty: Type::Bool, cost, uses: left.uses.and(right.uses) })
    }

    fn arithmetic(&self, op: Arithmetic, sign: &str, left: Typed, right: Typed) -> Checked {
        let span = (left.at.span.0, right.at.span.1);
        let (ty, op) = match (op, &left.ty, &right.ty) {
            (Arithmetic::Add, Type::Text { max: a }, Type::Text { max: b }) => {
                (Type::Text { max: a.saturating_add(*b) }, op)
            }
            (Arithmetic::Add, Type::List { item: a, max: m }, Type::List { item: b, max: n }) => {
                let Some(item) = a.merge(b) else {
                    let message = format!("a list of {a} and a list of {b} do not make one list");
                    return Err(self.error(span, &message, None));
                };
                (Type::List { item: item.into(), max: m.saturating_add(*n) }, op)
            }
            (Arithmetic::Add, Type::Text { max }, Type::Dyn)
            | (Arithmetic::Add, Type::Dyn, Type::Text { max }) => {
                (Type::Text { max: max.saturating_add(JSON_BYTES_MAX_DEFAULT) }, op)
            }
            (Arithmetic::Add, Type::List { .. }, Type::Dyn)
            | (Arithmetic::Add, Type::Dyn, Type::List { .. }) => {
                let message = "a list and any JSON do not make one list";
                return Err(self.error(span, message, Some("give the schema a type instead of `mote:json`")));
            }
            (Arithmetic::Add, Type::Dyn, Type::Dyn) => (Type::Dyn, Arithmetic::AddDynamic),
            (_, Type::Int, Type::Int) => (Type::Int, op),
            (Arithmetic::Modulo, Type::Float, _) | (Arithmetic::Modulo, _, Type::Float) => {
                return Err(self.error(span, "`%` takes integers", None));
            }
            (_, Type::Int | Type::Float, Type::Int | Type::Float) => {
                (Type::Float, if op == Arithmetic::Divide { Arithmetic::DivideFloat } else { op })
            }
            (_, Type::Dyn, _) | (_, _, Type::Dyn) => (Type::Dyn, op),
            (_, Type::Nullable(_), _) | (_, _, Type::Nullable(_)) => {
                return Err(self.error(span, "one side may be null", Some("guard it: `x != null && …`")));
            }
            (_, a, b) => {
                let message = format!("`{sign}` does not take {a} and {b}");
                let hint = matches!((a, b), (Type::Text { .. }, Type::Int) | (Type::Int, Type::Text { .. }))
                    .then_some("turn a number into a string with `string(n)`");
                return Err(self.error(span, &message, hint));
            }
        };
        let cost = left.cost.saturating_add(right.cost).saturating_add(1).saturating_add(ty.extent());
        let node = Node::Arithmetic(op, Box::new(left.at), Box::new(right.at));
        Ok(Typed { at: At { node, span }, ty, cost, uses: left.uses.and(right.uses) })
    }

    fn error(&self, span: Span, message: &str, hint: Option<&str>) -> ExprError {
        ExprError { span: range(span), message: message.to_owned(), hint: hint.map(str::to_owned) }
    }
}

fn range(span: Span) -> std::ops::Range<usize> {
    span.0 as usize..span.1 as usize
}
