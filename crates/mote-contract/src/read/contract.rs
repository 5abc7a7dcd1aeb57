//! Reads a contract and compiles its law.

mod errors;
mod head;
mod stream;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mote_expr::schema::Schema;
use mote_expr::{Digest, Value};

use self::errors::read_errors;
pub(super) use self::head::{Head, capability, read_version};
use self::stream::{Named, read_aggregate_name, read_emits, read_key};
use super::definitions::{Definitions, Imports};
use super::examples::{Events, Examples};
use super::freedom::{elements, read_freedom};
use super::publisher::read_publisher;
use super::reads::{Viewed, Views};
use super::relations::Relations;
use super::rules::Rules;
use super::settings::{read_budget, read_content, read_implementation, read_isolation, read_verify};
use super::sight::{Sight, Touched, contract_scope};
use super::triggers::read_route;
use super::{Fields, SchemaFiles, Sink};
use crate::aggregate::Aggregate;
use crate::contract::{CaseKind, Cases, Contract, Kind, Route};
use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::law::{Law, Reads, plan};
use crate::system::Manifest;
use crate::tree::Tree;

/// What a contract is read against.
pub(crate) struct Surroundings<'f> {
    pub(crate) files: &'f Files,
    pub(crate) sink: &'f Sink,
    pub(crate) manifest: &'f Manifest,
    pub(crate) aggregates: &'f BTreeMap<String, Arc<Aggregate>>,
    /// The names of aggregates with problems: a contract that names one is not to blame.
    pub(crate) unreadable: &'f BTreeSet<String>,
    /// Where `mote.yaml` names each sink, whether or not it can be read.
    pub(crate) sinks: &'f BTreeMap<String, Place>,
    pub(crate) views: Views<'f>,
    pub(crate) definitions: &'f Definitions,
}

/// What a contract says that other files are checked against, whether or not it compiles.
#[derive(Default)]
pub(crate) struct Said {
    pub(crate) name: String,
    pub(crate) service: Option<(String, Place)>,
    pub(crate) aggregate: Option<String>,
    pub(crate) emits: Vec<String>,
    pub(crate) routes: Vec<(Route, Place)>,
    pub(crate) unused_lets: Vec<(String, Place)>,
    /// Where a publisher names its sink.
    pub(crate) to: Option<(String, Place)>,
    /// The messages of a publisher, each with the hash of its shape.
    pub(crate) publishes: Vec<(String, Digest, Place)>,
    /// Whether its rules answer, and no service.
    pub(crate) derived: bool,
}

