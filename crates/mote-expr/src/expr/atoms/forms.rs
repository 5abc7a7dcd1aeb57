//! What schemas tell of an expression before it is evaluated: the range of an integer, the length
//! of a list, a truth that never changes. Owns the arithmetic of ranges. Where nothing is told the
//! answer is that nothing is known: what is excluded here is excluded for ever.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use crate::expr::definition::Call;
use crate::expr::node::{Arithmetic, At, Comparison, Loop, Node};
use crate::expr::scope::{Scope, Slot};
use crate::schema::{Schema, Shape};
use crate::value::{INT_MAX, Value};

/// What is known of a value.
#[derive(Clone, Debug)]
pub(super) enum Form<'s> {
    /// Nothing.
    Any,
    /// An integer in a range, both ends included.
    Int(i64, i64),
    /// A boolean, and which one if it never changes.
    Bool(Option<bool>),
    /// A string of so many characters.
    Text(u64, u64),
    /// A list of so many items.
    List(Box<Form<'s>>, u64, u64),
    /// What a schema says, where it is neither of those.
    Of(&'s Schema),
    /// This value.
    Const(Value),
}

/// The forms of the expressions of one scope.
pub(super) struct Forms<'f, 's> {
    scope: &'f Scope,
    schemas: &'f dyn Fn(Slot) -> Option<&'s Schema>,
    /// What is known of the parameters, in a definition.
    parameters: Vec<Form<'s>>,
    /// Of `let`s: each is looked at once.
    derived: RefCell<BTreeMap<u8, Form<'s>>>,
    /// How many more nodes are looked at: definitions that call others in both branches of a
    /// condition would otherwise double the walk with every level.
    left: Cell<u32>,
}

/// How many nodes of one expression are looked at, those of definitions counted with each call.
const NODES_MAX: u32 = 50_000;

impl<'s> Form<'s> {
    fn of(schema: &'s Schema) -> Form<'s> {
        if schema.nullable {
            return Form::Any;
        }
        match &schema.shape {
            Shape::Int { min, max, .. } => Form::Int(*min, *max),
            Shape::Bool => Form::Bool(None),
            Shape::Text(text) => Form::Text(text.min, text.max),
            Shape::List { item, min, max, .. } => Form::List(Form::of(item).into(), *min, *max),
            _ => Form::Of(schema),
        }
    }

    fn of_value(value: &Value) -> Form<'s> {
        match value {
            Value::Int(int) => Form::Int(*int, *int),
            Value::Bool(bool) => Form::Bool(Some(*bool)),
            other => Form::Const(other.clone()),
        }
    }

    /// What either of two may be.
    fn or(self, other: Form<'s>) -> Form<'s> {
        match (self, other) {
            (Form::Int(a, b), Form::Int(c, d)) => Form::Int(a.min(c), b.max(d)),
            (Form::Bool(a), Form::Bool(b)) => Form::Bool(if a == b { a } else { None }),
            (Form::Text(a, b), Form::Text(c, d)) => Form::Text(a.min(c), b.max(d)),
            (Form::List(a, b, c), Form::List(d, e, f)) => Form::List(a.or(*d).into(), b.min(e), c.max(f)),
            (Form::Const(a), Form::Const(b)) if a == b => Form::Const(a),
            _ => Form::Any,
        }
    }

    /// The range of an integer: whole if it is not known to be narrower.
    pub(super) fn range(&self) -> (i64, i64) {
        if let Form::Int(min, max) = self { (*min, *max) } else { (-INT_MAX, INT_MAX) }
    }

    fn size(&self) -> Form<'s> {
        let count = |count: u64| i64::try_from(count).unwrap_or(INT_MAX).min(INT_MAX);
        match self {
            Form::Text(min, max) | Form::List(_, min, max) => Form::Int(count(*min), count(*max)),
            Form::Of(Schema { shape: Shape::Map { max, .. }, .. }) => Form::Int(0, count(*max)),
            Form::Const(Value::Text(text)) => Form::of_value(&Value::Int(count(text.chars().count() as u64))),
            _ => Form::Int(0, INT_MAX),
        }
    }
}

impl<'f, 's> Forms<'f, 's> {
    pub(super) fn new(scope: &'f Scope, schemas: &'f dyn Fn(Slot) -> Option<&'s Schema>) -> Forms<'f, 's> {
        let left = Cell::new(NODES_MAX);
        Forms { scope, schemas, parameters: Vec::new(), derived: RefCell::default(), left }
    }

    /// Those of the body of a definition, in this call of it.
    pub(super) fn of_call(&'f self, call: &'f Call, locals: &[Form<'s>]) -> Forms<'f, 's> {
        Forms {
            scope: call.definition.scope(),
            schemas: self.schemas,
            parameters: call.arguments.iter().map(|argument| self.form(argument, locals)).collect(),
            derived: RefCell::default(),
            left: Cell::new(self.left.get()),
        }
    }

    /// Whether this is always true, or always false. `locals` are the variables of the loops around
    /// it, outermost first.
    pub(super) fn truth(&self, at: &At, locals: &[Form<'s>]) -> Option<bool> {
        if let Form::Bool(truth) = self.form(at, locals) { truth } else { None }
    }

    pub(super) fn form(&self, at: &At, locals: &[Form<'s>]) -> Form<'s> {
        let Some(left) = self.left.get().checked_sub(1) else { return Form::Any };
        self.left.set(left);
        let form = |at: &At| self.form(at, locals);
        let truth = |at: &At| self.truth(at, locals);
        match &at.node {
            Node::Defined(call) => {
                let inner = self.of_call(call, locals);
                let form = inner.form(&call.definition.body().root, &[]);
                self.left.set(inner.left.get());
                form
            }
            Node::Const(value) => Form::of_value(value),
            Node::Slot(slot) => self.slot(*slot),
            Node::Local(depth) => {
                let at = locals.len().checked_sub(depth + 1);
                at.and_then(|at| locals.get(at)).cloned().unwrap_or(Form::Any)
            }
            Node::Field(object, name) => match form(object) {
                Form::Of(schema) => schema.field(name).map_or(Form::Any, |field| Form::of(&field.schema)),
                _ => Form::Any,
            },
            Node::Has(object, name) => match form(object) {
                Form::Of(schema) => match schema.field(name) {
                    // A field with a default is there once the value is complete.
                    Some(field) if field.required || field.schema.default.is_some() => Form::Bool(Some(true)),
                    _ => Form::Bool(None),
                },
                _ => Form::Bool(None),
            },
            Node::Index(list, _) => match form(list) {
                Form::List(item, ..) => *item,
                Form::Of(Schema { shape: Shape::Map { value, .. }, .. }) => Form::of(value),
                _ => Form::Any,
            },
            Node::Not(inner) => Form::Bool(truth(inner).map(|truth| !truth)),
            Node::Negate(inner) => match form(inner) {
                Form::Int(min, max) => Form::Int(-max, -min),
                _ => Form::Any,
            },
            Node::And(left, right) => Form::Bool(decided(false, truth(left), truth(right))),
            Node::Or(left, right) => Form::Bool(decided(true, truth(left), truth(right))),
            Node::If(parts) => match truth(&parts[0]) {
                Some(true) => form(&parts[1]),
                Some(false) => form(&parts[2]),
                None => form(&parts[1]).or(form(&parts[2])),
            },
            Node::Compare(comparison, _, left, right) => {
                Form::Bool(compared(*comparison, &form(left), &form(right)))
            }
            Node::Arithmetic(op, left, right) => arithmetic(*op, form(left), form(right)),
            Node::List(items) => {
                let count = items.len() as u64;
                let item = items.iter().map(form).reduce(Form::or).unwrap_or(Form::Any);
                Form::List(item.into(), count, count)
            }
            Node::Call(function, arguments) => {
                call(function.name, &arguments.iter().map(form).collect::<Vec<_>>())
            }
            Node::Loop { kind, range, body, result } => {
                self.looped(*kind, form(range), body, result.as_deref(), locals)
            }
            Node::In(..) | Node::Matches(..) => Form::Bool(None),
            Node::Object(_) => Form::Any,
        }
    }

    fn slot(&self, slot: Slot) -> Form<'s> {
        if let Some(argument) = self.parameters.get(usize::from(slot.0)) {
            return argument.clone();
        }
        let Some(derived) = self.scope.derived_at(usize::from(slot.0)) else {
            return (self.schemas)(slot).map_or(Form::Any, Form::of);
        };
        if let Some(known) = self.derived.borrow().get(&slot.0) {
            return known.clone();
        }
        let form = self.form(&derived.root, &[]);
        self.derived.borrow_mut().insert(slot.0, form.clone());
        form
    }

    /// The variable of a loop over `range`.
    pub(super) fn item(range: &Form<'s>) -> Form<'s> {
        if let Form::List(item, ..) = range { (**item).clone() } else { Form::Any }
    }

    fn looped(
        &self,
        kind: Loop,
        range: Form<'s>,
        body: &At,
        result: Option<&At>,
        locals: &[Form<'s>],
    ) -> Form<'s> {
        let mut inner = locals.to_vec();
        inner.push(Self::item(&range));
        let (min, max) = match &range {
            Form::List(_, min, max) => (*min, *max),
            _ => (0, u64::MAX),
        };
        match kind {
            Loop::All => Form::Bool(self.truth(body, &inner).filter(|truth| *truth || min > 0)),
            Loop::Exists => Form::Bool(self.truth(body, &inner).filter(|truth| !*truth || min > 0)),
            Loop::ExistsOne => Form::Bool(None),
            Loop::Filter => Form::List(Self::item(&range).into(), 0, max),
            Loop::SortBy => range,
            Loop::Map => {
                let made = self.form(result.unwrap_or(body), &inner);
                Form::List(made.into(), if result.is_some() { 0 } else { min }, max)
            }
        }
    }
}

/// `&&` (`decisive` false) or `||` (`decisive` true).
fn decided(decisive: bool, left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(side), _) | (_, Some(side)) if side == decisive => Some(decisive),
        (Some(_), Some(_)) => Some(!decisive),
        _ => None,
    }
}

fn compared(comparison: Comparison, left: &Form<'_>, right: &Form<'_>) -> Option<bool> {
    let (Form::Int(a, b), Form::Int(c, d)) = (left, right) else {
        let never_equal = match (left, right) {
            (Form::Const(a), Form::Const(b)) => return equality(comparison, a == b),
            (Form::Of(Schema { shape: Shape::Enum(values), .. }), Form::Const(value))
            | (Form::Const(value), Form::Of(Schema { shape: Shape::Enum(values), .. })) => {
                !values.contains(value)
            }
            _ => false,
        };
        return if never_equal { equality(comparison, false) } else { None };
    };
    let less = |a: (i64, i64), b: (i64, i64)| {
        if a.1 < b.0 {
            Some(true)
        } else if a.0 >= b.1 {
            Some(false)
        } else {
            None
        }
    };
    let (left, right) = ((*a, *b), (*c, *d));
    match comparison {
        Comparison::Equal | Comparison::NotEqual if b < c || d < a => equality(comparison, false),
        Comparison::Equal | Comparison::NotEqual if a == b && left == right => equality(comparison, true),
        Comparison::Equal | Comparison::NotEqual => None,
        Comparison::Less => less(left, right),
        Comparison::GreaterOrEqual => less(left, right).map(|truth| !truth),
        Comparison::Greater => less(right, left),
        Comparison::LessOrEqual => less(right, left).map(|truth| !truth),
    }
}

fn equality(comparison: Comparison, equal: bool) -> Option<bool> {
    match comparison {
        Comparison::Equal => Some(equal),
        Comparison::NotEqual => Some(!equal),
        _ => None,
    }
}

/// A range within what integers can be: beyond it an expression errs, and has no value.
fn range<'s>(ends: &[i128]) -> Form<'s> {
    let within = |end: i128| end.clamp(-i128::from(INT_MAX), i128::from(INT_MAX)) as i64;
    match (ends.iter().min(), ends.iter().max()) {
        (Some(min), Some(max)) => Form::Int(within(*min), within(*max)),
        _ => Form::Any,
    }
}

fn arithmetic<'s>(op: Arithmetic, left: Form<'s>, right: Form<'s>) -> Form<'s> {
    match (op, left, right) {
        (Arithmetic::Add, Form::List(a, b, c), Form::List(d, e, f)) => {
            Form::List(a.or(*d).into(), b.saturating_add(e), c.saturating_add(f))
        }
        (op, Form::Int(a, b), Form::Int(c, d)) => {
            let [a, b, c, d] = [a, b, c, d].map(i128::from);
            match op {
                Arithmetic::Add => range(&[a + c, b + d]),
                Arithmetic::Subtract => range(&[a - d, b - c]),
                Arithmetic::Multiply => range(&[a * c, a * d, b * c, b * d]),
                Arithmetic::Divide if c > 0 => range(&[a / c, a / d, b / c, b / d]),
                Arithmetic::Modulo if c > 0 => range(&[if a < 0 { 1 - d } else { 0 }, d - 1]),
                _ => Form::Any,
            }
        }
        _ => Form::Any,
    }
}

fn call<'s>(name: &str, arguments: &[Form<'s>]) -> Form<'s> {
    match (name, arguments) {
        ("size", [of]) => of.size(),
        ("sum", [Form::List(item, min, max)]) => match **item {
            Form::Int(low, high) => {
                let [low, high, min, max] =
                    [i128::from(low), i128::from(high), i128::from(*min), i128::from(*max)];
                range(&[
                    low.saturating_mul(min),
                    low.saturating_mul(max),
                    high.saturating_mul(min),
                    high.saturating_mul(max),
                ])
            }
            _ => Form::Any,
        },
        ("min" | "max", [Form::List(item, ..)]) if matches!(**item, Form::Int(..)) => (**item).clone(),
        ("min", [Form::Int(a, b), Form::Int(c, d)]) => Form::Int(*a.min(c), *b.min(d)),
        ("max", [Form::Int(a, b), Form::Int(c, d)]) => Form::Int(*a.max(c), *b.max(d)),
        ("mulDiv", [Form::Int(a, b), Form::Int(c, d), Form::Int(e, f)]) if *a >= 0 && *c >= 0 && *e > 0 => {
            let [a, b, c, d, e, f] = [a, b, c, d, e, f].map(|end| i128::from(*end));
            range(&[a * c / f, b * d / e])
        }
        ("abs", [Form::Int(a, b)]) if *a >= 0 => Form::Int(*a, *b),
        ("abs", [Form::Int(a, b)]) => Form::Int(0, b.saturating_abs().max(a.saturating_abs())),
        ("sort" | "reverse", [list @ Form::List(..), ..]) => list.clone(),
        ("distinct", [Form::List(item, min, max)]) => Form::List(item.clone(), (*min).min(1), *max),
        ("unique" | "startsWith" | "endsWith" | "contains", _) => Form::Bool(None),
        _ => Form::Any,
    }
}
