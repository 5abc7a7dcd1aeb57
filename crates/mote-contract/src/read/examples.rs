//! Reads examples: given, input, then. Data is checked against the schemas here, where its place is
//! known; whether the example obeys the rules is checked when the whole contract is compiled.

use mote_expr::schema::{Format, Schema};
use mote_expr::{Object, Value, suggest};

use super::mend::mend;
use super::{Fields, Sink};
use crate::aggregate::Aggregate;
use crate::contract::{CaseKind, Example, Then};
use crate::diagnostic::{Code, Place};
use crate::files::FileId;
use crate::law::context;
use crate::outcome::PlatformError;
use crate::tree::{Key, Tree};
use crate::view::View;

/// What the data of an example must fit. What could not be read is not there: it has been reported.
pub(super) struct Examples<'c> {
    pub(super) kind: CaseKind,
    pub(super) file: FileId,
    pub(super) sink: &'c Sink,
    pub(super) input: Option<&'c Schema>,
    pub(super) output: Option<&'c Schema>,
    pub(super) events: Events<'c>,
    /// The view that the contract reads: its events can have happened before.
    pub(super) view: Option<&'c View>,
    pub(super) view_unreadable: bool,
}

/// Which events an example can tell of.
pub(super) enum Events<'c> {
    /// The contract touches no aggregate.
    Never,
    /// The aggregate could not be read.
    Unknown,
    Of(&'c Aggregate),
}

