//! Compiles expressions and templates where they stand in a file.
//! Owns what the expressions of the file mention and call.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::sync::Arc;

use mote_expr::expr::Definition;
use mote_expr::{Expr, ExprError, Scope, Template, Type, Uses, Value};

use super::mend::mend_type;
use super::sight::Sight;
use super::{Fields, Sink, is_name, not_a_name};
use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::rule::Rule;
use crate::tree::{Key, Node, Style, Tree, quoted};

/// Compiles the expressions of one file.
pub(crate) struct Rules<'f> {
    pub(crate) files: &'f Files,
    pub(crate) file: FileId,
    pub(crate) sink: &'f Sink,
    called: RefCell<Vec<Arc<Definition>>>,
    mentioned: Cell<Uses>,
}

impl<'f> Rules<'f> {
    pub(crate) fn new(files: &'f Files, file: FileId, sink: &'f Sink) -> Rules<'f> {
        Rules { files, file, sink, called: RefCell::default(), mentioned: Cell::default() }
    }

    /// The definitions that the expressions so far call themselves.
    pub(crate) fn called(&self) -> Vec<Arc<Definition>> {
        self.called.borrow().clone()
    }

    /// What tells the definitions that are called from others of their names. None where none is.
    pub(crate) fn definitions(&self) -> Option<Value> {
        let called = self.called.borrow();
        let digests = called.iter().map(|called| (&called.name, Value::text(called.digest.to_string())));
        (!called.is_empty()).then(|| Value::object(digests))
    }

    fn note(&self, expr: &Expr) {
        self.mentioned.set(self.mentioned.get().and(expr.mentions()));
        let mut called = self.called.borrow_mut();
        for definition in expr.calls() {
            if called.iter().all(|known| !Arc::ptr_eq(known, definition)) {
                called.push(definition.clone());
            }
        }
    }
}

