//! Types operators, functions and loops.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr as Ast, LiteralValue, operators};

use super::super::ExprError;
use super::super::functions;
use super::super::node::{Arithmetic, At, Comparison, Loop, Node, Span};
use super::super::scope::Called;
use super::super::types::Type;
use super::{Checked, Checker, Typed, defined, facts, range};
use crate::schema::Pattern;
use crate::suggest;
use crate::value::Value;

pub(super) fn check(checker: &mut Checker<'_>, call: &CallExpr, span: Span) -> Checked {
    if let Some(target) = &call.target {
        return method(checker, target, &call.func_name, &call.args, span);
    }
    match (call.func_name.as_str(), call.args.as_slice()) {
        (operators::CONDITIONAL, [condition, then, otherwise]) => {
            conditional(checker, condition, then, otherwise)
        }
        (operators::LOGICAL_AND, [left, right]) => logic(checker, left, right, true),
        (operators::LOGICAL_OR, [left, right]) => logic(checker, left, right, false),
        (operators::LOGICAL_NOT, [inner]) => {
            let inner = boolean(checker, inner)?;
            let at = At { span: (span.0, inner.at.span.1), node: Node::Not(Box::new(inner.at)) };
            Ok(Typed { at, ty: Type::Bool, cost: inner.cost + 1, uses: inner.uses })
        }
        (operators::NEGATE, [inner]) => negate(checker, inner, span),
        (operators::INDEX, [object, index]) => self::index(checker, object, index),
        (operators::IN, [item, container]) => contains(checker, item, container),
        (operators::OPT_INDEX | operators::OPT_SELECT, _) => {
            Err(checker.error(span, "optional access is not supported", Some("write `has(x.f) ? x.f : …`")))
        }
        ("has", [field]) => match &field.expr {
            Ast::Select(select) => {
                let object = checker.check(&select.operand)?;
                let place = facts::path(&select.operand, checker);
                checker.select(object, place, &select.field, true, span)
            }
            _ => Err(checker.error(span, "`has` takes a field", Some("write `has(input.note)`"))),
        },
        (name, [left, right]) => match binary(name) {
            Some(Binary::Compare(comparison)) => {
                let (left, right) = (checker.check(left)?, checker.check(right)?);
                checker.compare(comparison, left, right)
            }
            Some(Binary::Arithmetic(op, sign)) => {
                let (left, right) = (checker.check(left)?, checker.check(right)?);
                checker.arithmetic(op, sign, left, right)
            }
            None => function(checker, name, None, &call.args, span),
        },
        (name, arguments) => function(checker, name, None, arguments, span),
    }
}

