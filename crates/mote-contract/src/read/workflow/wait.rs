//! Reads `wait`: a duration, a moment, an event.
//! Owns that one index can find the runs that wait for an event.

use mote_expr::expr::{Aspect, Equation};
use mote_expr::schema::{Format, Schema, Shape as Form};
use mote_expr::{Step as Into, Type, Uses};

use super::names::{Known, Names, Shape};
use super::steps::{At, Read, Steps};
use crate::diagnostic::Code;
use crate::read::view::find_event;
use crate::tree::Tree;
use crate::workflow::{EventWait, Pause, StepKind};

/// The longest wait: a year. A run that is to wait longer is better started by an event.
const WAIT_MAX_MS: u64 = 365 * 86_400_000;

impl Steps<'_> {
    pub(super) fn wait(&mut self, at: At<'_>) -> Option<Read> {
        let At { tree, path, mut known } = at;
        let fields = self.fields(tree, "`wait`")?;
        let wait = fields.optional("wait")?;
        if wait.as_map().is_none() {
            let kind = super::duration(&fields, "wait", wait, "3d", WAIT_MAX_MS);
            fields.finish();
            let kind = kind.map(|ms| StepKind::Pause(Pause::For(ms)));
            return Some(Read { kind, result: None, after: Some(known) });
        }
        if wait.field("until").is_some() {
            fields.finish();
            let inner = self.fields(wait, "a moment")?;
            let moment = inner.optional("until").and_then(|tree| self.moment(tree, &known));
            inner.finish();
            let kind = moment.map(|moment| StepKind::Pause(Pause::Until(moment)));
            return Some(Read { kind, result: None, after: Some(known) });
        }
        let inner = self.fields(wait, "a wait for an event")?;
        let event_tree = inner.required("event", "ShipmentDelivered");
        let name = inner.text("event").map(str::to_owned);
        let aggregate = event_tree
            .zip(name.as_deref())
            .and_then(|(tree, name)| find_event(name, self.at(tree), self.sources, self.rules.sink));
        let data =
            aggregate.as_ref().zip(name.as_ref()).and_then(|(aggregate, name)| aggregate.events.get(name));
        let event =
            data.map_or(Shape::UNREAD, |event| event_shape(name.as_deref().unwrap_or(""), &event.data));
        let where_tree = inner.required("where", "event.data.orderId == input.orderId");
        let mut inside = known.clone();
        inside.give(Names::slots().event, event.clone());
        let found = where_tree.and_then(|tree| self.found_by(tree, &inside));
        let timeout_tree = inner.optional("timeout");
        let timeout_ms =
            timeout_tree.and_then(|tree| super::duration(&inner, "timeout", tree, "7d", WAIT_MAX_MS));
        let else_tree = inner.optional("else");
        let place = inner.place();
        inner.finish();
        match (timeout_tree, else_tree) {
            (Some(_), None) => {
                let message = "nothing says what is done where no such event comes in time";
                self.error(
                    Code::MissingKey,
                    place,
                    message,
                    "add `else: [{fail: …}]`, or `else: []` to go on",
                );
            }
            (None, Some(tree)) => {
                let message = "without `timeout`, only the deadline ends this wait, and it ends the run";
                self.error(
                    Code::Unreachable,
                    self.at(tree),
                    message,
                    "add `timeout: 7d`, or leave `else` out",
                );
            }
            _ => {}
        }
        let (otherwise, other) = match else_tree {
            Some(tree) => self.block(tree, "else", &format!("{path}/else"), known.clone()),
            None => (Vec::new(), None),
        };
        let result = self.result(&fields, event, &mut known);
        fields.finish();
        let kind = found.zip(aggregate).zip(name).map(|((found, aggregate), event)| {
            let Found { condition, path, value } = found;
            StepKind::Event(Box::new(EventWait {
                event,
                aggregate,
                condition,
                path,
                value,
                timeout_ms,
                otherwise,
            }))
        });
        let after = Known::met([Some(known), other].into_iter().flatten());
        Some(Read { kind, result, after })
    }

    fn moment(&self, tree: &Tree, known: &Known) -> Option<mote_expr::Template> {
        let template = self.template(tree, known)?;
        let Some(schema) = self.schema(&template, known) else { return Some(template) };
        let is_moment =
            |value: &mote_expr::Value| value.as_text().is_some_and(|text| Format::DateTime.accepts(text));
        let fits = match &schema.shape {
            Form::Text(text) => text.format == Some(Format::DateTime),
            Form::Enum(values) => values.iter().all(is_moment),
            _ => false,
        };
        if fits && !schema.nullable {
            return Some(template);
        }
        let hint = "give it the schema `{type: string, format: date-time}` where it comes from: `until: ${input.at}`";
        self.error(Code::DataType, self.at(tree), "`until` is a moment, this may be something else", hint);
        None
    }

    /// What `where` compares, so that the runs that wait are found by a value of the event.
    fn found_by(&self, tree: &Tree, known: &Known) -> Option<Found> {
        let condition = self.decision(tree, known)?;
        let event = Uses::of(Names::slots().event);
        let equations = self.scope(known).equations(&condition, event);
        let found = equations.into_iter().find_map(|equation| {
            let Equation { part, aspect: Aspect::Value, when, is } = equation else { return None };
            let path: Option<Vec<String>> = part
                .steps
                .iter()
                .map(|step| if let Into::Key(key) = step { Some(key.to_string()) } else { None })
                .collect();
            let path = path.filter(|path| !path.is_empty() && when.is_empty() && is.reads().is_empty())?;
            Some((path, is))
        });
        let Some((path, value)) = found else {
            let message = "this compares no field of the event with a value of the run";
            let hint = "compare one, so that the run is found: `where: event.data.orderId == input.orderId`";
            self.error(Code::Where, self.at(tree), message, hint);
            return None;
        };
        // What is compared with a boolean or a constant would find every run that waits.
        if value.constant().is_some() {
            let message = "every run that waits here waits for the same value";
            let hint =
                "compare a field with a value of the run: `where: event.data.orderId == input.orderId`";
            self.error(Code::Where, self.at(tree), message, hint);
            return None;
        }
        Some(Found { condition, path, value })
    }
}

struct Found {
    condition: mote_expr::Expr,
    path: Vec<String>,
    value: mote_expr::expr::Operand,
}

/// An event as expressions see it: `type` and `data`.
pub(super) fn event_shape(name: &str, data: &Schema) -> Shape {
    use mote_expr::Value;
    use mote_expr::schema::Field;
    let required =
        |name: &str, schema: Schema| Field { name: name.to_owned(), schema: schema.into(), required: true };
    let kind = Schema::of(Form::Enum(vec![Value::text(name)]));
    let schema = Schema::of(Form::Object(vec![required("type", kind), required("data", data.completed())]));
    let ty = Type::object([("type", Type::TEXT), ("data", Type::of(data))]);
    Shape { ty, schema: Some(schema.into()) }
}
