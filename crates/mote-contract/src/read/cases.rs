//! Reads a case that lies beside its contract: a test or a regression. One file is one case, and is read
//! against the compiled contract, so that a contract with problems is told of once. Examples of a
//! publisher are read here too, since their form is that of its tests.

use mote_expr::Value;

use super::examples::{Events, Examples, NOW, default_context};
use super::{Fields, Sink, stem};
use crate::aggregate::Event;
use crate::contract::{CaseKind, Example, Test, Then};
use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::law::Law;
use crate::tree::Tree;

/// The case that `file` describes. Only a test may say that it is not `visible`.
pub(crate) fn read_case(
    kind: CaseKind,
    tree: &Tree,
    file: FileId,
    law: &Law,
    files: &Files,
    sink: &Sink,
) -> Option<Test> {
    let reader = Examples::beside(kind, file, law, sink);
    let fields = reader.fields(tree)?;
    let visible = if kind == CaseKind::Test { fields.truth("visible").unwrap_or(true) } else { true };
    let (name, place) = (stem(files.path(file)), fields.place());
    let case = match &law.publishing {
        None => reader.read(name, place, fields),
        Some(publishing) => {
            let follows = publishing.subscribes.iter();
            let follows: Vec<(&str, &str)> =
                follows.map(|it| (it.aggregate.name.as_str(), it.event.as_str())).collect();
            reader.read_delivery(name, place, fields, &follows)
        }
    };
    Some(Test { case: case?, visible })
}

impl<'c> Examples<'c> {
    /// What reads the cases of `law` that lie in files of their own.
    fn beside(kind: CaseKind, file: FileId, law: &'c Law, sink: &'c Sink) -> Examples<'c> {
        let input = match &law.publishing {
            // What is known of an event beside what it says is written as `meta`.
            Some(_) => law.input.field("event").map(|event| &*event.schema),
            None => Some(&law.input),
        };
        Examples {
            kind,
            file,
            sink,
            input,
            output: Some(&law.output),
            events: law.aggregate.as_deref().map_or(Events::Never, Events::Of),
            view: law.reads.as_ref().map(|reads| &*reads.view),
            view_unreadable: false,
        }
    }
}

impl Examples<'_> {
    /// A case of a publisher: `given` is an event, `then` the messages that must come of it. `follows` are
    /// the events of the contract, each with its aggregate.
    pub(super) fn read_delivery(
        &self,
        name: &str,
        place: Place,
        fields: Fields<'_, '_>,
        follows: &[(&str, &str)],
    ) -> Option<Example> {
        let given = fields.required("given", "{event: {type: …, data: {…}}}");
        let input = given.and_then(|tree| self.delivered(tree, follows));
        let then = self.then_of(&fields, "{messages: […]}", &|tree| {
            let fields = Fields::of(tree, "`then`", self.file, self.sink)?;
            let tree = fields.required("messages", "[…]");
            fields.finish();
            let messages = self.fitting("the list of messages", tree?, tree?.value(), self.output, true);
            Some(Then::Ok { output: Some(messages), events: None })
        });
        fields.finish();
        let context = default_context();
        Some(Example { name: name.to_owned(), given: Vec::new(), context, input: input?, then: then?, place })
    }

    fn delivered(&self, tree: &Tree, follows: &[(&str, &str)]) -> Option<Value> {
        let fields = Fields::of(tree, "`given`", self.file, self.sink)?;
        let event = fields.required("event", "{type: …, data: {…}}");
        let event = event.map(|tree| self.fitting("the event", tree, tree.value(), self.input, true));
        let kind = event.as_ref().and_then(|event| event.field("type")).and_then(Value::as_text);
        let of =
            follows.iter().find(|(_, followed)| Some(*followed) == kind).map(|(aggregate, _)| *aggregate);
        let (mut time, mut version) = (NOW, 1);
        let mut stream = format!("{}/example", of.unwrap_or("example"));
        if let Some(tree) = fields.optional("meta")
            && let Some(meta) = Fields::of(tree, "`meta`", self.file, self.sink)
        {
            time = self.time(&meta, "time");
            stream = meta.text("stream").map_or(stream, str::to_owned);
            if let (Some(of), Some(tree)) = (of, meta.optional("stream"))
                && !stream.split_once('/').is_some_and(|(aggregate, key)| aggregate == of && !key.is_empty())
            {
                let hint = Some(format!("write `stream: {of}/…`"));
                let message = format!("`{stream}` is no stream of the aggregate `{of}`");
                self.sink.error(Code::Example, meta.at(tree), message, hint);
            }
            version = meta.int("version", 1, mote_expr::INT_MAX).unwrap_or(version);
            meta.finish();
        }
        fields.finish();
        let kind = kind?.to_owned();
        let data = event?.field("data").cloned().unwrap_or(Value::Null);
        let event = Event { kind, data };
        Some(Law::delivery(&event, time, &stream, version))
    }
}
