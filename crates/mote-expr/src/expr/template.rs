//! Data with expressions in it: `${…}` alone keeps its type, inside text it is interpolated.
//! Owns where expressions are found in data. A `$${` stands for the text `${`.

use super::scan::expression_length;
use super::{Bindings, EvalError, Expr, ExprError, Scope, Type, Uses};
use crate::value::{Object, Pointer, Value};

/// Data that becomes a value when its expressions are evaluated.
#[derive(Clone, Debug)]
pub enum Template {
    /// Data without expressions.
    Fixed(Value),
    /// One expression, alone.
    Expr(Expr),
    /// A text with expressions in it.
    Text(Vec<Part>),
    /// A list of templates.
    List(Vec<Template>),
    /// An object of templates.
    Object(Vec<(String, Template)>),
}

/// A part of an interpolated text.
#[derive(Clone, Debug)]
pub enum Part {
    /// As it stands.
    Fixed(String),
    /// The text of a value.
    Expr(Expr),
}

/// An expression in data that does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// Which text of the data.
    pub at: Pointer,
    /// Where in that text, and what is wrong.
    pub error: ExprError,
}

impl Template {
    /// Compile all the expressions of `data`; every error is reported.
    pub fn compile(data: &Value, scope: &Scope) -> Result<Template, Vec<TemplateError>> {
        let mut errors = Vec::new();
        let template = compile(data, &Pointer::root(), scope, &mut errors);
        if errors.is_empty() { Ok(template) } else { Err(errors) }
    }

    /// The value.
    pub fn eval(&self, bindings: &Bindings<'_>) -> Result<Value, EvalError> {
        match self {
            Template::Fixed(value) => Ok(value.clone()),
            Template::Expr(expr) => expr.eval(bindings).map(|value| value.into_owned()),
            Template::Text(parts) => {
                let mut text = String::new();
                for part in parts {
                    match part {
                        Part::Fixed(fixed) => text.push_str(fixed),
                        Part::Expr(expr) => match expr.eval(bindings)?.as_ref() {
                            Value::Text(inner) => text.push_str(inner),
                            other => text.push_str(&other.to_string()),
                        },
                    }
                }
                Ok(Value::text(text))
            }
            Template::List(items) => {
                Ok(Value::list(items.iter().map(|item| item.eval(bindings)).collect::<Result<Vec<_>, _>>()?))
            }
            Template::Object(fields) => {
                let mut object = Object::new();
                for (key, field) in fields {
                    object.insert(key, field.eval(bindings)?);
                }
                Ok(Value::Object(object.into()))
            }
        }
    }

    /// The data it was made of, each expression on one line.
    pub fn source(&self) -> Value {
        let text =
            |expr: &Expr| format!("${{{}}}", expr.source().split_whitespace().collect::<Vec<_>>().join(" "));
        match self {
            Template::Fixed(value) => value.clone(),
            Template::Expr(expr) => Value::text(text(expr)),
            Template::Text(parts) => Value::text(
                parts
                    .iter()
                    .map(|part| match part {
                        Part::Fixed(fixed) => fixed.replace("${", "$${"),
                        Part::Expr(expr) => text(expr),
                    })
                    .collect::<String>(),
            ),
            Template::List(items) => Value::list(items.iter().map(Template::source)),
            Template::Object(fields) => {
                Value::object(fields.iter().map(|(key, field)| (key, field.source())))
            }
        }
    }

    /// The type of its values.
    pub fn ty(&self) -> Type {
        match self {
            Template::Fixed(value) => Type::of_value(value),
            Template::Expr(expr) => expr.ty().clone(),
            Template::Text(_) => Type::TEXT,
            Template::List(items) => {
                let item = items.iter().map(Template::ty).reduce(|a, b| a.join(&b).unwrap_or(Type::Dyn));
                Type::List { item: item.unwrap_or(Type::Dyn).into(), max: items.len() as u64 }
            }
            Template::Object(fields) => {
                Type::object(fields.iter().map(|(key, field)| (key.as_str(), field.ty())))
            }
        }
    }

    /// Which bindings its expressions read.
    pub fn uses(&self) -> Uses {
        self.exprs().into_iter().fold(Uses::default(), |uses, expr| uses.and(expr.uses()))
    }

    /// All its expressions.
    pub fn exprs(&self) -> Vec<&Expr> {
        match self {
            Template::Fixed(_) => Vec::new(),
            Template::Expr(expr) => vec![expr],
            Template::Text(parts) => {
                let exprs = parts.iter().filter_map(|part| match part {
                    Part::Expr(expr) => Some(expr),
                    Part::Fixed(_) => None,
                });
                exprs.collect()
            }
            Template::List(items) => items.iter().flat_map(Template::exprs).collect(),
            Template::Object(fields) => fields.iter().flat_map(|(_, field)| field.exprs()).collect(),
        }
    }
}

fn compile(data: &Value, at: &Pointer, scope: &Scope, errors: &mut Vec<TemplateError>) -> Template {
    match data {
        Value::Text(text) if text.contains("${") => text_template(text, at, scope, errors),
        Value::List(items) => Template::List(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| compile(item, &at.index(index), scope, errors))
                .collect(),
        ),
        Value::Object(object) => Template::Object(
            object
                .iter()
                .map(|(key, field)| (key.to_owned(), compile(field, &at.key(key), scope, errors)))
                .collect(),
        ),
        fixed => Template::Fixed(fixed.clone()),
    }
}

fn text_template(text: &str, at: &Pointer, scope: &Scope, errors: &mut Vec<TemplateError>) -> Template {
    let mut parts = Vec::new();
    let mut fixed = String::new();
    let mut from = 0;
    let mut wrong = |error: ExprError| errors.push(TemplateError { at: at.clone(), error });
    while let Some(found) = text[from..].find("${").map(|offset| from + offset) {
        if text[..found].ends_with('$') && found > from {
            fixed.push_str(&text[from..found - 1]);
            fixed.push_str("${");
            from = found + 2;
            continue;
        }
        fixed.push_str(&text[from..found]);
        let Some(length) = expression_length(&text[found + 2..]) else {
            let message = "`${` without a closing `}`".to_owned();
            wrong(ExprError {
                span: found..text.len(),
                message,
                hint: Some("write `$${` for the text `${`".to_owned()),
            });
            return Template::Fixed(Value::Null);
        };
        let source = &text[found + 2..found + 2 + length];
        match Expr::compile(source, scope) {
            Ok(expr) => {
                if !fixed.is_empty() {
                    parts.push(Part::Fixed(std::mem::take(&mut fixed)));
                }
                parts.push(Part::Expr(expr));
            }
            Err(mut error) => {
                error.span = error.span.start + found + 2..error.span.end + found + 2;
                wrong(error);
            }
        }
        from = found + 2 + length + 1;
    }
    fixed.push_str(&text[from..]);
    if !fixed.is_empty() {
        parts.push(Part::Fixed(fixed));
    }
    match parts.as_slice() {
        [] => Template::Fixed(Value::text("")),
        [Part::Fixed(all)] => Template::Fixed(Value::text(all)),
        [Part::Expr(expr)] => Template::Expr(expr.clone()),
        _ => Template::Text(parts),
    }
}