pub(crate) fn read_contract(
    tree: &Tree,
    file: FileId,
    around: &Surroundings<'_>,
    schemas: &mut SchemaFiles<'_>,
) -> Option<(Said, Option<Law>)> {
    let sink = around.sink;
    let problems_before = sink.count();
    let fields = Fields::of(tree, "a contract", file, sink)?;
    let rules = Rules::new(around.files, file, sink);
    let (head, kind) = Head::read(&fields, around.files.path(file), &around.manifest.owner);
    if kind == Some(Kind::Publisher) {
        return read_publisher(head, tree, fields, &rules, around, schemas);
    }
    for key in ["subscribes", "publishes", "to"] {
        fields.refuse(
            key,
            &format!("`{key}` is a publisher's"),
            "make it `kind: publisher`, or leave it out",
        );
    }
    let derived = read_implementation(&fields);
    let input =
        fields.optional("input").map_or(Some(Schema::empty_object()), |tree| schemas.compile(tree, file));
    let output = fields.required("output", "{type: object, …}").and_then(|tree| schemas.compile(tree, file));

    let content = read_content(&fields, output.as_ref());

    let named = read_aggregate_name(&fields, kind, around);
    let touched = match &named {
        Named::Nothing => Touched::Nothing,
        Named::Unreadable(_) => Touched::Unreadable,
        Named::Aggregate(aggregate) => Touched::Aggregate(aggregate),
    };
    let emits = read_emits(&fields, &named, kind);
    let viewed = Viewed::read(&fields, kind, &around.views);
    let imports = Imports::read(&fields, around.definitions, &|_| false);
    let schemas_of = (input.as_ref(), output.as_ref());
    let (scope, slots, known) =
        contract_scope(&rules, &fields, schemas_of, &touched, &viewed, &emits, &imports.scope)?;

    let key = read_key(&fields, &rules, &known, &scope, &touched);
    let allow = fields.optional("allow").and_then(|tree| rules.decision(tree, &known.for_allow(&scope)));
    let requires = rules.named(&fields, "requires", &known.for_requires(&scope));
    let errors = read_errors(&fields, &rules, &known, &scope);
    let ensures = rules.named(&fields, "ensures", &Sight::everything(&scope));
    one_meaning_per_name(&fields);
    let view_unreadable = matches!(viewed, Viewed::Unreadable);
    let reads = match viewed {
        Viewed::Nothing | Viewed::Unreadable => None,
        Viewed::View(rows) => Some(rows.compile(&rules, &scope, &known)),
    };
    let examples = Examples {
        kind: CaseKind::Example,
        file,
        sink,
        input: input.as_ref(),
        output: output.as_ref(),
        events: match touched {
            Touched::Nothing => Events::Never,
            Touched::Unreadable => Events::Unknown,
            Touched::Aggregate(aggregate) => Events::Of(aggregate),
        },
        view: reads.as_ref().map(|reads| &*reads.view),
        view_unreadable,
    };
    let entries = fields.entries("examples").iter();
    let examples: Vec<_> = entries
        .filter_map(|(key, tree)| examples.read(&key.name, examples.at(key), examples.fields(tree)?))
        .collect();

    let triggers = fields.items("triggers").iter();
    let routes: Vec<(Route, Place)> =
        triggers.filter_map(|tree| read_route(tree, input.as_ref(), &fields)).collect();
    let budget = read_budget(&fields, derived.is_some());
    let isolation = read_isolation(&fields);
    let verify = read_verify(&fields);
    let of_answers = match &named {
        Named::Unreadable(_) => None,
        Named::Nothing => elements(output.as_ref(), None, &[]),
        Named::Aggregate(aggregate) => elements(output.as_ref(), Some(aggregate), &emits),
    };
    let freedom = read_freedom(&fields, of_answers.as_deref());
    let relations = Relations {
        fields: &fields,
        kind,
        input: input.as_ref(),
        elements: of_answers.as_deref(),
        errors: &errors,
        freedom: &freedom,
    };
    let relations = relations.read();
    let place = Place { file, span: fields.place().span };
    let service_place = fields.optional("service").map_or(place.clone(), |tree| fields.at(tree));
    fields.finish();

    around.definitions.note_calls(&rules);
    let said = Said {
        name: head.name.unwrap_or_default().to_owned(),
        service: head.service.map(|service| (service.to_owned(), service_place)),
        aggregate: named.name(),
        emits: emits.clone(),
        routes: routes.clone(),
        unused_lets: rules.unused_lets(tree, &scope),
        derived: derived.is_some(),
        ..Said::default()
    };
    let aggregate = match named {
        Named::Nothing => None,
        Named::Aggregate(aggregate) => Some(aggregate),
        Named::Unreadable(_) => return Some((said, None)),
    };
    if view_unreadable || !imports.whole {
        return Some((said, None));
    }
    let (Some(name), Some(kind), Some(service), Some(input), Some(output)) =
        (head.name, kind, head.service, input, output)
    else {
        return Some((said, None));
    };
    let closure = closure(tree, &rules, aggregate.as_deref(), reads.as_ref(), schemas);
    let contract = Contract {
        name: name.to_owned(),
        version: head.version,
        kind,
        owner: head.owner,
        summary: head.summary,
        capability: head.capability,
        service: service.to_owned(),
        aggregate: aggregate.as_ref().map(|aggregate| aggregate.name.clone()),
        routes: routes.into_iter().map(|(route, _)| route).collect(),
        content,
        emits,
        budget,
        isolation,
        freedom,
        relations,
        verify,
        examples,
        place,
    };
    let mut law = Law {
        contract,
        digest: closure.digest(),
        cases: Cases::default(),
        aggregate,
        reads,
        publishing: None,
        completes_input: input.has_defaults(),
        completes_output: output.has_defaults(),
        input,
        output,
        errors,
        requires,
        ensures,
        key,
        allow,
        scope,
        slots,
        derivation: None,
    };
    // Rules that could not be read may say what the others leave open.
    if let (Some(place), true) = (derived, sink.count() == problems_before) {
        match plan(&law) {
            Ok(derivation) => law.derivation = Some(derivation),
            Err(open) => open.into_iter().for_each(|found| {
                sink.error(Code::Undetermined, place.clone(), found.message, Some(found.hint));
            }),
        }
    }
    Some((said, Some(law)))
}

/// A rule is named in refusals and in reports: no two of a contract share a name.
fn one_meaning_per_name(fields: &Fields<'_, '_>) {
    let requires = fields.entries("requires");
    for (key, _) in fields.entries("ensures") {
        if requires.iter().any(|(other, _)| other.name == key.name) {
            let message = format!("`requires` has a rule `{}` too", key.name);
            let hint = Some(format!("name it for what it ensures, such as `{}-kept`", key.name));
            let place = Place { file: fields.file, span: key.span.clone() };
            fields.sink.error(Code::DuplicateName, place, message, hint);
        }
    }
}

/// The contract with everything it refers to: a change in any of it is another release.
fn closure(
    tree: &Tree,
    rules: &Rules<'_>,
    aggregate: Option<&Aggregate>,
    reads: Option<&Reads>,
    schemas: &SchemaFiles<'_>,
) -> Value {
    let aggregate = aggregate.map_or(Value::Null, |aggregate| Value::text(aggregate.digest.to_string()));
    let mut parts = vec![("contract", schemas.closed(&tree.value(), rules.file)), ("aggregate", aggregate)];
    parts.extend(rules.definitions().map(|called| ("definitions", called)));
    parts.extend(reads.map(|reads| ("view", Value::text(reads.view.digest.to_string()))));
    Value::object(parts)
}
