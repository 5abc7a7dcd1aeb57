//! Reads what starts a workflow: a request, an event.

use super::fit::{self, Taker};
use super::names::{Known, Names, Shape, Why};
use super::steps::Steps;
use super::wait::event_shape;
use crate::contract::Route;
use crate::diagnostic::Place;
use crate::read::Fields;
use crate::read::publisher::meta_schema;
use crate::read::triggers::read_route;
use crate::read::view::find_event;
use crate::tree::Tree;
use crate::workflow::{Trigger, TriggerSource};
use mote_expr::schema::Schema;

impl Steps<'_> {
    /// The triggers, and the routes among them with their places.
    pub(super) fn triggers(
        &self,
        fields: &Fields<'_, '_>,
        input: Option<&Schema>,
        known: &Known,
    ) -> (Vec<Trigger>, Vec<(Route, Place)>) {
        let (mut triggers, mut routes) = (Vec::new(), Vec::new());
        for tree in fields.items("triggers") {
            if tree.field("event").is_some() {
                triggers.extend(self.event_trigger(tree, input, known));
            } else if let Some((route, place)) = read_route(tree, input, fields) {
                routes.push((route.clone(), place.clone()));
                triggers.push(Trigger { source: TriggerSource::Http(route), place });
            }
        }
        (triggers, routes)
    }

    fn event_trigger(&self, tree: &Tree, input: Option<&Schema>, known: &Known) -> Option<Trigger> {
        let fields = self.fields(tree, "a trigger")?;
        let event_tree = fields.optional("event")?;
        let event = fields.text("event").map(str::to_owned);
        let aggregate = event
            .as_ref()
            .and_then(|event| find_event(event, self.at(event_tree), self.sources, self.rules.sink));
        let data =
            aggregate.as_ref().zip(event.as_ref()).and_then(|(aggregate, event)| aggregate.events.get(event));
        let slots = Names::slots();
        let mut inside = known.clone();
        for slot in [slots.input, slots.context, slots.caller] {
            inside.take(slot, Why::Begins);
        }
        inside.give(
            slots.event,
            data.map_or(Shape::UNREAD, |of| event_shape(event.as_deref().unwrap_or(""), &of.data)),
        );
        let meta = aggregate
            .as_ref()
            .zip(event.as_ref())
            .map(|(aggregate, event)| meta_schema(&[(aggregate.clone(), event.clone())]));
        inside.give(slots.meta, meta.as_ref().map_or(Shape::UNREAD, Shape::of));
        let condition_tree = fields.optional("where");
        let condition = condition_tree.map(|tree| self.decision(tree, &inside));
        let with_tree = fields.required("with", "{orderId: \"${event.data.orderId}\"}");
        let with = with_tree.and_then(|tree| self.template(tree, &inside));
        let place = self.at(event_tree);
        fields.finish();
        let with = with?;
        if let Some(input) = input
            && let Some(made) = self.schema(&with, &inside)
        {
            let taker = Taker {
                what: "`with`",
                taker: "the input",
                place: with_tree.map_or(place.clone(), |tree| self.at(tree)),
                tree: with_tree,
                hint: "nobody is there to be told: widen the schema of `input`, or narrow that of the event",
            };
            fit::check(&made, input, &taker, false, self.rules.sink)?;
        }
        let condition = match condition {
            Some(condition) => Some(condition?),
            None => None,
        };
        let source = TriggerSource::Event { event: event?, aggregate: aggregate?, condition, with };
        Some(Trigger { source, place })
    }
}
