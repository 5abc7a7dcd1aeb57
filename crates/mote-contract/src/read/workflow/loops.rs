//! Reads the steps that take their body several times: `each` and `repeat`.
//! Owns that every loop has a bound, and what a round leaves behind.

use std::sync::Arc;

use mote_expr::Type;
use mote_expr::schema::{Schema, Shape as Form};

use super::made;
use super::names::{Known, Shape, Why};
use super::steps::{At, Read, Steps};
use crate::diagnostic::Code;
use crate::read::rules::is_identifier;
use crate::tree::Tree;
use crate::workflow::StepKind;

/// How many rounds of an `each` can be under way at a time.
const CONCURRENCY_MAX: i64 = 100;

/// How many rounds a `repeat` may take.
const ROUNDS_MAX: i64 = 10_000;

impl Steps<'_> {
    /// `each: item in list`
    pub(super) fn each(&mut self, at: At<'_>) -> Option<Read> {
        let At { tree, path, known } = at;
        let fields = self.fields(tree, "`each`")?;
        let each = fields.optional("each");
        let concurrency = fields.int("concurrency", 1, CONCURRENCY_MAX).unwrap_or(1);
        let body = fields.required("do", "[{call: …}]");
        let gives = fields.optional("returns");
        let head = each.and_then(|tree| self.head(tree, &known));
        let mut inside = known.clone();
        let mut max = 0;
        if let Some((name, list_tree, list)) = &head {
            let item = self.item(list_tree, list, &known);
            max = item.as_ref().map_or(0, |(_, max)| *max);
            let place = each.map_or(fields.place(), |tree| self.at(tree));
            let shape = item.map_or(Shape::UNREAD, |(shape, _)| shape);
            self.give(name, place, shape, &mut inside);
        } else {
            // The name of the item is not known: what the body uses may be it.
            inside = each.map_or(inside.clone(), |tree| self.unread(tree, inside));
        }
        let (steps, after) = match body {
            Some(tree) => self.block(tree, "do", &format!("{path}/do"), inside.clone()),
            None => (Vec::new(), Some(inside)),
        };
        let gives_template = gives.map(|tree| {
            let Some(after) = &after else {
                let hint = "let a way lead through the body, or leave `returns` out";
                self.error(Code::Unreachable, self.at(tree), "no round comes to its end", hint);
                return None;
            };
            self.template(tree, after)
        });
        let given = match (&gives_template, &after) {
            (Some(Some(template)), Some(after)) if let Some(item) = self.schema(template, after) => {
                let list = Form::List { item: item.into(), min: 0, max, unique: false };
                let ty = Type::List { item: template.ty().into(), max };
                Shape { ty, schema: Some(Arc::new(Schema::of(list))) }
            }
            _ => Shape::UNREAD,
        };
        let mut way = known;
        for (name, _) in made(tree) {
            if let Some(slot) = self.names.slot(name).filter(|slot| way.is_free(*slot)) {
                way.take(slot, Why::Round);
            }
        }
        let result = self.result(&fields, given, &mut way);
        match (fields.optional("id"), gives) {
            (Some(id), None) => {
                let hint = "say what a round gives: `returns: {…}`, or leave `id` out";
                self.error(Code::MissingKey, self.at(id), "this `each` has a name and gives nothing", hint);
            }
            (None, Some(gives)) => {
                let hint = "name the list: `id: charges`, or leave `returns` out";
                self.error(Code::MissingKey, self.at(gives), "nobody can use what this `each` gives", hint);
            }
            _ => {}
        }
        fields.finish();
        let whole = gives_template.as_ref().is_none_or(Option::is_some);
        let kind = head.filter(|_| whole).and_then(|(name, _, list)| {
            let item = self.names.slot(&name)?;
            let concurrency = u32::try_from(concurrency).ok()?;
            let gives = gives_template.flatten();
            Some(StepKind::Each { item, list, concurrency, body: steps, gives })
        });
        Some(Read { kind, result, after: Some(way) })
    }

    /// The item's name and the list of `item in list`.
    fn head(&self, tree: &Tree, known: &Known) -> Option<(String, Tree, mote_expr::Expr)> {
        let text = tree.as_text().map_or("", |text| text.text.as_str());
        let Some((name, list)) = text.split_once(" in ").filter(|(name, _)| is_identifier(name.trim()))
        else {
            let hint = "name the item and the list: `each: line in input.lines`";
            self.error(Code::WrongType, self.at(tree), "this does not say what is gone through", hint);
            return None;
        };
        let rest = tree.rest(text.len() - list.len())?;
        let expr = self.value(&rest, known)?;
        Some((name.trim().to_owned(), rest, expr))
    }

    /// What an item of the list looks like, and how many there can be.
    fn item(&self, tree: &Tree, list: &mote_expr::Expr, known: &Known) -> Option<(Shape, u64)> {
        match list.ty() {
            Type::List { item, max } => {
                let schema = self.shape(list, known).schema.and_then(|schema| match &schema.shape {
                    Form::List { item, .. } => Some(item.clone()),
                    _ => None,
                });
                Some((Shape { ty: (**item).clone(), schema }, *max))
            }
            Type::Dyn => {
                if self.shape(list, known).is_unread() {
                    return None;
                }
                let hint = "give it a schema with `type: array` and `maxItems`";
                self.error(Code::Unbounded, self.at(tree), "nothing bounds how many items this has", hint);
                None
            }
            ty => {
                let message = format!("`each` goes through a list, this is {ty}");
                self.error(
                    Code::DataType,
                    self.at(tree),
                    message,
                    "name a list: `each: line in input.lines`",
                );
                None
            }
        }
    }

    /// `repeat`
    pub(super) fn repeat(&mut self, at: At<'_>) -> Option<Read> {
        let At { tree, path, known } = at;
        let fields = self.fields(tree, "`repeat`")?;
        let body = fields.required("repeat", "[{call: …}]");
        let until = fields.required("until", "status.done");
        let max_tree = fields.optional("max");
        let max = fields.int("max", 1, ROUNDS_MAX).and_then(|max| u32::try_from(max).ok());
        let otherwise = fields.optional("else");
        let place = fields.place();
        fields.finish();
        if max_tree.is_none() {
            let hint = "say how many rounds are enough: `max: 10`";
            self.error(Code::Unbounded, place.clone(), "nothing bounds how often this is repeated", hint);
        }
        if otherwise.is_none() {
            let message = "nothing says what is done where that many rounds were not enough";
            let hint = "add `else: [{fail: …}]`, or `else: []` to go on";
            self.error(Code::MissingKey, place, message, hint);
        }
        let (steps, after) = match body {
            Some(tree) => self.block(tree, "repeat", &format!("{path}/repeat"), known.clone()),
            None => (Vec::new(), Some(known)),
        };
        let until = match (until, &after) {
            (Some(tree), Some(after)) => self.decision(tree, after),
            (Some(tree), None) => {
                let hint = "let the body end where it is not through yet, or leave the loop out";
                self.error(Code::Unreachable, self.at(tree), "no round comes to its end", hint);
                None
            }
            (None, _) => None,
        };
        let (otherwise, other) = match (otherwise, &after) {
            (Some(tree), Some(after)) => self.block(tree, "else", &format!("{path}/else"), after.clone()),
            _ => (Vec::new(), None),
        };
        let kind = until.zip(max).map(|(until, max)| StepKind::Repeat { body: steps, until, max, otherwise });
        Some(Read { kind, result: None, after: Known::met(after.into_iter().chain(other)) })
    }
}