impl Rules<'_> {
    /// The named rules of a section.
    pub(crate) fn named(
        &self,
        fields: &Fields<'_, '_>,
        section: &'static str,
        sight: &Sight<'_>,
    ) -> Vec<Rule> {
        let rule = |(key, tree): &(Key, Tree)| {
            if !is_name(&key.name) {
                let (message, hint) = not_a_name(&key.name, |name| format!("{name}: …"));
                self.sink.error(Code::BadName, self.at(key.span.clone()), message, Some(hint));
            }
            self.rule(key, tree, sight)
        };
        fields.entries(section).iter().filter_map(rule).collect()
    }

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
            Node::Scalar(Value::Null) => "",
            // `if: true` is a boolean to YAML and an expression to us.
            Node::Scalar(_) => &self.files.text(self.file)[tree.span.clone()],
            Node::List(_) | Node::Map(_) => {
                let message = format!("an expression is a string, this is {}", tree.kind());
                let source = self.files.text(self.file).get(tree.span.clone()).unwrap_or("");
                let hint = if source.contains('\n') || !source.starts_with(['[', '{']) {
                    "write it on one line, in quotes".to_owned()
                } else {
                    format!("quote it: `{}`", quoted(source.trim()))
                };
                self.sink.error(Code::WrongType, self.at(tree.headline()), message, Some(hint));
                return None;
            }
        };
        match compile(source, sight.scope) {
            Ok(expr) => {
                self.note(&expr);
                self.known(expr.uses(), sight, tree)?;
                Some(expr)
            }
            Err(error) => {
                let span = tree.as_text().map_or(tree.span.clone(), |text| text.place(error.span.clone()));
                let hint = self.cut_short(tree, source).or(error.hint);
                self.sink.error(Code::Expression, self.at(span), error.message, hint);
                None
            }
        }
    }

    /// The quoted form of an expression that YAML ended at a ` #` or at a comma.
    fn cut_short(&self, tree: &Tree, source: &str) -> Option<String> {
        let text = self.files.text(self.file);
        if text[tree.span.clone()].starts_with(['"', '\'']) {
            return None;
        }
        let rest = text[tree.span.end..].lines().next().unwrap_or("");
        if rest.trim_start().starts_with('#') && rest.starts_with(' ') {
            let whole = format!("{source}{}", rest.trim_end());
            return Some(format!(
                "YAML reads ` #` as the start of a comment: quote it: `{}`",
                quoted(&whole)
            ));
        }
        let open = |open: char, close: char| source.matches(open).count() > source.matches(close).count();
        (rest.trim_start().starts_with(',') && (open('(', ')') || open('[', ']')))
            .then(|| "YAML ends this at the `,`: quote the whole expression, with all its commas".to_owned())
    }

    /// Data with expressions in it.
    pub(crate) fn template(&self, tree: &Tree, sight: &Sight<'_>) -> Option<Template> {
        if let Some(span) = keeps_break(tree) {
            let message = "the block keeps its line break, so this is a string and not the value of `${…}`";
            let hint = "begin the block with `|-`, which drops it".to_owned();
            self.sink.error(Code::DataType, self.at(span), message, Some(hint));
            return None;
        }
        match Template::compile(&tree.value(), sight.scope) {
            Ok(template) => {
                template.exprs().into_iter().for_each(|expr| self.note(expr));
                self.known(template.uses(), sight, tree)?;
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
    pub(crate) fn typed_template(
        &self,
        key: &Key,
        tree: &Tree,
        sight: &Sight<'_>,
        wanted: &Type,
    ) -> Option<Template> {
        let template = self.template(tree, sight)?;
        let ty = template.ty();
        if fits(&ty, wanted) {
            return Some(template);
        }
        let message = format!("`{}` is {wanted}, this is {ty}", key.name);
        let hint = Some(mend_type(&key.name, wanted));
        self.sink.error(Code::DataType, self.at(tree.headline()), message, hint);
        None
    }

    /// Add the `let`s of a file to its scope, each seeing those before it. Returns those that do not
    /// compile: the rules that use them must not be reported too.
    pub(crate) fn lets(&self, fields: &Fields<'_, '_>, scope: &mut Scope) -> Uses {
        let mut broken = Uses::default();
        for (key, tree) in fields.entries("let") {
            let place = self.at(key.span.clone());
            if scope.slot(&key.name).is_some() || scope.defines(&key.name) {
                let message = format!("`{}` already means something here", key.name);
                let hint = Some("give the `let` another name".to_owned());
                self.sink.error(Code::DuplicateName, place, message, hint);
                continue;
            }
            if !is_identifier(&key.name) {
                let message = format!("`{}` is not a name that an expression can use", key.name);
                let hint = Some(format!("write letters and digits: `{}: …`", camel_case(&key.name, false)));
                self.sink.error(Code::BadName, place.clone(), message, hint);
            }
            let sight = Sight::everything(scope);
            let slot = match self.value(tree, &sight) {
                Some(expr) => scope.derive(&key.name, expr),
                None => scope.bind(&key.name, Type::Dyn).inspect(|slot| broken = broken.and(Uses::of(*slot))),
            };
            if slot.is_none() {
                let message = format!("a contract has at most {} names, `let`s among them", Scope::NAMES_MAX);
                let hint = Some("join some of them, or split the contract".to_owned());
                self.sink.error(Code::Expression, place, message, hint);
                break;
            }
        }
        broken
    }

    /// The `let`s of `tree` that no expression mentions, not even another `let`.
    pub(crate) fn unused_lets(&self, tree: &Tree, scope: &Scope) -> Vec<(String, Place)> {
        let lets = tree.field("let").and_then(Tree::as_map).unwrap_or(&[]).iter();
        let unused = lets.filter(|(key, _)| {
            scope.slot(&key.name).is_some_and(|slot| !self.mentioned.get().contains(slot))
        });
        unused.map(|(key, _)| (key.name.clone(), self.at(key.span.clone()))).collect()
    }

    fn known(&self, uses: Uses, sight: &Sight<'_>, tree: &Tree) -> Option<()> {
        let unknown = uses.without(sight.known);
        if unknown.is_empty() {
            return Some(());
        }
        let names = sight.scope.names_of(unknown);
        let direct = names.iter().find_map(|name| word_place(tree, name));
        let listed: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        let through = if direct.is_none() { " through a `let`" } else { "" };
        let message = format!("this uses {}{through}, but {}", listed.join(" and "), sight.because);
        let span = direct.unwrap_or_else(|| tree.headline());
        self.sink.error(Code::Binding, self.at(span), message, Some(sight.instead.to_owned()));
        None
    }

    pub(crate) fn at(&self, span: Range<usize>) -> Place {
        Place { file: self.file, span }
    }
}

/// Where a block holds one expression and, unseen, the line break after it.
fn keeps_break(tree: &Tree) -> Option<Range<usize>> {
    match &tree.node {
        Node::Text(text) => {
            let body = text.text.trim_end_matches('\n');
            let block = matches!(text.style, Style::Literal | Style::Folded);
            let alone = body.starts_with("${") && body.ends_with('}') && body.matches("${").count() == 1;
            (block && alone && body != text.text).then(|| tree.headline())
        }
        Node::List(items) => items.iter().find_map(keeps_break),
        Node::Map(fields) => fields.iter().find_map(|(_, field)| keeps_break(field)),
        Node::Scalar(_) => None,
    }
}

/// Where `name` stands as a word in the texts of `tree`.
pub(super) fn word_place(tree: &Tree, name: &str) -> Option<Range<usize>> {
    let part_of_word = |char: char| char.is_alphanumeric() || char == '_' || char == '.';
    match &tree.node {
        Node::Text(text) => text.text.match_indices(name).find_map(|(at, _)| {
            let before = text.text[..at].chars().next_back().is_some_and(part_of_word);
            let after = text.text[at + name.len()..].chars().next();
            let longer = after.is_some_and(|char| char.is_alphanumeric() || char == '_');
            (!before && !longer).then(|| text.place(at..at + name.len()))
        }),
        Node::List(items) => items.iter().find_map(|item| word_place(item, name)),
        Node::Map(fields) => fields.iter().find_map(|(_, field)| word_place(field, name)),
        Node::Scalar(_) => None,
    }
}

/// `order-placed` as `OrderPlaced`, or `orderPlaced`.
pub(super) fn camel_case(text: &str, upper: bool) -> String {
    let mut name = String::new();
    let mut starts_word = upper;
    for char in text.chars() {
        if !char.is_ascii_alphanumeric() {
            starts_word = upper || !name.is_empty();
        } else if starts_word {
            name.push(char.to_ascii_uppercase());
            starts_word = false;
        } else {
            name.push(char);
        }
    }
    if is_identifier(&name) {
        name
    } else if upper {
        "OrderPlaced".to_owned()
    } else {
        "wanted".to_owned()
    }
}

/// Whether an expression can refer to `name`.
pub(super) fn is_identifier(name: &str) -> bool {
    const RESERVED: [&str; 21] = [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "namespace",
        "null",
        "package",
        "return",
        "true",
        "var",
        "void",
        "while",
    ];
    name.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !RESERVED.contains(&name)
}

/// Whether every value of `ty` could go where `wanted` is.
pub(super) fn fits(ty: &Type, wanted: &Type) -> bool {
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
