//! Reads a contract and compiles its law.

use std::collections::BTreeMap;
use std::sync::Arc;

use mote_expr::schema::Schema;
use mote_expr::{Scope, Type, Uses, Value, suggest};

use super::aggregate::{caller_type, context_type, events_type};
use super::examples::read_example;
use super::rules::{Rules, Sight, all};
use super::triggers::read_route;
use super::units;
use super::{Fields, SchemaFiles, Sink, is_name};
use crate::aggregate::Aggregate;
use crate::contract::{Budget, Contract, ErrorClause, Isolation, Kind, Verify};
use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::law::{Law, Slots};
use crate::rule::Rule;
use crate::system::Manifest;
use crate::tree::Tree;

/// What a contract is read against.
pub(crate) struct Surroundings<'f> {
    pub(crate) files: &'f Files,
    pub(crate) sink: &'f Sink,
    pub(crate) manifest: &'f Manifest,
    pub(crate) aggregates: &'f BTreeMap<String, Arc<Aggregate>>,
}

pub(crate) fn read_contract(
    tree: &Tree,
    file: FileId,
    around: &Surroundings<'_>,
    schemas: &mut SchemaFiles<'_>,
) -> Option<Law> {
    let sink = around.sink;
    let fields = Fields::of(tree, "a contract", file, sink)?;
    let rules = Rules { files: around.files, file, sink };
    let name = fields.name("contract", "place-order");
    let kind = read_kind(&fields);
    let version = fields.text("version").unwrap_or("1.0.0").to_owned();
    let owner = fields.text("owner").unwrap_or(&around.manifest.owner).to_owned();
    let summary = fields.text("summary").map(str::to_owned);
    let service = read_service(&fields, name);
    let input =
        fields.optional("input").map_or(Some(Schema::empty_object()), |tree| schemas.compile(tree, file));
    let output = fields.required("output", "{type: object, …}").and_then(|tree| schemas.compile(tree, file));

    let aggregate = read_aggregate_name(&fields, kind, around);
    let emits = read_emits(&fields, aggregate.as_ref(), kind);
    let (scope, slots) =
        scope(&rules, &fields, input.as_ref(), output.as_ref(), aggregate.as_deref(), &emits)?;
    let known = Known::of(&slots);

    let key = match (fields.optional("key"), &aggregate) {
        (Some(tree), Some(_)) => {
            rules.template(tree, &known.caller(&scope, "a key is about the input and the caller"))
        }
        (None, Some(_)) => {
            let hint = Some("say which instance is meant: `key: ${input.orderId}`".to_owned());
            sink.error(Code::MissingKey, fields.place(), "a contract with an aggregate needs `key`", hint);
            None
        }
        (Some(tree), None) => {
            sink.error(Code::Kind, fields.at(tree), "`key` goes with `aggregate`", None);
            None
        }
        (None, None) => None,
    };
    let allow = fields.optional("allow").and_then(|tree| {
        rules.decision(tree, &known.caller(&scope, "`allow` is about the input and the caller"))
    });
    let requires_sight =
        Sight { scope: &scope, known: known.input, because: "`requires` is about the input alone" };
    let requires = named(&rules, &fields, "requires", &requires_sight);
    let errors =
        fields.items("errors").iter().filter_map(|tree| read_error(tree, &rules, &known, &scope)).collect();
    let ensures =
        named(&rules, &fields, "ensures", &Sight { scope: &scope, known: all(&scope), because: "" });
    let examples = fields
        .entries("examples")
        .iter()
        .filter_map(|(key, tree)| read_example(key, tree, file, sink))
        .collect();

    let routes = match &input {
        Some(input) => {
            fields.items("triggers").iter().filter_map(|tree| read_route(tree, input, &fields)).collect()
        }
        None => fields.optional("triggers").map_or_else(Vec::new, |_| Vec::new()),
    };
    let budget = read_budget(&fields);
    let isolation = read_isolation(&fields);
    let verify = read_verify(&fields);
    let place = Place { file, span: fields.place().span };
    fields.finish();

    let closure = closure(tree, file, aggregate.as_deref(), schemas);
    let contract = Contract {
        name: name?.to_owned(),
        version,
        kind: kind?,
        owner,
        summary,
        capability: capability(around.files.path(file)),
        service: service?,
        aggregate: aggregate.as_ref().map(|aggregate| aggregate.name.clone()),
        routes,
        emits,
        budget,
        isolation,
        verify,
        examples,
        place,
    };
    let (input, output) = (input?, output?);
    Some(Law {
        contract,
        digest: closure.digest(),
        aggregate,
        input,
        output,
        errors,
        requires,
        ensures,
        key,
        allow,
        scope,
        slots,
    })
}

