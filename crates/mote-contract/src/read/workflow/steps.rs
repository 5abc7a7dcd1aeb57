//! Reads steps into the table, one after the other, with what is known before and after each.
//!
//! Owns the walk and what all kinds of steps share: blocks, paths, results, expressions at a point. Each kind has a file
//! of its own.

use std::collections::BTreeSet;
use std::sync::Arc;

use mote_expr::schema::Schema;
use mote_expr::{Expr, Scope, Slot, Template, Uses, suggest};

use super::callable::Callables;
use super::names::{Known, Names, SPECIAL, Shape};
use super::{declared, made};
use crate::diagnostic::{Code, Place};
use crate::read::Fields;
use crate::read::rules::{Rules, word_place};
use crate::read::sight::Sight;
use crate::read::view::EventSources;
use crate::tree::Tree;
use crate::workflow::{Block, Declared, Step, StepId, StepKind};

/// The keys of which a step has one, with what to write.
const KINDS: [&str; 9] = ["call", "parallel", "if", "switch", "each", "repeat", "wait", "let", "fail"];

/// How deep steps may nest: whatever walks them goes as deep.
const DEPTH_MAX: usize = 16;

/// How many steps a workflow may have.
const STEPS_MAX: usize = 1_000;

/// Reads the steps of one workflow.
pub(super) struct Steps<'r> {
    pub(super) rules: &'r Rules<'r>,
    pub(super) names: &'r Names,
    pub(super) callables: &'r Callables,
    pub(super) sources: &'r EventSources<'r>,
    /// What the workflow declares.
    pub(super) errors: &'r [Declared],
    table: Vec<Option<Step>>,
    depth: usize,
    /// The declared errors that something ends in.
    pub(super) ended_in: BTreeSet<String>,
}

/// Where a step is, and what is known before it.
pub(super) struct At<'t> {
    pub(super) tree: &'t Tree,
    pub(super) path: String,
    pub(super) known: Known,
}

/// What became of a step: its kind and result, unless something is wrong with it, and what is known after it where the
/// run goes on.
pub(super) struct Read {
    pub(super) kind: Option<StepKind>,
    pub(super) result: Option<Slot>,
    pub(super) after: Option<Known>,
}

