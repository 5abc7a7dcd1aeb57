//! Evaluates a compiled expression.
//! Owns what every node does with values, and every way that can fail. Never panics: what the
//! checker could not exclude (a missing key, an overflow) is an [`EvalError`] with its place.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use super::node::{Arithmetic, At, Comparison, Loop, Node, Span};
use super::scope::Bindings;
use crate::value::{INT_MAX, Object, Value};

/// How long a list joined of two dynamic ones may be.
const DYNAMIC_ITEMS_MAX: usize = 10_000;
/// How long a text joined of two dynamic ones may be, in bytes.
const DYNAMIC_BYTES_MAX: usize = 1_000_000;

/// An expression that could not be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalError {
    /// Where in the expression's text, in bytes.
    pub span: (u32, u32),
    /// What went wrong.
    pub kind: EvalErrorKind,
}

/// The ways an expression can fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvalErrorKind {
    /// A result beyond ±(2^53 - 1).
    Overflow,
    /// Division or remainder by zero.
    DivisionByZero,
    /// A key or field that the object does not have.
    NoKey(String),
    /// An index outside the list.
    NoItem {
        /// The index.
        index: i64,
        /// How long the list is.
        length: usize,
    },
    /// A dynamic value of the wrong type.
    Type {
        /// What was needed.
        expected: &'static str,
        /// What was there.
        found: &'static str,
    },
    /// A function refused its arguments.
    Function(String),
    /// A `let` failed.
    Let {
        /// Its name.
        name: String,
        /// Why; the place is in the `let`'s own text.
        error: Box<EvalError>,
    },
    /// A function that the system defines failed.
    Definition {
        /// Its name.
        name: String,
        /// Where it is written.
        origin: String,
        /// Why; the place is in the function's own text.
        error: Box<EvalError>,
    },
    /// A name that has no value here: the caller bound too little.
    Unbound(String),
}

impl EvalError {
    pub(super) fn new(span: Span, kind: EvalErrorKind) -> EvalError {
        EvalError { span, kind }
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            EvalErrorKind::Overflow => f.write_str("the result is beyond 9007199254740991"),
            EvalErrorKind::DivisionByZero => f.write_str("division by zero"),
            EvalErrorKind::NoKey(key) => write!(f, "there is no `{key}`"),
            EvalErrorKind::NoItem { index, length } => {
                write!(f, "there is no item {index} in a list of {length}")
            }
            EvalErrorKind::Type { expected, found } => write!(f, "expected {expected}, found {found}"),
            EvalErrorKind::Function(why) => f.write_str(why),
            EvalErrorKind::Let { name, error } => write!(f, "`{name}`: {error}"),
            EvalErrorKind::Definition { name, origin, error } => {
                write!(f, "`{name}` ({origin}): {error}")
            }
            EvalErrorKind::Unbound(name) => write!(f, "`{name}` has no value here"),
        }
    }
}

/// The variables of the loops around a node, innermost first.
pub(super) struct Locals<'e> {
    pub(super) value: &'e Value,
    pub(super) outer: Option<&'e Locals<'e>>,
}

type Evaluated<'e> = Result<Cow<'e, Value>, EvalError>;