fn read_kind(fields: &Fields<'_, '_>) -> Option<Kind> {
    let tree = fields.required("kind", "function")?;
    let text = tree.as_text().map_or("", |text| &text.text);
    let known = Kind::ALL.iter().find(|(name, _)| *name == text);
    if known.is_none() {
        let names: Vec<_> = Kind::ALL.iter().map(|(name, _)| format!("`{name}`")).collect();
        let message = format!("there is no kind `{text}`");
        fields.sink.error(
            Code::UnknownName,
            fields.at(tree),
            message,
            Some(format!("the kinds are {}", names.join(", "))),
        );
    }
    known.map(|(_, kind)| *kind)
}

fn read_service(fields: &Fields<'_, '_>, name: Option<&str>) -> Option<String> {
    match fields.optional("service") {
        None => name.map(str::to_owned),
        Some(tree) => match tree.as_text() {
            Some(text) if is_name(&text.text) => Some(text.text.clone()),
            _ => {
                fields.wrong_type("service", "a name", tree);
                None
            }
        },
    }
}

fn read_aggregate_name(
    fields: &Fields<'_, '_>,
    kind: Option<Kind>,
    around: &Surroundings<'_>,
) -> Option<Arc<Aggregate>> {
    let tree = match (kind, fields.optional("aggregate")) {
        (Some(Kind::Command), None) => {
            let hint = Some("name the aggregate it changes: `aggregate: order`".to_owned());
            fields.sink.error(Code::MissingKey, fields.place(), "a command needs `aggregate`", hint);
            return None;
        }
        (Some(Kind::Function), Some(tree)) => {
            let hint = Some("make it `kind: command`, or leave the aggregate out".to_owned());
            fields.sink.error(Code::Kind, fields.at(tree), "a function touches no aggregate", hint);
            return None;
        }
        (_, tree) => tree?,
    };
    let name = tree.as_text().map_or("", |text| &text.text);
    let found = around.aggregates.get(name).cloned();
    if found.is_none() {
        let near = suggest(name, around.aggregates.keys().map(String::as_str));
        let hint = near.map_or_else(
            || format!("write `aggregates/{name}.yaml`"),
            |near| format!("did you mean `{near}`?"),
        );
        fields.sink.error(
            Code::UnknownName,
            fields.at(tree),
            format!("there is no aggregate `{name}`"),
            Some(hint),
        );
    }
    found
}

fn read_emits(
    fields: &Fields<'_, '_>,
    aggregate: Option<&Arc<Aggregate>>,
    kind: Option<Kind>,
) -> Vec<String> {
    if let (Some(tree), Some(Kind::Function)) = (fields.optional("emits"), kind) {
        fields.sink.error(Code::Kind, fields.at(tree), "a function emits no events", None);
        return Vec::new();
    }
    let mut emits = Vec::new();
    for tree in fields.items("emits") {
        let Some(text) = tree.as_text() else {
            fields.wrong_type("emits", "a list of event types", tree);
            continue;
        };
        match aggregate {
            Some(aggregate) if !aggregate.events.contains_key(&text.text) => {
                let near = suggest(&text.text, aggregate.events.keys().map(String::as_str));
                let hint = near.map(|near| format!("did you mean `{near}`?"));
                let message = format!("aggregate `{}` has no event `{}`", aggregate.name, text.text);
                fields.sink.error(Code::Event, fields.at(tree), message, hint);
            }
            _ => emits.push(text.text.clone()),
        }
    }
    emits
}

/// The names of a contract's expressions: bindings first, then its `let`s.
fn scope(
    rules: &Rules<'_>,
    fields: &Fields<'_, '_>,
    input: Option<&Schema>,
    output: Option<&Schema>,
    aggregate: Option<&Aggregate>,
    emits: &[String],
) -> Option<(Scope, Slots)> {
    // What could not be compiled is dynamic, so that its rules are not reported too.
    let ty = |schema: Option<&Schema>| schema.map_or(Type::Dyn, Type::of);
    let mut scope = Scope::new();
    let slots = Slots {
        input: scope.bind("input", ty(input))?,
        context: scope.bind("context", context_type())?,
        caller: scope.bind("caller", caller_type())?,
        output: scope.bind("output", ty(output))?,
        state: aggregate.and_then(|aggregate| scope.bind("state", Type::of(&aggregate.state))),
        events: aggregate.and_then(|aggregate| scope.bind("events", events_type(aggregate, emits))),
        after: aggregate.and_then(|aggregate| scope.bind("after", Type::of(&aggregate.state))),
    };
    rules.lets(fields, &mut scope);
    Some((scope, slots))
}

/// What is known at each point of a call.
struct Known {
    input: Uses,
    caller: Uses,
    state: Uses,
}

