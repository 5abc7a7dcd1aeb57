//! Reads the relations of a contract: what two of its answers have to do with each other.

use mote_expr::schema::{Schema, Shape};
use mote_expr::suggest;

use super::freedom::read_elements;
use super::{Fields, is_name, not_a_name};
use crate::contract::{ErrorClause, Kind, Relation, Turn};
use crate::diagnostic::{Code, Place};
use crate::element::{Described, Element, Inner, Root};
use crate::law::Freedom;
use crate::tree::{Key, Tree};

/// What relations are read against. What could not be read is not there: it has been reported.
pub(super) struct Relations<'c, 's> {
    pub(super) fields: &'c Fields<'c, 's>,
    pub(super) kind: Option<Kind>,
    pub(super) input: Option<&'c Schema>,
    pub(super) elements: Option<&'c [Described<'c>]>,
    pub(super) errors: &'c [ErrorClause],
    pub(super) freedom: &'c Freedom,
}

impl Relations<'_, '_> {
    pub(super) fn read(&self) -> Vec<Relation> {
        let entries = self.fields.entries("relations").iter();
        entries.filter_map(|(key, tree)| self.relation(key, tree)).collect()
    }

    fn relation(&self, key: &Key, tree: &Tree) -> Option<Relation> {
        let sink = self.fields.sink;
        let place = Place { file: self.fields.file, span: key.span.clone() };
        if !is_name(&key.name) {
            let (message, hint) = not_a_name(&key.name, |name| format!("{name}: …"));
            sink.error(Code::BadName, place.clone(), message, Some(hint));
        }
        let inner = Fields::of(tree, "a relation", self.fields.file, sink)?;
        let (permute, repeat) = (inner.optional("permute"), inner.optional("repeat"));
        let same = self.same(&inner);
        let relation = match (permute, repeat) {
            (Some(tree), None) => {
                if same.is_empty() && inner.items("same").is_empty() {
                    let hint = Some("say what stays the same: `same: [output.total]`".to_owned());
                    sink.error(Code::MissingKey, inner.place(), "`permute` goes with `same`", hint);
                }
                self.permuted(&inner, tree).map(Turn::Permute)
            }
            (None, Some(tree)) => self.repeated(&inner, tree, !inner.items("same").is_empty()),
            (both, _) => {
                let message = match both {
                    Some(_) => "a relation is about another order or about asking twice, not both",
                    None => "a relation says what is done to the call",
                };
                let hint = Some("write `permute: input.lines` or `repeat: success`".to_owned());
                sink.error(Code::MissingKey, inner.place(), message, hint);
                None
            }
        };
        inner.finish();
        Some(Relation { name: key.name.clone(), turn: relation?, same, place })
    }

    /// The elements that stay the same.
    fn same(&self, inner: &Fields<'_, '_>) -> Vec<Element> {
        let same = read_elements(inner, "same", self.elements, &|_| true);
        for (element, tree) in same.iter().zip(inner.items("same")) {
            if self.freedom.frees(element) {
                let hint = Some("take it out of `free`, or out of `same`".to_owned());
                let message = format!("`{element}` is free: it may differ");
                inner.sink.error(Code::Kind, inner.at(tree), message, hint);
            }
        }
        same
    }

    /// The list of the input that is put into another order.
    fn permuted(&self, inner: &Fields<'_, '_>, tree: &Tree) -> Option<Vec<Inner>> {
        let text = inner.text("permute")?;
        // The input has elements as an answer has.
        let all = Element::all(Root::Output, self.input?);
        let lists: Vec<(String, Vec<Inner>)> = all
            .into_iter()
            .filter(|part| matches!(part.schema.shape, Shape::List { .. }))
            .filter(|part| part.element.steps.iter().all(|step| matches!(step, Inner::Field(_))))
            .map(|part| (part.element.to_string().replacen("output", "input", 1), part.element.steps))
            .collect();
        if let Some((_, steps)) = lists.iter().find(|(name, _)| name == text) {
            return Some(steps.clone());
        }
        let hint = match suggest(text, lists.iter().map(|(name, _)| name.as_str())) {
            Some(near) => Some(format!("did you mean `{near}`?")),
            None => lists.first().map(|(name, _)| format!("write `permute: {name}`")),
        };
        inner.sink.error(Code::UnknownName, inner.at(tree), format!("the input has no list `{text}`"), hint);
        None
    }

    /// What comes of asking the same again: a success, or an error of this contract.
    fn repeated(&self, inner: &Fields<'_, '_>, tree: &Tree, same: bool) -> Option<Turn> {
        let text = inner.text("repeat")?;
        let place = inner.at(tree);
        if let Some(kind @ (Kind::Function | Kind::Query)) = self.kind {
            let message = format!("a {} changes nothing: asking it twice is asking it once", kind.name());
            let hint = Some("leave the relation out".to_owned());
            inner.sink.error(Code::Kind, place, message, hint);
            return None;
        }
        if text == SUCCESS {
            return Some(Turn::Repeat(None));
        }
        if same {
            let hint = Some("leave `same` out: an error has no elements".to_owned());
            inner.sink.error(Code::Kind, place.clone(), "`same` goes with `repeat: success`", hint);
        }
        let known = || self.errors.iter().map(|error| error.code.as_str()).chain([SUCCESS]);
        if known().any(|code| code == text) {
            return Some(Turn::Repeat(Some(text.to_owned())));
        }
        let hint = match suggest(text, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write `repeat: {}`", known().next().unwrap_or(SUCCESS)),
        };
        let message = format!("the contract has no error `{text}`");
        inner.sink.error(Code::UnknownName, place, message, Some(hint));
        None
    }
}

/// Asking again succeeds again.
const SUCCESS: &str = "success";