impl At {
    pub(super) fn eval<'e>(
        &'e self,
        bindings: &'e Bindings<'_>,
        locals: Option<&'e Locals<'e>>,
    ) -> Evaluated<'e> {
        let eval = |at: &'e At| at.eval(bindings, locals);
        match &self.node {
            Node::Const(value) => Ok(Cow::Borrowed(value)),
            Node::Slot(slot) => bindings.get(*slot).map(Cow::Borrowed).map_err(|kind| self.error(kind)),
            Node::Local(depth) => self.local(*depth, locals),
            Node::Field(object, key) => self.field(eval(object)?, key),
            Node::Has(object, key) => Ok(Cow::Owned(Value::Bool(eval(object)?.field(key).is_some()))),
            Node::Index(object, index) => self.index(eval(object)?, &*eval(index)?),
            Node::Not(inner) => inner.truth(bindings, locals).map(|truth| Cow::Owned(Value::Bool(!truth))),
            Node::Negate(inner) => self.negate(&*eval(inner)?),
            Node::And(left, right) => self.logic(left, right, false, bindings, locals),
            Node::Or(left, right) => self.logic(left, right, true, bindings, locals),
            Node::If(parts) => {
                let [condition, then, otherwise] = parts.as_ref();
                if condition.truth(bindings, locals)? { eval(then) } else { eval(otherwise) }
            }
            Node::Compare(comparison, _, left, right) => self
                .compare(*comparison, &*eval(left)?, &*eval(right)?)
                .map(|truth| Cow::Owned(Value::Bool(truth))),
            Node::Arithmetic(op, left, right) => {
                self.arithmetic(*op, &*eval(left)?, &*eval(right)?).map(Cow::Owned)
            }
            Node::In(item, container) => self.contains(&*eval(item)?, &*eval(container)?),
            Node::List(items) => {
                let items = items.iter().map(|item| Ok(eval(item)?.into_owned()));
                Ok(Cow::Owned(Value::List(items.collect::<Result<Vec<_>, _>>()?.into())))
            }
            Node::Object(fields) => {
                let mut object = Object::new();
                for (at, value) in fields {
                    let key = eval(at)?;
                    let text = key.as_text().ok_or_else(|| self.mistyped("a string key", &key))?;
                    if object.insert(text, eval(value)?.into_owned()).is_some() {
                        return Err(
                            at.error(EvalErrorKind::Function(format!("the key {text:?} is there twice")))
                        );
                    }
                }
                Ok(Cow::Owned(Value::Object(object.into())))
            }
            Node::Call(function, arguments) => {
                let values = arguments.iter().map(eval).collect::<Result<Vec<_>, _>>()?;
                (function.run)(&values).map(Cow::Owned).map_err(|kind| self.error(kind))
            }
            Node::Defined(call) => {
                let values = call.evaluated(bindings, locals)?;
                call.definition.call(&values).map(Cow::Owned).map_err(|kind| self.error(kind))
            }
            Node::Matches(text, pattern) => {
                let text = eval(text)?;
                let text = text.as_text().ok_or_else(|| self.mistyped("a string", &text))?;
                Ok(Cow::Owned(Value::Bool(pattern.is_match(text))))
            }
            Node::Loop { kind, range, body, result } => {
                let range = eval(range)?;
                self.run_loop(*kind, &range, body, result.as_deref(), bindings, locals).map(Cow::Owned)
            }
        }
    }

    fn truth(&self, bindings: &Bindings<'_>, locals: Option<&Locals<'_>>) -> Result<bool, EvalError> {
        let value = self.eval(bindings, locals)?;
        value.as_bool().ok_or_else(|| self.mistyped("a boolean", &value))
    }

    fn local<'e>(&'e self, depth: usize, locals: Option<&'e Locals<'e>>) -> Evaluated<'e> {
        let frame = locals.and_then(|innermost| (0..depth).try_fold(innermost, |frame, _| frame.outer));
        frame
            .map(|frame| Cow::Borrowed(frame.value))
            .ok_or_else(|| self.error(EvalErrorKind::Unbound(String::new())))
    }

    fn field<'e>(&self, object: Cow<'e, Value>, key: &str) -> Evaluated<'e> {
        let missing = || self.error(EvalErrorKind::NoKey(key.to_owned()));
        match object {
            Cow::Borrowed(Value::Object(object)) => object.get(key).map(Cow::Borrowed).ok_or_else(missing),
            Cow::Owned(Value::Object(object)) => object.get(key).cloned().map(Cow::Owned).ok_or_else(missing),
            other => Err(self.mistyped("an object", &other)),
        }
    }

    fn index<'e>(&self, container: Cow<'e, Value>, index: &Value) -> Evaluated<'e> {
        match (container, index) {
            (object, Value::Text(key)) => self.field(object, key),
            (Cow::Borrowed(Value::List(items)), Value::Int(index)) => {
                self.item(items, *index).map(Cow::Borrowed)
            }
            (Cow::Owned(Value::List(items)), Value::Int(index)) => {
                self.item(&items, *index).cloned().map(Cow::Owned)
            }
            (other, _) => Err(self.mistyped("a list with an integer or a map with a string", &other)),
        }
    }

    fn item<'i>(&self, items: &'i [Value], index: i64) -> Result<&'i Value, EvalError> {
        let found = usize::try_from(index).ok().and_then(|at| items.get(at));
        found.ok_or_else(|| self.error(EvalErrorKind::NoItem { index, length: items.len() }))
    }

    fn negate<'e>(&self, value: &Value) -> Evaluated<'e> {
        match value {
            Value::Int(int) => Ok(Cow::Owned(Value::Int(-int))),
            Value::Float(float) => Ok(Cow::Owned(Value::Float(-float))),
            other => Err(self.mistyped("a number", other)),
        }
    }

    /// `&&` (`decisive` false) and `||` (`decisive` true): as CEL has it, a decisive side wins over
    /// an error on the other.
    fn logic<'e>(
        &self,
        left: &At,
        right: &At,
        decisive: bool,
        bindings: &Bindings<'_>,
        locals: Option<&Locals<'_>>,
    ) -> Evaluated<'e> {
        let first = left.truth(bindings, locals);
        if first == Ok(decisive) {
            return Ok(Cow::Owned(Value::Bool(decisive)));
        }
        match (first, right.truth(bindings, locals)) {
            (_, Ok(truth)) if truth == decisive => Ok(Cow::Owned(Value::Bool(decisive))),
            (Err(error), _) | (Ok(_), Err(error)) => Err(error),
            (Ok(_), Ok(_)) => Ok(Cow::Owned(Value::Bool(!decisive))),
        }
    }

    fn compare(&self, comparison: Comparison, left: &Value, right: &Value) -> Result<bool, EvalError> {
        let order = || left.order(right).ok_or_else(|| self.mistyped("two values that have an order", right));
        Ok(match comparison {
            Comparison::Equal => left == right,
            Comparison::NotEqual => left != right,
            Comparison::Less => order()? == Ordering::Less,
            Comparison::LessOrEqual => order()? != Ordering::Greater,
            Comparison::Greater => order()? == Ordering::Greater,
            Comparison::GreaterOrEqual => order()? != Ordering::Less,
        })
    }

    fn arithmetic(&self, op: Arithmetic, left: &Value, right: &Value) -> Result<Value, EvalError> {
        match (op, left, right) {
            (Arithmetic::AddDynamic, Value::Text(a), Value::Text(b))
                if a.len() + b.len() > DYNAMIC_BYTES_MAX =>
            {
                Err(self.error(EvalErrorKind::Function("the joined text is too long".to_owned())))
            }
            (Arithmetic::AddDynamic, Value::List(a), Value::List(b))
                if a.len() + b.len() > DYNAMIC_ITEMS_MAX =>
            {
                Err(self.error(EvalErrorKind::Function("the joined list is too long".to_owned())))
            }
            (Arithmetic::AddDynamic, a, b) => self.arithmetic(Arithmetic::Add, a, b),
            (Arithmetic::Add, Value::Text(a), Value::Text(b)) => Ok(Value::text(format!("{a}{b}"))),
            (Arithmetic::Add, Value::List(a), Value::List(b)) => {
                Ok(Value::list(a.iter().chain(b.iter()).cloned()))
            }
            (Arithmetic::Divide | Arithmetic::Modulo, Value::Int(_), Value::Int(0)) => {
                Err(self.error(EvalErrorKind::DivisionByZero))
            }
            (Arithmetic::DivideFloat, a, b) => self.float(op, a, b),
            (op, Value::Int(a), Value::Int(b)) => {
                let (a, b) = (i128::from(*a), i128::from(*b));
                let result = match op {
                    Arithmetic::Add | Arithmetic::AddDynamic => a + b,
                    Arithmetic::Subtract => a - b,
                    Arithmetic::Multiply => a * b,
                    Arithmetic::Divide | Arithmetic::DivideFloat => a / b,
                    Arithmetic::Modulo => a % b,
                };
                int(result).ok_or_else(|| self.error(EvalErrorKind::Overflow))
            }
            (op, a, b) => self.float(op, a, b),
        }
    }

    fn float(&self, op: Arithmetic, left: &Value, right: &Value) -> Result<Value, EvalError> {
        let number = |value: &Value| match value {
            Value::Int(int) => Ok(*int as f64),
            Value::Float(float) => Ok(*float),
            other => Err(self.mistyped("a number", other)),
        };
        let (a, b) = (number(left)?, number(right)?);
        let result = match op {
            Arithmetic::Add | Arithmetic::AddDynamic => a + b,
            Arithmetic::Subtract => a - b,
            Arithmetic::Multiply => a * b,
            Arithmetic::Divide | Arithmetic::DivideFloat if b == 0.0 => {
                return Err(self.error(EvalErrorKind::DivisionByZero));
            }
            Arithmetic::Divide | Arithmetic::DivideFloat => a / b,
            Arithmetic::Modulo => return Err(self.mistyped("two integers", right)),
        };
        Value::number(result).ok_or_else(|| self.error(EvalErrorKind::Overflow))
    }

    fn contains<'e>(&self, item: &Value, container: &Value) -> Evaluated<'e> {
        let found = match (container, item) {
            (Value::List(items), item) => items.contains(item),
            (Value::Object(object), Value::Text(key)) => object.contains(key),
            (other, _) => return Err(self.mistyped("a list, or a map and a string", other)),
        };
        Ok(Cow::Owned(Value::Bool(found)))
    }

    fn run_loop(
        &self,
        kind: Loop,
        range: &Value,
        body: &At,
        result: Option<&At>,
        bindings: &Bindings<'_>,
        locals: Option<&Locals<'_>>,
    ) -> Result<Value, EvalError> {
        let keys: Vec<Value>;
        let items = match range {
            Value::List(items) => items.as_slice(),
            Value::Object(object) => {
                keys = object.iter().map(|(key, _)| Value::text(key)).collect();
                &keys
            }
            other => return Err(self.mistyped("a list or a map", other)),
        };
        match kind {
            Loop::All => search(items, false, body, bindings, locals),
            Loop::Exists => search(items, true, body, bindings, locals),
            Loop::ExistsOne => {
                let mut count = 0;
                for value in items {
                    count += usize::from(body.truth(bindings, Some(&Locals { value, outer: locals }))?);
                }
                Ok(Value::Bool(count == 1))
            }
            Loop::Filter => {
                let mut kept = Vec::new();
                for value in items {
                    if body.truth(bindings, Some(&Locals { value, outer: locals }))? {
                        kept.push(value.clone());
                    }
                }
                Ok(Value::list(kept))
            }
            Loop::Map => {
                let mut mapped = Vec::with_capacity(items.len());
                for value in items {
                    let frame = Locals { value, outer: locals };
                    match result {
                        None => mapped.push(body.eval(bindings, Some(&frame))?.into_owned()),
                        Some(result) if body.truth(bindings, Some(&frame))? => {
                            mapped.push(result.eval(bindings, Some(&frame))?.into_owned());
                        }
                        Some(_) => {}
                    }
                }
                Ok(Value::list(mapped))
            }
            Loop::SortBy => {
                let mut keyed = Vec::with_capacity(items.len());
                for value in items {
                    let frame = Locals { value, outer: locals };
                    keyed.push((body.eval(bindings, Some(&frame))?.into_owned(), value.clone()));
                }
                super::functions::sortable(keyed.iter().map(|(key, _)| key))
                    .map_err(|kind| body.error(kind))?;
                keyed.sort_by(|(a, _), (b, _)| a.order(b).unwrap_or(Ordering::Equal));
                Ok(Value::list(keyed.into_iter().map(|(_, value)| value)))
            }
        }
    }

    fn mistyped(&self, expected: &'static str, found: &Value) -> EvalError {
        self.error(EvalErrorKind::Type { expected, found: found.kind() })
    }

    fn error(&self, kind: EvalErrorKind) -> EvalError {
        EvalError::new(self.span, kind)
    }
}

/// `exists` (`decisive` true) and `all` (`decisive` false): one decisive item wins over errors.
fn search(
    items: &[Value],
    decisive: bool,
    body: &At,
    bindings: &Bindings<'_>,
    locals: Option<&Locals<'_>>,
) -> Result<Value, EvalError> {
    let mut failed = None;
    for value in items {
        match body.truth(bindings, Some(&Locals { value, outer: locals })) {
            Ok(truth) if truth == decisive => return Ok(Value::Bool(decisive)),
            Ok(_) => {}
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    failed.map_or(Ok(Value::Bool(!decisive)), Err)
}

/// The value of an exact integer, if it is in range.
pub(super) fn int(result: i128) -> Option<Value> {
    i64::try_from(result).ok().filter(|int| (-INT_MAX..=INT_MAX).contains(int)).map(Value::Int)
}