impl Known {
    fn of(slots: &Slots) -> Known {
        let input = Uses::of(slots.input);
        let caller = input.and(Uses::of(slots.context)).and(Uses::of(slots.caller));
        Known { input, caller, state: slots.state.map_or(caller, |slot| caller.and(Uses::of(slot))) }
    }

    fn caller<'s>(&self, scope: &'s Scope, because: &'static str) -> Sight<'s> {
        Sight { scope, known: self.caller, because }
    }
}

fn named(rules: &Rules<'_>, fields: &Fields<'_, '_>, section: &'static str, sight: &Sight<'_>) -> Vec<Rule> {
    let entries = fields.entries(section).iter();
    entries
        .filter_map(|(key, tree)| {
            if !is_name(&key.name) {
                let hint = Some("a rule is named in lower-case words joined by hyphens".to_owned());
                rules.sink.error(
                    Code::BadName,
                    rules.at(key.span.clone()),
                    format!("`{}` is not a name", key.name),
                    hint,
                );
            }
            rules.rule(key, tree, sight)
        })
        .collect()
}

fn read_error(tree: &Tree, rules: &Rules<'_>, known: &Known, scope: &Scope) -> Option<ErrorClause> {
    let fields = Fields::of(tree, "an error", rules.file, rules.sink)?;
    let sight = Sight {
        scope,
        known: known.state,
        because: "the host decides on an error before the code is called",
    };
    let code = fields.name("code", "out-of-stock");
    let condition = fields.optional("if").map(|tree| rules.decision(tree, &sight));
    let status = fields.int("status", 400, 499).unwrap_or(409);
    let data = fields.optional("data").map(|tree| rules.template(tree, &sight));
    let place = fields.place();
    fields.finish();
    let code = code?.to_owned();
    // A condition that does not compile is reported; without it the error would mean another thing.
    let condition = match condition {
        None => None,
        Some(expr) => Some(Rule { name: code.clone(), expr: expr?, place }),
    };
    let data = match data {
        None => None,
        Some(data) => Some(data?),
    };
    Some(ErrorClause { code, condition, status: status as u16, data })
}

fn read_budget(fields: &Fields<'_, '_>) -> Budget {
    let mut budget = Budget::default();
    let Some(tree) = fields.optional("budget") else { return budget };
    let Some(inner) = Fields::of(tree, "a budget", fields.file, fields.sink) else { return budget };
    let read =
        |name: &'static str, example: &str, unit: fn(&str) -> Option<u64>, limit: &mut u64, max: u64| {
            let Some(tree) = inner.optional(name) else { return };
            match tree.as_text().and_then(|text| unit(&text.text)).filter(|size| (1..=max).contains(size)) {
                Some(size) => *limit = size,
                None => inner.wrong_type(name, &format!("like `{example}`"), tree),
            }
        };
    read("memory", "16MiB", units::bytes, &mut budget.memory, 1 << 30);
    read("answer", "64KiB", units::bytes, &mut budget.answer, 16 << 20);
    read("timeout", "1s", units::milliseconds, &mut budget.timeout_ms, 600_000);
    if let Some(fuel) = inner.int("fuel", 1, 1_000_000_000_000) {
        budget.fuel = fuel.unsigned_abs();
    }
    inner.finish();
    budget
}

fn read_isolation(fields: &Fields<'_, '_>) -> Isolation {
    match fields.text("isolation") {
        None | Some("fresh") => Isolation::Fresh,
        Some("reused") => Isolation::Reused,
        Some(other) => {
            let message = format!("there is no isolation `{other}`");
            let hint = Some("write `fresh` or `reused`".to_owned());
            fields.sink.error(Code::UnknownName, fields.place(), message, hint);
            Isolation::Fresh
        }
    }
}

fn read_verify(fields: &Fields<'_, '_>) -> Verify {
    let mut verify = Verify::default();
    if let Some(tree) = fields.optional("verify")
        && let Some(inner) = Fields::of(tree, "`verify`", fields.file, fields.sink)
    {
        if let Some(cases) = inner.int("cases", 1, 100_000) {
            verify.cases = u32::try_from(cases).unwrap_or(verify.cases);
        }
        inner.finish();
    }
    verify
}

/// The contract with everything it refers to: a change in any of it is another release.
fn closure(tree: &Tree, file: FileId, aggregate: Option<&Aggregate>, schemas: &SchemaFiles<'_>) -> Value {
    let aggregate = aggregate.map_or(Value::Null, |aggregate| Value::text(aggregate.digest.to_string()));
    Value::object([("contract", schemas.closed(&tree.value(), file)), ("aggregate", aggregate)])
}

/// `contracts/ordering/place-order.yaml` lies in `ordering`.
fn capability(path: &str) -> String {
    let inner = path.strip_prefix("contracts/").unwrap_or(path);
    inner.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned())
}