enum Binary {
    Compare(Comparison),
    Arithmetic(Arithmetic, &'static str),
}

fn binary(name: &str) -> Option<Binary> {
    Some(match name {
        operators::EQUALS => Binary::Compare(Comparison::Equal),
        operators::NOT_EQUALS => Binary::Compare(Comparison::NotEqual),
        operators::LESS => Binary::Compare(Comparison::Less),
        operators::LESS_EQUALS => Binary::Compare(Comparison::LessOrEqual),
        operators::GREATER => Binary::Compare(Comparison::Greater),
        operators::GREATER_EQUALS => Binary::Compare(Comparison::GreaterOrEqual),
        operators::ADD => Binary::Arithmetic(Arithmetic::Add, "+"),
        operators::SUBSTRACT => Binary::Arithmetic(Arithmetic::Subtract, "-"),
        operators::MULTIPLY => Binary::Arithmetic(Arithmetic::Multiply, "*"),
        operators::DIVIDE => Binary::Arithmetic(Arithmetic::Divide, "/"),
        operators::MODULO => Binary::Arithmetic(Arithmetic::Modulo, "%"),
        _ => return None,
    })
}

fn boolean(checker: &mut Checker<'_>, expr: &IdedExpr) -> Checked {
    let typed = checker.check(expr)?;
    match typed.ty {
        Type::Bool | Type::Dyn => Ok(typed),
        ref other => {
            Err(checker.error(typed.at.span, &format!("expected true or false, this is {other}"), None))
        }
    }
}

/// `&&` (the right side knows the left is true) and `||` (it knows the left is false).
fn logic(checker: &mut Checker<'_>, left: &IdedExpr, right: &IdedExpr, and: bool) -> Checked {
    let first = boolean(checker, left)?;
    let second = checker.knowing(left, and, |checker| boolean(checker, right))?;
    let span = (first.at.span.0, second.at.span.1);
    let (cost, uses) =
        (first.cost.saturating_add(second.cost).saturating_add(1), first.uses.and(second.uses));
    let (a, b) = (Box::new(first.at), Box::new(second.at));
    let node = if and { Node::And(a, b) } else { Node::Or(a, b) };
    Ok(Typed { at: At { node, span }, ty: Type::Bool, cost, uses })
}

fn conditional(
    checker: &mut Checker<'_>,
    condition: &IdedExpr,
    then: &IdedExpr,
    otherwise: &IdedExpr,
) -> Checked {
    let decided = boolean(checker, condition)?;
    let yes = checker.knowing(condition, true, |checker| checker.check(then))?;
    let no = checker.knowing(condition, false, |checker| checker.check(otherwise))?;
    let span = (decided.at.span.0, no.at.span.1);
    let Some(ty) = yes.ty.merge(&no.ty) else {
        let message = format!("one side is {}, the other {}", yes.ty, no.ty);
        return Err(checker.error(span, &message, None));
    };
    let cost = decided.cost.saturating_add(yes.cost.max(no.cost)).saturating_add(1);
    let uses = decided.uses.and(yes.uses).and(no.uses);
    let node = Node::If(Box::new([decided.at, yes.at, no.at]));
    Ok(Typed { at: At { node, span }, ty, cost, uses })
}

fn negate(checker: &mut Checker<'_>, inner: &IdedExpr, span: Span) -> Checked {
    let inner = checker.check(inner)?;
    if !matches!(inner.ty, Type::Int | Type::Float | Type::Dyn) {
        return Err(checker.error(inner.at.span, &format!("`-` takes a number, this is {}", inner.ty), None));
    }
    let at = At { span: (span.0, inner.at.span.1), node: Node::Negate(Box::new(inner.at)) };
    Ok(Typed { at, ty: inner.ty, cost: inner.cost + 1, uses: inner.uses })
}

fn index(checker: &mut Checker<'_>, object: &IdedExpr, index: &IdedExpr) -> Checked {
    let container = checker.check(object)?;
    let at = checker.check(index)?;
    // The closing bracket follows the index.
    let span = (container.at.span.0, at.at.span.1 + 1);
    let ty = match (&container.ty, &at.ty) {
        (Type::List { item, .. }, Type::Int | Type::Dyn) => (**item).clone(),
        (Type::Map { value, .. }, Type::Text { .. } | Type::Dyn) => (**value).clone(),
        (Type::Dyn, _) => Type::Dyn,
        (Type::Object(_), Type::Text { .. }) => match &at.at.node {
            Node::Const(Value::Text(key)) => {
                let place = facts::path(object, checker);
                let key = key.clone();
                return checker.select(container, place, &key, false, span);
            }
            _ => {
                let hint = Some("an object's fields have types of their own: write `object.field`");
                return Err(checker.error(span, "an object is not indexed by a computed name", hint));
            }
        },
        (Type::Nullable(_), _) => {
            return Err(checker.error(span, "this may be null", Some("guard it: `x != null && …`")));
        }
        (container, at) => {
            let message = format!("{container} is not indexed by {at}");
            return Err(checker.error(span, &message, None));
        }
    };
    let (cost, uses) =
        (container.cost.saturating_add(at.cost).saturating_add(1), container.uses.and(at.uses));
    let node = Node::Index(Box::new(container.at), Box::new(at.at));
    Ok(Typed { at: At { node, span }, ty, cost, uses })
}

fn contains(checker: &mut Checker<'_>, item: &IdedExpr, container: &IdedExpr) -> Checked {
    let item = checker.check(item)?;
    let container = checker.check(container)?;
    let span = (item.at.span.0, container.at.span.1);
    let fits = match &container.ty {
        Type::List { item: inner, .. } => inner.join(&item.ty).is_some(),
        Type::Map { .. } | Type::Object(_) => matches!(item.ty, Type::Text { .. } | Type::Dyn),
        Type::Dyn => true,
        _ => false,
    };
    if !fits {
        let message = format!("{} is never in {}", item.ty, container.ty);
        return Err(checker.error(span, &message, None));
    }
    let walked = match &container.ty {
        // Each item is compared.
        Type::List { item: inner, max } => max.saturating_mul(item.ty.size().min(inner.size())),
        ty => ty.extent(),
    };
    let cost = item.cost.saturating_add(container.cost).saturating_add(1).saturating_add(walked);
    let uses = item.uses.and(container.uses);
    let node = Node::In(Box::new(item.at), Box::new(container.at));
    Ok(Typed { at: At { node, span }, ty: Type::Bool, cost, uses })
}

fn method(
    checker: &mut Checker<'_>,
    target: &IdedExpr,
    name: &str,
    arguments: &[IdedExpr],
    span: Span,
) -> Checked {
    let kind = match (name, arguments.len()) {
        ("all", 2) => Loop::All,
        ("exists", 2) => Loop::Exists,
        ("exists_one" | "existsOne", 2) => Loop::ExistsOne,
        ("filter", 2) => Loop::Filter,
        ("map", 2 | 3) => Loop::Map,
        ("sortBy", 2) => Loop::SortBy,
        _ => return function(checker, name, Some(target), arguments, span),
    };
    looped(checker, kind, target, arguments, span)
}

fn looped(
    checker: &mut Checker<'_>,
    kind: Loop,
    target: &IdedExpr,
    arguments: &[IdedExpr],
    span: Span,
) -> Checked {
    let range = checker.check(target)?;
    let (item, count) = match &range.ty {
        Type::List { item, max } => ((**item).clone(), *max),
        Type::Map { max, .. } => (Type::TEXT, *max),
        Type::Dyn => (Type::Dyn, range.ty.extent()),
        other => {
            let message = format!("only lists and maps are looped over, this is {other}");
            return Err(checker.error(range.at.span, &message, None));
        }
    };
    let Ast::Ident(variable) = &arguments[0].expr else {
        let hint = Some("write `list.all(item, item > 0)`");
        return Err(checker.error(span, "the first argument names the loop's variable", hint));
    };
    if checker.scope.slot(variable).is_some() || checker.scope.defines(variable) {
        let message = format!("`{variable}` already means something here");
        let hint = Some("give the variable another name");
        return Err(checker.error(checker.offsets.token(&arguments[0]), &message, hint));
    }
    checker.locals.push((variable.clone(), item.clone()));
    let inner = loop_body(checker, kind, &arguments[1..]);
    checker.locals.pop();
    let (body, result) = inner?;
    let ty = match kind {
        Loop::All | Loop::Exists | Loop::ExistsOne => Type::Bool,
        Loop::Filter | Loop::SortBy => Type::List { item: item.into(), max: count },
        Loop::Map => Type::List { item: result.as_ref().unwrap_or(&body).ty.clone().into(), max: count },
    };
    let each = body.cost.saturating_add(result.as_ref().map_or(0, |result| result.cost)).saturating_add(1);
    let cost = range.cost.saturating_add(each.saturating_mul(count)).saturating_add(1);
    let uses =
        range.uses.and(body.uses).and(result.as_ref().map_or_else(Default::default, |result| result.uses));
    let end = result.as_ref().unwrap_or(&body).at.span.1 + 1;
    let at = At {
        span: (range.at.span.0, end),
        node: Node::Loop {
            kind,
            range: Box::new(range.at),
            body: Box::new(body.at),
            result: result.map(|result| Box::new(result.at)),
        },
    };
    Ok(Typed { at, ty, cost, uses })
}

/// The body, and for a `map` with a filter what it maps to.
fn loop_body(
    checker: &mut Checker<'_>,
    kind: Loop,
    arguments: &[IdedExpr],
) -> Result<(Typed, Option<Typed>), ExprError> {
    match (kind, arguments) {
        (Loop::Map, [filter, result]) => {
            let body = boolean(checker, filter)?;
            let result = checker.knowing(filter, true, |checker| checker.check(result))?;
            Ok((body, Some(result)))
        }
        (Loop::Map, _) => Ok((checker.check(&arguments[0])?, None)),
        (Loop::SortBy, _) => {
            let key = checker.check(&arguments[0])?;
            if matches!(key.ty, Type::Int | Type::Float | Type::Text { .. } | Type::Dyn) {
                return Ok((key, None));
            }
            Err(checker.error(
                key.at.span,
                &format!("sorted by numbers or strings, this is {}", key.ty),
                None,
            ))
        }
        _ => Ok((boolean(checker, &arguments[0])?, None)),
    }
}

fn function(
    checker: &mut Checker<'_>,
    name: &str,
    target: Option<&IdedExpr>,
    arguments: &[IdedExpr],
    span: Span,
) -> Checked {
    if name == "matches"
        && let Some((text, pattern)) = match (target, arguments) {
            (Some(text), [pattern]) => Some((text, pattern)),
            (None, [text, pattern]) => Some((text, pattern)),
            _ => None,
        }
    {
        return matches(checker, text, pattern, span);
    }
    let mut typed = Vec::with_capacity(arguments.len() + 1);
    for argument in target.into_iter().chain(arguments) {
        typed.push(checker.check(argument)?);
    }
    let Some(function) = functions::find(name, target.is_some()) else {
        let (start, bracket) = checker.offsets.with_name(span, name);
        let start = if target.is_some() { typed[0].at.span.0 } else { start };
        let place = (start, typed.last().map_or(bracket, |last| bracket.max(last.at.span.1)));
        return match checker.scope.called(name) {
            Called::Defined(definition) if target.is_none() => {
                let definition = definition.clone();
                let whole = (start, typed.last().map_or(span.1, |last| span.1.max(last.at.span.1 + 1)));
                defined::check(checker, definition, typed, whole)
            }
            Called::Unreadable => Ok(defined::unreadable(typed, place)),
            Called::Defined(_) | Called::Unknown => Err(unknown(checker, name, target.is_some(), place)),
        };
    };
    let types: Vec<Type> = typed.iter().map(|argument| argument.ty.clone()).collect();
    let start = if target.is_some() { typed[0].at.span.0 } else { checker.offsets.with_name(span, name).0 };
    let end = typed.last().map_or(span.1, |last| span.1.max(last.at.span.1 + 1));
    let whole = (start, end);
    let ty = match (function.ty)(&types) {
        Some(ty) => {
            if name == "by" {
                key_field(checker, &typed)?;
            }
            ty
        }
        None => {
            let given: Vec<_> = types.iter().map(ToString::to_string).collect();
            let message = format!(
                "`{name}` does not take {}",
                if given.is_empty() { "nothing".to_owned() } else { given.join(" and ") }
            );
            return Err(checker.error(whole, &message, Some(&format!("its form is `{}`", function.form))));
        }
    };
    // What it makes costs too: a replaced text can be longer than the text it came from.
    let walk = if function.walks_all { Type::size } else { Type::extent };
    let walked = types.iter().map(walk).chain([ty.extent()]).fold(1, u64::saturating_add);
    let cost = typed.iter().fold(walked, |cost, argument| cost.saturating_add(argument.cost));
    let uses = typed.iter().fold(Default::default(), |uses: super::Uses, argument| uses.and(argument.uses));
    let node = Node::Call(function, typed.into_iter().map(|argument| argument.at).collect());
    Ok(Typed { at: At { node, span: whole }, ty, cost, uses })
}

/// The field that `by` sorts under is one of the items', and is always there.
fn key_field(checker: &Checker<'_>, arguments: &[Typed]) -> Result<(), ExprError> {
    let [Typed { ty: Type::List { item, .. }, .. }, field] = arguments else { return Ok(()) };
    let (Type::Object(fields), Node::Const(Value::Text(name))) = (&**item, &field.at.node) else {
        return Ok(());
    };
    match fields.iter().find(|known| known.name == **name) {
        Some(known) if known.present && matches!(known.ty, Type::Text { .. } | Type::Dyn) => Ok(()),
        Some(known) => {
            let message = format!("`by` takes a string that is always there, `{name}` is {}", known.ty);
            Err(checker.error(field.at.span, &message, None))
        }
        None => {
            let near = suggest(name, fields.iter().map(|known| known.name.as_str()));
            let hint = near.map(|near| format!("did you mean `{near}`?"));
            Err(checker.error(field.at.span, &format!("there is no field `{name}`"), hint.as_deref()))
        }
    }
}

/// `matches` takes a literal, so that the pattern is checked and compiled once.
fn matches(checker: &mut Checker<'_>, text: &IdedExpr, pattern: &IdedExpr, span: Span) -> Checked {
    let text = checker.check(text)?;
    if !matches!(text.ty, Type::Text { .. } | Type::Dyn) {
        return Err(checker.error(
            text.at.span,
            &format!("`matches` takes a string, this is {}", text.ty),
            None,
        ));
    }
    let place = checker.offsets.token(pattern);
    let Ast::Literal(LiteralValue::String(literal)) = &pattern.expr else {
        return Err(checker.error(place, "the pattern of `matches` is a literal string", None));
    };
    let pattern = Pattern::new(literal.inner())
        .map_err(|error| checker.error(place, &format!("not a regular expression: {error}"), None))?;
    let start = text.at.span.0.min(checker.offsets.with_name(span, "matches").0);
    let whole = (start, place.1 + 1);
    let cost = text.cost.saturating_add(text.ty.extent().saturating_mul(16)).saturating_add(10);
    let node = Node::Matches(Box::new(text.at), pattern.into());
    Ok(Typed { at: At { node, span: whole }, ty: Type::Bool, cost, uses: text.uses })
}

/// The names of loops: they are part of the language.
pub(in crate::expr) const LOOPS: [&str; 7] =
    ["all", "exists", "exists_one", "existsOne", "filter", "map", "sortBy"];

fn unknown(checker: &Checker<'_>, name: &str, method: bool, span: Span) -> ExprError {
    let defined = checker.scope.defines(name);
    let hint = if functions::find(name, !method).is_some() || defined {
        Some(format!("write it as `{}`", if method { format!("{name}(x)") } else { format!("x.{name}(…)") }))
    } else if let Some(hint) = checker.scope.elsewhere(name) {
        Some(hint.to_owned())
    } else if LOOPS.contains(&name) {
        Some(format!("write it as `list.{name}(item, …)`"))
    } else {
        let mut known: Vec<&str> = functions::names().chain(LOOPS).collect();
        known.extend(checker.scope.function_names());
        let how = |near| checker.scope.elsewhere(near).filter(|_| !checker.scope.defines(near));
        suggest(name, known).map(|near| match how(near) {
            Some(how) => format!("did you mean `{near}`? {how}"),
            None => format!("did you mean `{near}`?"),
        })
    };
    ExprError { span: range(span), message: format!("there is no function `{name}`"), hint }
}
