//! Compiles expressions and templates where they stand in a file.

use std::ops::Range;

use mote_expr::{Expr, ExprError, Scope, Template, Type, Uses};

use super::{Fields, Sink};
use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::rule::Rule;
use crate::tree::{Key, Node, Tree};

/// What an expression can see, and what is known at its point.
pub(crate) struct Sight<'s> {
    pub(crate) scope: &'s Scope,
    pub(crate) known: Uses,
    /// Why the rest is not known, such as `` `requires` is about the input alone ``.
    pub(crate) because: &'static str,
}

/// Compiles the expressions of one file.
pub(crate) struct Rules<'f> {
    pub(crate) files: &'f Files,
    pub(crate) file: FileId,
    pub(crate) sink: &'f Sink,
}

impl Rules<'_> {
    /// A named rule.
    pub(crate) fn rule(&self, key: &Key, tree: &Tree, sight: &Sight<'_>) -> Option<Rule> {
        let expr = self.decision(tree, sight)?;
        Some(Rule { name: key.name.clone(), expr, place: Place { file: self.file, span: key.span.clone() } })
    }

    /// An expression that is true or false.
    pub(crate) fn decision(&self, tree: &Tree, sight: &Sight<'_>) -> Option<Expr> {
        self.expression(tree, sight, Expr::compile_rule)
    }

    /// An expression of any type.
    pub(crate) fn value(&self, tree: &Tree, sight: &Sight<'_>) -> Option<Expr> {
        self.expression(tree, sight, Expr::compile)
    }

    fn expression(
        &self,
        tree: &Tree,
        sight: &Sight<'_>,
        compile: fn(&str, &Scope) -> Result<Expr, ExprError>,
    ) -> Option<Expr> {
        let source = match &tree.node {
            Node::Text(text) => text.text.as_str(),
            // `if: true` is a boolean to YAML and an expression to us.
            Node::Scalar(_) => &self.files.text(self.file)[tree.span.clone()],
            Node::List(_) | Node::Map(_) => {
                let message = format!("an expression is a string, this is {}", tree.kind());
                let hint = Some("quote it: YAML reads a leading `[` or `{` as its own".to_owned());
                self.sink.error(Code::WrongType, self.at(tree.headline()), message, hint);
                return None;
            }
        };
        match compile(source, sight.scope) {
            Ok(expr) => {
                self.known(expr.uses(), sight, tree.headline())?;
                Some(expr)
            }
            Err(error) => {
                let span = tree.as_text().map_or(tree.span.clone(), |text| text.place(error.span.clone()));
                self.sink.error(Code::Expression, self.at(span), error.message, error.hint);
                None
            }
        }
    }

    /// Data with expressions in it.
    pub(crate) fn template(&self, tree: &Tree, sight: &Sight<'_>) -> Option<Template> {
        match Template::compile(&tree.value(), sight.scope) {
            Ok(template) => {
                self.known(template.uses(), sight, tree.headline())?;
                Some(template)
            }
            Err(errors) => {
                for error in errors {
                    let text = tree.find(&error.at).and_then(Tree::as_text);
                    let span = text.map_or(tree.headline(), |text| text.place(error.error.span.clone()));
                    self.sink.error(Code::Expression, self.at(span), error.error.message, error.error.hint);
                }
                None
            }
        }
    }

    /// A template whose values must be of `wanted`.
    pub(crate) fn typed_template(&self, tree: &Tree, sight: &Sight<'_>, wanted: &Type) -> Option<Template> {
        let template = self.template(tree, sight)?;
        let ty = template.ty();
        if fits(&ty, wanted) {
            return Some(template);
        }
        let message = format!("expected {wanted}, this is {ty}");
        self.sink.error(Code::DataType, self.at(tree.headline()), message, None);
        None
    }

    /// Add the `let`s of a file to its scope, each seeing those before it.
    pub(crate) fn lets(&self, fields: &Fields<'_, '_>, scope: &mut Scope) {
        for (key, tree) in fields.entries("let") {
            let place = self.at(key.span.clone());
            if scope.slot(&key.name).is_some() {
                let message = format!("`{}` already means something here", key.name);
                self.sink.error(Code::DuplicateName, place, message, None);
                continue;
            }
            let everything = all(scope);
            let sight = Sight { scope, known: everything, because: "" };
            let Some(expr) = self.value(tree, &sight) else {
                // The rules that use it must not be reported too, for a name that is there.
                scope.bind(&key.name, Type::Dyn);
                continue;
            };
            if scope.derive(&key.name, expr).is_none() {
                let message = format!("more than {} names", Scope::NAMES_MAX);
                self.sink.error(Code::Expression, place, message, None);
            }
        }
    }

    fn known(&self, uses: Uses, sight: &Sight<'_>, span: Range<usize>) -> Option<()> {
        let unknown = uses.without(sight.known);
        if unknown.is_empty() {
            return Some(());
        }
        let names: Vec<_> = sight.scope.names_of(unknown).iter().map(|name| format!("`{name}`")).collect();
        let message = format!("this uses {}, but {}", names.join(" and "), sight.because);
        self.sink.error(Code::Binding, self.at(span), message, None);
        None
    }

    pub(crate) fn at(&self, span: Range<usize>) -> Place {
        Place { file: self.file, span }
    }
}

/// Every name of `scope`.
pub(crate) fn all(scope: &Scope) -> Uses {
    scope.names().filter_map(|name| scope.slot(name)).map(Uses::of).fold(Uses::default(), Uses::and)
}

/// Whether every value of `ty` could go where `wanted` is.
fn fits(ty: &Type, wanted: &Type) -> bool {
    match (ty, wanted) {
        (Type::Dyn, _) | (_, Type::Dyn) | (Type::Null, Type::Nullable(_)) => true,
        (Type::Nullable(a), Type::Nullable(b)) => fits(a, b),
        (a, Type::Nullable(b)) => fits(a, b),
        (Type::Nullable(_), _) => false,
        (Type::Int, Type::Float) => true,
        (Type::Text { .. }, Type::Text { .. }) => true,
        (Type::List { item: a, .. }, Type::List { item: b, .. }) => fits(a, b),
        (Type::Map { value: a, .. }, Type::Map { value: b, .. }) => fits(a, b),
        (Type::Object(fields), Type::Map { value, .. }) => fields.iter().all(|field| fits(&field.ty, value)),
        (Type::Object(fields), Type::Object(wanted)) => {
            let known = fields.iter().all(|field| {
                wanted.iter().any(|other| {
                    other.name == field.name
                        && fits(&field.ty, &other.ty)
                        && (field.present || !other.present)
                })
            });
            let complete = wanted.iter().filter(|field| field.present);
            known && complete.clone().all(|field| fields.iter().any(|other| other.name == field.name))
        }
        (a, b) => a == b,
    }
}