impl Examples<'_> {
    /// The fields of a case.
    pub(super) fn fields<'t>(&self, tree: &'t Tree) -> Option<Fields<'t, '_>> {
        Fields::of(tree, self.kind.one(), self.file, self.sink)
    }

    /// Where a case is named.
    pub(super) fn at(&self, key: &Key) -> Place {
        Place { file: self.file, span: key.span.clone() }
    }

    pub(super) fn read(&self, name: &str, place: Place, fields: Fields<'_, '_>) -> Option<Example> {
        let (mut given, mut surroundings) = (Vec::new(), default_context());
        if let Some(tree) = fields.optional("given")
            && let Some(fields) = Fields::of(tree, "`given`", self.file, self.sink)
        {
            given = fields.items("events").iter().filter_map(|tree| self.event(tree, self.view)).collect();
            if let Some(tree) = fields.optional("context") {
                surroundings = self.context(tree);
            }
            fields.finish();
        }
        let then = self.then_of(&fields, "{output: {…}}", &|tree| self.then(tree));
        let input = fields.required("input", "{…}").map(|tree| {
            // An input that does not fit may be what the example is about.
            match &then {
                Some(Then::Error(code)) if code == PlatformError::InvalidInput.code() => tree.value(),
                _ => self.fitting("the input", tree, tree.value(), self.input, false),
            }
        });
        fields.finish();
        Some(Example {
            name: name.to_owned(),
            given,
            context: surroundings,
            input: input?,
            then: then?,
            place,
        })
    }

    /// An event of the aggregate, or one that `view` reads.
    fn event(&self, tree: &Tree, view: Option<&View>) -> Option<(String, Value)> {
        let fields = Fields::of(tree, "an event", self.file, self.sink)?;
        let kind_tree = fields.required("type", "OrderPlaced");
        let kind = fields.text("type");
        let data_tree = fields.optional("data");
        let place = fields.place();
        let of = match &self.events {
            Events::Of(aggregate) => Some(*aggregate),
            Events::Unknown => None,
            Events::Never if view.is_some() || self.view_unreadable => None,
            Events::Never => {
                let hint = Some("leave the events out, or name the contract's `aggregate`".to_owned());
                self.sink.error(Code::Kind, place, "this contract has no events", hint);
                fields.finish();
                return None;
            }
        };
        let schema = kind.and_then(|kind| {
            let own = of.and_then(|aggregate| aggregate.events.get(kind));
            let read = || view?.from.get(kind)?.aggregate.events.get(kind);
            let known = own.or_else(read);
            if known.is_none() && !matches!(self.events, Events::Unknown) && !self.view_unreadable {
                let (message, hint) = match (of, view) {
                    (Some(aggregate), _) => (
                        format!("aggregate `{}` has no event `{kind}`", aggregate.name),
                        known_event(aggregate, kind),
                    ),
                    (None, Some(view)) => {
                        let events: Vec<_> = view.from.keys().map(String::as_str).collect();
                        let hint = match suggest(kind, events.iter().copied()) {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => format!("its events are `{}`", events.join("`, `")),
                        };
                        (format!("view `{}` reads no event `{kind}`", view.name), Some(hint))
                    }
                    // The events of what cannot be read are not known.
                    (None, None) => return None,
                };
                let place = kind_tree.map_or(place, |tree| fields.at(tree));
                self.sink.error(Code::Event, place, message, hint);
            }
            known.map(|event| &event.data)
        });
        let data = match data_tree {
            Some(tree) => self.fitting("the data", tree, tree.value(), schema, true),
            None => self.fitting("the data", tree, Value::Object(Object::new().into()), schema, true),
        };
        fields.finish();
        Some((kind?.to_owned(), data))
    }

    /// What must come of it. Of a regression it may be left open: the rules say enough.
    pub(super) fn then_of(
        &self,
        fields: &Fields<'_, '_>,
        example: &str,
        read: &dyn Fn(&Tree) -> Option<Then>,
    ) -> Option<Then> {
        let tree = match self.kind {
            CaseKind::Regression => match fields.optional("then") {
                None => return Some(Then::Anything),
                Some(tree) => tree,
            },
            CaseKind::Example | CaseKind::Test => fields.required("then", example)?,
        };
        read(tree)
    }

    fn then(&self, tree: &Tree) -> Option<Then> {
        let fields = Fields::of(tree, "`then`", self.file, self.sink)?;
        let error = fields.text("error").map(str::to_owned);
        let output = fields
            .optional("output")
            .map(|tree| self.fitting("the output", tree, tree.value(), self.output, true));
        let events = fields
            .optional("events")
            .map(|_| fields.items("events").iter().filter_map(|tree| self.event(tree, None)).collect());
        let place = fields.place();
        fields.finish();
        match error {
            Some(_) if output.is_some() || events.is_some() => {
                let hint = Some(format!("split it into two {}", self.kind.plural()));
                self.sink.error(Code::Example, place, "either an error or a success, not both", hint);
                None
            }
            Some(code) => Some(Then::Error(code)),
            None if output.is_none() && events.is_none() => {
                let hint = Some("say what must come: `then: {output: {…}}` or `then: {error: …}`".to_owned());
                let message = format!("this {} expects nothing", self.kind.word());
                self.sink.error(Code::Example, place, message, hint);
                None
            }
            None => Some(Then::Ok { output, events }),
        }
    }

    /// `value` with its defaults, as the host completes it; every place where it does not fit is reported.
    pub(super) fn fitting(
        &self,
        what: &str,
        tree: &Tree,
        value: Value,
        schema: Option<&Schema>,
        complete: bool,
    ) -> Value {
        let Some(schema) = schema else { return value };
        let completed = schema.normalise(value.clone());
        for violation in schema.violations(&completed) {
            let place = Place { file: self.file, span: tree.place(&violation.at) };
            let message = format!("{what} does not fit: {violation}");
            self.sink.error(Code::Example, place, message, mend(schema, &completed, &violation));
        }
        if complete { completed } else { value }
    }

    /// The time in the field `name`, or the usual one.
    pub(super) fn time<'t>(&self, fields: &Fields<'t, '_>, name: &'static str) -> &'t str {
        let time = fields.text(name).unwrap_or(NOW);
        if !Format::DateTime.accepts(time) {
            let place = fields.optional(name).map_or(fields.place(), |tree| fields.at(tree));
            let hint = Some(format!("write it as `{name}: \"{NOW}\"`"));
            self.sink.error(Code::WrongType, place, format!("`{time}` is not a date and time"), hint);
        }
        time
    }

    fn context(&self, tree: &Tree) -> Value {
        let Some(fields) = Fields::of(tree, "a context", self.file, self.sink) else {
            return default_context();
        };
        let now = self.time(&fields, "now");
        let id = fields.text("id").unwrap_or("example");
        let mut caller = ("someone", Vec::new(), Value::Object(Object::new().into()));
        if let Some(tree) = fields.optional("caller")
            && let Some(fields) = Fields::of(tree, "a caller", self.file, self.sink)
        {
            caller.0 = fields.text("id").unwrap_or(caller.0);
            for role in fields.items("roles") {
                match role.as_text() {
                    Some(text) => caller.1.push(text.text.clone()),
                    None => {
                        let hint = Some(format!("quote it: `\"{}\"`", role.value()));
                        fields.wrong_type("roles", "a list of strings", role, hint);
                    }
                }
            }
            if let Some(claims) = fields.optional("claims") {
                match claims.as_map() {
                    Some(_) => caller.2 = claims.value(),
                    None => {
                        let hint = Some("write `claims: {name: value}`".to_owned());
                        fields.wrong_type("claims", "a map", claims, hint);
                    }
                }
            }
            fields.finish();
        }
        fields.finish();
        context(now, id, caller.0, &caller.1, caller.2)
    }
}

/// What to write for an event that is not there.
pub(super) fn known_event(aggregate: &Aggregate, kind: &str) -> Option<String> {
    let events: Vec<_> = aggregate.events.keys().map(String::as_str).collect();
    match suggest(kind, events.iter().copied()) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if events.is_empty() => Some(format!("add `{kind}: {{data: …}}` to its `events`")),
        None => Some(format!("its events are `{}`", events.join("`, `"))),
    }
}

pub(super) const NOW: &str = "2026-01-01T00:00:00Z";

/// Time, id and caller of an example that does not say.
pub(super) fn default_context() -> Value {
    context(NOW, "example", "someone", &[], Value::Object(Object::new().into()))
}
