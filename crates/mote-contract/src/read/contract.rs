//! Reads a contract and compiles its law.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mote_expr::schema::Schema;
use mote_expr::{Digest, Scope, Template, Type, Value, suggest};

use super::definitions::{Definitions, Imports};
use super::examples::{Events, Examples, known_event};
use super::freedom::{elements, read_freedom};
use super::publisher::read_publisher;
use super::reads::{Viewed, Views};
use super::relations::Relations;
use super::rules::Rules;
use super::settings::{read_budget, read_content, read_implementation, read_isolation, read_verify};
use super::sight::{Known, Sight, Touched, contract_scope};
use super::triggers::read_route;
use super::{Fields, SchemaFiles, Sink, stem};
use crate::aggregate::Aggregate;
use crate::contract::{Contract, ErrorClause, Kind, Route};
use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::law::{Law, Reads, plan};
use crate::outcome::PlatformError;
use crate::rule::Rule;
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
    let name = fields.name("contract", stem(around.files.path(file)));
    let kind = read_kind(&fields);
    let version = read_version(&fields);
    let owner = fields.text("owner").unwrap_or(&around.manifest.owner).to_owned();
    let summary = fields.text("summary").map(str::to_owned);
    let service = match fields.optional("service") {
        None => name,
        Some(_) => fields.optional_name("service"),
    };
    if kind == Some(Kind::Publisher) {
        let head = Head { name, version, owner, summary, service };
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
    let examples: Vec<_> = entries.filter_map(|(key, tree)| examples.read(key, tree)).collect();

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
        name: name.unwrap_or_default().to_owned(),
        service: service.map(|service| (service.to_owned(), service_place)),
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
        (name, kind, service, input, output)
    else {
        return Some((said, None));
    };
    let closure = closure(tree, &rules, aggregate.as_deref(), reads.as_ref(), schemas);
    let contract = Contract {
        name: name.to_owned(),
        version,
        kind,
        owner,
        summary,
        capability: capability(around.files.path(file)),
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

/// What every contract begins with.
pub(super) struct Head<'t> {
    pub(super) name: Option<&'t str>,
    pub(super) version: String,
    pub(super) owner: String,
    pub(super) summary: Option<String>,
    pub(super) service: Option<&'t str>,
}

fn read_kind(fields: &Fields<'_, '_>) -> Option<Kind> {
    let tree = fields.required("kind", "function")?;
    let Some(text) = tree.as_text().map(|text| text.text.as_str()) else {
        fields.wrong_type("kind", "a string", tree, Some("write `kind: function`".to_owned()));
        return None;
    };
    let known = Kind::ALL.iter().find(|(name, _)| *name == text);
    if known.is_none() {
        let names: Vec<_> = Kind::ALL.iter().map(|(name, _)| *name).collect();
        let hint = match suggest(text, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the kinds are `{}`", names.join("`, `")),
        };
        fields.sink.error(
            Code::UnknownName,
            fields.at(tree),
            format!("there is no kind `{text}`"),
            Some(hint),
        );
    }
    known.map(|(_, kind)| *kind)
}

fn read_version(fields: &Fields<'_, '_>) -> String {
    let Some(tree) = fields.optional("version") else { return "1.0.0".to_owned() };
    let text = tree.as_text().map_or("", |text| &text.text);
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if text.split('.').count() != 3 || !text.split('.').all(number) {
        let hint = Some("write `version: 1.0.0`".to_owned());
        fields.wrong_type("version", "three numbers", tree, hint);
    }
    text.to_owned()
}

/// The aggregate that a contract names.
enum Named {
    Nothing,
    /// Reported already, with the name if there is one.
    Unreadable(Option<String>),
    Aggregate(Arc<Aggregate>),
}

impl Named {
    fn name(&self) -> Option<String> {
        match self {
            Named::Nothing => None,
            Named::Unreadable(name) => name.clone(),
            Named::Aggregate(aggregate) => Some(aggregate.name.clone()),
        }
    }
}

fn read_aggregate_name(fields: &Fields<'_, '_>, kind: Option<Kind>, around: &Surroundings<'_>) -> Named {
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

fn read_emits(fields: &Fields<'_, '_>, named: &Named, kind: Option<Kind>) -> Vec<String> {
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

fn read_key(
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

fn read_errors(fields: &Fields<'_, '_>, rules: &Rules<'_>, known: &Known, scope: &Scope) -> Vec<ErrorClause> {
    let mut codes: BTreeSet<&str> = BTreeSet::new();
    let mut errors = Vec::new();
    for tree in fields.items("errors") {
        errors.extend(read_error(tree, rules, known, scope));
        let Some(code) = tree.field("code") else { continue };
        let Some(text) = code.as_text().map(|text| text.text.as_str()) else { continue };
        if !codes.insert(text) {
            let hint = Some("join the conditions with `||`".to_owned());
            rules.sink.error(
                Code::DuplicateName,
                fields.at(code),
                format!("the error `{text}` is there twice"),
                hint,
            );
        }
        if PlatformError::ALL.iter().any(|(_, platform, _)| *platform == text) {
            let message = format!("`{text}` is an error of the platform, that any call can end in");
            let hint = Some(format!("say what it means here, such as `order-{text}`"));
            rules.sink.error(Code::DuplicateName, fields.at(code), message, hint);
        }
    }
    errors
}

fn read_error(tree: &Tree, rules: &Rules<'_>, known: &Known, scope: &Scope) -> Option<ErrorClause> {
    let fields = Fields::of(tree, "an error", rules.file, rules.sink)?;
    let sight = known.for_errors(scope);
    let code = fields.name("code", "out-of-stock");
    let condition = fields.optional("if").map(|tree| rules.decision(tree, &sight));
    let status = fields.int("status", 400, 499).unwrap_or(409);
    let data = fields.optional("data").map(|tree| (tree, rules.template(tree, &sight)));
    let place = fields.place();
    fields.finish();
    if let (Some((tree, _)), None) = (&data, &condition) {
        let message = "`data` goes with `if`: an error that the code raises brings its own";
        let hint = Some("add `if: …`, or leave `data` out".to_owned());
        rules.sink.error(Code::Kind, rules.at(tree.headline()), message, hint);
    }
    let code = code?.to_owned();
    // A condition that does not compile is reported; without it the error would mean another thing.
    let condition = match condition {
        None => None,
        Some(expr) => Some(Rule { name: code.clone(), expr: expr?, place }),
    };
    let data = match data {
        None => None,
        Some((_, data)) => Some(data?),
    };
    Some(ErrorClause { code, condition, status: u16::try_from(status).unwrap_or(409), data })
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

/// `contracts/ordering/place-order.yaml` lies in `ordering`.
pub(super) fn capability(path: &str) -> String {
    let inner = path.strip_prefix("contracts/").unwrap_or(path);
    inner.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned())
}