impl<'r> Steps<'r> {
    pub(super) fn new(
        rules: &'r Rules<'r>,
        names: &'r Names,
        callables: &'r Callables,
        sources: &'r EventSources<'r>,
        errors: &'r [Declared],
    ) -> Steps<'r> {
        let (table, ended_in) = (Vec::new(), BTreeSet::new());
        Steps { rules, names, callables, sources, errors, table, depth: 0, ended_in }
    }

    /// The table, if every step could be read.
    pub(super) fn finish(self) -> Option<Vec<Step>> {
        self.table.into_iter().collect()
    }

    /// Read the list of steps `name`. Nothing is known after it where no way leads through.
    pub(super) fn block(
        &mut self,
        tree: &Tree,
        name: &str,
        path: &str,
        known: Known,
    ) -> (Block, Option<Known>) {
        let Some(items) = tree.as_list() else {
            let message = format!("`{name}` is a list of steps, this is {}", tree.kind());
            let hint = match tree.as_map() {
                Some(_) => format!("start each step of `{name}` with `- `"),
                None => format!("write the steps below `{name}:`, each after `- `, or `{name}: []` for none"),
            };
            self.error(Code::WrongType, self.at(tree), message, hint);
            return (Vec::new(), Some(self.unread(tree, known)));
        };
        if self.depth == DEPTH_MAX {
            let message = format!("steps nest deeper than {DEPTH_MAX} levels");
            self.error(
                Code::Unbounded,
                self.at(tree),
                message,
                "put the inner steps into a workflow of their own",
            );
            return (Vec::new(), Some(self.unread(tree, known)));
        }
        self.depth += 1;
        let mut block = Vec::with_capacity(items.len());
        let (mut known, mut reached, mut told) = (known, true, false);
        for (at, item) in items.iter().enumerate() {
            // Told once for a block; the rest is read as if it were reached.
            if !reached && !std::mem::replace(&mut told, true) {
                let hint = "leave out what follows, or change what always ends the run before it";
                self.error(Code::Unreachable, self.at(item), "no way leads to this step", hint);
            }
            let (step, after) = self.step(item, path, at, known.clone());
            block.extend(step);
            match after {
                Some(after) => known = after,
                None => reached = false,
            }
        }
        self.depth -= 1;
        (block, reached.then_some(known))
    }

    /// Read one step.
    fn step(&mut self, tree: &Tree, path: &str, at: usize, known: Known) -> (Option<StepId>, Option<Known>) {
        let Some(fields) = tree.as_map() else {
            let message = format!("a step is a map, this is {}", tree.kind());
            let hint = "say what it does: `- call: place-order`".to_owned();
            self.error(Code::WrongType, self.at(tree), message, hint);
            return (None, Some(known));
        };
        let mut kinds: Vec<_> =
            fields.iter().filter(|(key, _)| KINDS.contains(&key.name.as_str())).map(|(key, _)| key).collect();
        // `wait` says when a `parallel` is through.
        if kinds.iter().any(|key| key.name == "parallel") {
            kinds.retain(|key| key.name != "wait");
        }
        let kind = match kinds.as_slice() {
            [kind] => kind.name.as_str(),
            [] => {
                let near = fields.iter().find_map(|(key, _)| Some((key, suggest(&key.name, KINDS)?)));
                let (place, hint) = match near {
                    Some((key, near)) => (key.span.clone(), format!("did you mean `{near}`?")),
                    None => (tree.headline(), format!("give it one of the keys `{}`", KINDS.join("`, `"))),
                };
                let place = self.rules.at(place);
                self.error(Code::MissingKey, place, "this step does not say what it does", hint);
                return (None, Some(self.unread(tree, known)));
            }
            [first, second, ..] => {
                let message = format!("`{}` does not go with `{}`", second.name, first.name);
                let hint = "a step does one thing: make two steps of it";
                self.error(Code::Kind, self.rules.at(second.span.clone()), message, hint);
                return (None, Some(self.unread(tree, known)));
            }
        };
        if self.table.len() == STEPS_MAX {
            let message = format!("a workflow has at most {STEPS_MAX} steps");
            self.error(Code::Unbounded, self.at(tree), message, "put some into a workflow of their own");
            return (None, Some(self.unread(tree, known)));
        }
        let own = tree.field("id").and_then(Tree::as_text).map(|text| text.text.clone());
        let own = own.unwrap_or_else(|| (at + 1).to_string());
        let path = if path.is_empty() { own } else { format!("{path}/{own}") };
        let id = StepId::at(self.table.len());
        self.table.push(None);
        let before = known.clone();
        let at = At { tree, path: path.clone(), known };
        let read = match kind {
            "call" => self.call(at),
            "parallel" => self.parallel(at),
            "if" => self.choice(at),
            "switch" => self.switch(at),
            "each" => self.each(at),
            "repeat" => self.repeat(at),
            "wait" => self.wait(at),
            "let" => self.lets(at),
            _ => self.fail(at),
        };
        let Some(read) = read else { return (Some(id), Some(self.unread(tree, before))) };
        let place = self.at(tree);
        self.table[id.index()] = read.kind.map(|kind| Step { path, result: read.result, kind, place });
        (Some(id), read.after)
    }

    /// `let`: each name is known to those after it.
    fn lets(&mut self, at: At<'_>) -> Option<Read> {
        let At { tree, mut known, .. } = at;
        let fields = self.fields(tree, "`let`")?;
        let mut lets = Vec::new();
        let entries = fields.entries("let");
        for (key, tree) in entries {
            let expr = self.value(tree, &known);
            let shape = expr.as_ref().map_or(Shape::UNREAD, |expr| self.shape(expr, &known));
            let slot = self.give(&key.name, self.rules.at(key.span.clone()), shape, &mut known);
            lets.extend(slot.zip(expr));
        }
        let whole = lets.len() == entries.len();
        fields.finish();
        Some(Read { kind: whole.then_some(StepKind::Let(lets)), result: None, after: Some(known) })
    }

    fn fail(&mut self, at: At<'_>) -> Option<Read> {
        let fields = self.fields(at.tree, "`fail`")?;
        let tree = fields.required("fail", "order-rejected")?;
        let code = fields.text("fail").map(str::to_owned);
        fields.finish();
        let kind = code.and_then(|code| {
            self.ended_in.insert(code.clone());
            if self.errors.iter().any(|error| error.code == code) {
                return Some(StepKind::Fail(code));
            }
            let (message, hint) = declared::unknown(&code, self.errors);
            self.error(Code::UnknownName, self.at(tree), message, hint);
            None
        });
        Some(Read { kind, result: None, after: None })
    }

    /// The name that `id` gives the result of a step.
    pub(super) fn result(&self, fields: &Fields<'_, '_>, shape: Shape, known: &mut Known) -> Option<Slot> {
        let tree = fields.optional("id")?;
        let name = fields.text("id")?;
        self.give(name, self.at(tree), shape, known)
    }

    /// Give a name a value. A name has one value on any way.
    pub(super) fn give(&self, name: &str, place: Place, shape: Shape, known: &mut Known) -> Option<Slot> {
        // What a name means by itself, nothing else is called: that was reported.
        let slot = self.names.slot(name).filter(|slot| slot.index() >= SPECIAL.len())?;
        if !known.is_free(slot) {
            let message = format!("`{name}` already has a value here");
            self.error(Code::DuplicateName, place, message, "give this one another name");
        }
        known.give(slot, shape);
        Some(slot)
    }

    /// What is known after a step that could not be read: whatever it makes, as any JSON.
    pub(super) fn unread(&self, tree: &Tree, mut known: Known) -> Known {
        for (name, _) in made(tree) {
            if let Some(slot) = self.names.slot(name) {
                known.give(slot, Shape::UNREAD);
            }
        }
        known
    }

    /// An expression of any type, at a point where so much is known.
    pub(super) fn value(&self, tree: &Tree, known: &Known) -> Option<Expr> {
        let scope = self.names.scope(known);
        let expr = self.rules.value(tree, &Sight::everything(&scope))?;
        self.has_values(expr.uses(), tree, known).then_some(expr)
    }

    /// An expression that decides.
    pub(super) fn decision(&self, tree: &Tree, known: &Known) -> Option<Expr> {
        let scope = self.names.scope(known);
        let expr = self.rules.decision(tree, &Sight::everything(&scope))?;
        self.has_values(expr.uses(), tree, known).then_some(expr)
    }

    /// Data with expressions in it.
    pub(super) fn template(&self, tree: &Tree, known: &Known) -> Option<Template> {
        let scope = self.names.scope(known);
        let template = self.rules.template(tree, &Sight::everything(&scope))?;
        self.has_values(template.uses(), tree, known).then_some(template)
    }

    /// Whether everything that `tree` uses has a value where so much is known. Otherwise it is reported.
    fn has_values(&self, uses: Uses, tree: &Tree, known: &Known) -> bool {
        let unknown = self.names.unknown(uses, known);
        for (name, why) in &unknown {
            let (message, hint) = why.words(name);
            let span = word_place(tree, name).unwrap_or_else(|| tree.headline());
            self.error(Code::NoValue, self.rules.at(span), message, hint);
        }
        unknown.is_empty()
    }

    /// What the values of `expr` look like.
    pub(super) fn shape(&self, expr: &Expr, known: &Known) -> Shape {
        if self.names.uses_unread(expr.uses(), known) {
            return Shape::UNREAD;
        }
        let schema = expr.schema(&schemas(known));
        Shape { ty: expr.ty().clone(), schema: Some(Arc::new(schema)) }
    }

    /// What the values of `template` look like. None where it uses what could not be read.
    pub(super) fn schema(&self, template: &Template, known: &Known) -> Option<Schema> {
        let unread = self.names.uses_unread(template.uses(), known);
        (!unread).then(|| template.schema(&schemas(known)))
    }

    /// The scope of all names, for evaluating.
    pub(super) fn scope(&self, known: &Known) -> Scope {
        self.names.scope(known)
    }

    pub(super) fn fields<'t>(&self, tree: &'t Tree, what: &'static str) -> Option<Fields<'t, 'r>> {
        Fields::of(tree, what, self.rules.file, self.rules.sink)
    }

    pub(super) fn at(&self, tree: &Tree) -> Place {
        self.rules.at(tree.headline())
    }

    pub(super) fn error(
        &self,
        code: Code,
        place: Place,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.rules.sink.error(code, place, message, Some(hint.into()));
    }
}

/// The schemas of names at a point.
fn schemas(known: &Known) -> impl Fn(Slot) -> Option<Arc<Schema>> + '_ {
    |slot| {
        let shape = known.shape(slot)?;
        Some(shape.schema.clone().unwrap_or_else(|| Arc::new(Schema::widest(&shape.ty))))
    }
}
