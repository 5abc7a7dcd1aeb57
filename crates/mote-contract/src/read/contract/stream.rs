//! Reads which stream a contract touches: the aggregate, the key of the instance, and the events that it adds.

use std::sync::Arc;

use mote_expr::{Scope, Template, Type, suggest};

use super::Surroundings;
use crate::aggregate::Aggregate;
use crate::contract::Kind;
use crate::diagnostic::Code;
use crate::read::Fields;
use crate::read::examples::known_event;
use crate::read::rules::Rules;
use crate::read::sight::{Known, Touched};

/// The aggregate that a contract names.
pub(super) enum Named {
    Nothing,
    /// Reported already, with the name if there is one.
    Unreadable(Option<String>),
    Aggregate(Arc<Aggregate>),
}

impl Named {
    pub(super) fn name(&self) -> Option<String> {
        match self {
            Named::Nothing => None,
            Named::Unreadable(name) => name.clone(),
            Named::Aggregate(aggregate) => Some(aggregate.name.clone()),
        }
    }
}

pub(super) fn read_aggregate_name(
    fields: &Fields<'_, '_>,
    kind: Option<Kind>,
    around: &Surroundings<'_>,
) -> Named {
    let tree = match (kind, fields.optional("aggregate")) {
        (Some(Kind::Command), None) => {
            let hint = match around.aggregates.keys().next() {
                Some(name) => format!("name the aggregate it changes: `aggregate: {name}`"),
                None => "name the aggregate it changes: `aggregate: order`".to_owned(),
            };
            fields.sink.error(Code::MissingKey, fields.place(), "a command needs `aggregate`", Some(hint));
            return Named::Unreadable(None);
        }
        (Some(kind @ (Kind::Function | Kind::Query)), Some(tree)) => {
            let hint = Some("make it `kind: command`, or leave the aggregate out".to_owned());
            let message = format!("a {} touches no aggregate", kind.name());
            fields.sink.error(Code::Kind, fields.at(tree), message, hint);
            return Named::Unreadable(None);
        }
        (_, None) => return Named::Nothing,
        (_, Some(tree)) => tree,
    };
    let Some(name) = fields.text("aggregate") else { return Named::Unreadable(None) };
    if let Some(found) = around.aggregates.get(name) {
        return Named::Aggregate(found.clone());
    }
    if !around.unreadable.contains(name) {
        let known = around.aggregates.keys().chain(around.unreadable.iter());
        let near = suggest(name, known.map(String::as_str));
        let hint = near.map_or_else(
            || format!("write `aggregates/{name}.yaml`"),
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("there is no aggregate `{name}`");
        fields.sink.error(Code::UnknownName, fields.at(tree), message, Some(hint));
    }
    Named::Unreadable(Some(name.to_owned()))
}

pub(super) fn read_emits(fields: &Fields<'_, '_>, named: &Named, kind: Option<Kind>) -> Vec<String> {
    if let (Some(tree), Some(kind @ (Kind::Function | Kind::Query))) = (fields.optional("emits"), kind) {
        let hint = Some("make it `kind: command`, or leave `emits` out".to_owned());
        fields.sink.error(Code::Kind, fields.at(tree), format!("a {} emits no events", kind.name()), hint);
        return Vec::new();
    }
    let mut emits: Vec<String> = Vec::new();
    for tree in fields.items("emits") {
        let Some(text) = tree.as_text() else {
            let hint = Some("name each by its type: `emits: [OrderPlaced]`".to_owned());
            fields.wrong_type("emits", "a list of event types", tree, hint);
            continue;
        };
        let kind = text.text.clone();
        if emits.contains(&kind) {
            let hint = Some("name each event once".to_owned());
            fields.sink.error(Code::DuplicateName, fields.at(tree), format!("`{kind}` is there twice"), hint);
            continue;
        }
        if let Named::Aggregate(aggregate) = named
            && !aggregate.events.contains_key(&kind)
        {
            let message = format!("aggregate `{}` has no event `{kind}`", aggregate.name);
            fields.sink.error(Code::Event, fields.at(tree), message, known_event(aggregate, &kind));
        }
        emits.push(kind);
    }
    emits
}

pub(super) fn read_key(
    fields: &Fields<'_, '_>,
    rules: &Rules<'_>,
    known: &Known,
    scope: &Scope,
    touched: &Touched<'_>,
) -> Option<Template> {
    let tree = match (fields.optional("key"), touched) {
        // A function with an aggregate was told so, and its key is no second problem.
        (_, Touched::Unreadable) => return None,
        (Some(tree), Touched::Aggregate(_)) => tree,
        (None, Touched::Aggregate(_)) => {
            let hint = Some("say which instance is meant: `key: ${input.orderId}`".to_owned());
            rules.sink.error(
                Code::MissingKey,
                fields.place(),
                "a contract with an aggregate needs `key`",
                hint,
            );
            return None;
        }
        (Some(tree), Touched::Nothing) => {
            let hint = Some("name the `aggregate`, or leave `key` out".to_owned());
            rules.sink.error(Code::Kind, fields.at(tree), "`key` goes with `aggregate`", hint);
            return None;
        }
        (None, Touched::Nothing) => return None,
    };
    let key = rules.template(tree, &known.for_key(scope))?;
    let ty = key.ty();
    // What is dynamic is looked at when the key is evaluated.
    if !matches!(ty, Type::Text { .. } | Type::Int | Type::Bool | Type::Dyn) {
        let hint = Some("write a string, an integer or a boolean: `key: ${input.orderId}`".to_owned());
        let message = format!("`key` is a string, an integer or a boolean, this is {ty}");
        rules.sink.error(Code::DataType, fields.at(tree), message, hint);
        return None;
    }
    Some(key)
}
