//! Reads what a contract leaves to the service: `free` and `unordered`.

use mote_expr::schema::{Schema, Shape};
use mote_expr::suggest;

use super::{Fields, Sink};
use crate::aggregate::Aggregate;
use crate::diagnostic::{Code, Place};
use crate::element::{Described, Element, Root};
use crate::law::Freedom;

/// The elements of a contract's answers. None where the output could not be read: nothing is known then.
pub(super) fn elements<'s>(
    output: Option<&'s Schema>,
    aggregate: Option<&'s Aggregate>,
    emits: &[String],
) -> Option<Vec<Described<'s>>> {
    let mut all = Element::all(Root::Output, output?);
    for kind in emits {
        let event = aggregate.and_then(|aggregate| aggregate.events.get(kind))?;
        all.extend(Element::all(Root::Event(kind.clone()), &event.data));
    }
    Some(all)
}

pub(super) fn read_freedom(fields: &Fields<'_, '_>, elements: Option<&[Described<'_>]>) -> Freedom {
    let free = read_elements(fields, "free", elements, &|_| true);
    let unordered = read_elements(fields, "unordered", elements, &|found| {
        matches!(found.schema.shape, Shape::List { .. })
    });
    Freedom { free, unordered }
}

pub(super) fn read_elements(
    fields: &Fields<'_, '_>,
    name: &'static str,
    elements: Option<&[Described<'_>]>,
    may_be: &dyn Fn(&Described<'_>) -> bool,
) -> Vec<Element> {
    let mut named: Vec<Element> = Vec::new();
    for tree in fields.items(name) {
        let Some(text) = tree.as_text().map(|text| text.text.as_str()) else {
            let hint = Some(format!("for example `{name}: [output.note]`"));
            fields.wrong_type(name, "a list of elements of the answer", tree, hint);
            continue;
        };
        let Some(elements) = elements else { continue };
        let place = fields.at(tree);
        let Some(found) = elements.iter().find(|found| found.element.to_string() == text) else {
            not_found(fields.sink, place, text, elements.iter().filter(|found| may_be(found)));
            continue;
        };
        if !may_be(found) {
            let hint = nearest(text, elements.iter().filter(|found| may_be(found)));
            fields.sink.error(Code::WrongType, place, format!("`{text}` is no list: it has no order"), hint);
        } else if named.contains(&found.element) {
            let hint = Some("name each element once".to_owned());
            fields.sink.error(Code::DuplicateName, place, format!("`{text}` is there twice"), hint);
        } else if let Some(wider) = named.iter().find(|other| found.element.within(other) && name == "free") {
            let message = format!("`{wider}` is free, and `{text}` with it");
            let hint = Some("name each element once".to_owned());
            fields.sink.error(Code::DuplicateName, place, message, hint);
        } else {
            named.push(found.element.clone());
        }
    }
    named
}

/// Report that `text` is no element of the answer.
pub(super) fn not_found<'d, 's: 'd>(
    sink: &Sink,
    place: Place,
    text: &str,
    known: impl Iterator<Item = &'d Described<'s>> + Clone,
) {
    let message = format!("an answer of this contract has no `{text}`");
    sink.error(Code::UnknownName, place, message, nearest(text, known));
}

fn nearest<'d, 's: 'd>(text: &str, known: impl Iterator<Item = &'d Described<'s>> + Clone) -> Option<String> {
    let names: Vec<String> = known.map(|known| known.element.to_string()).collect();
    if names.is_empty() {
        return None;
    }
    Some(match suggest(text, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are `{}`", names.iter().take(8).cloned().collect::<Vec<_>>().join("`, `")),
    })
}
