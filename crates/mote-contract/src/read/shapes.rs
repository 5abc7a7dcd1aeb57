//! Reads the older shapes of an event: `was`, each with its `upcast` to the next.

use mote_expr::schema::Schema;
use mote_expr::{Scope, Template, Type, Uses, suggest};

use super::aggregate::fixed;
use super::mend::mend;
use super::rules::Rules;
use super::sight::Sight;
use super::{Fields, SchemaFiles};
use crate::aggregate::OldShape;
use crate::diagnostic::Code;
use crate::tree::{Key, Tree};

/// The older shapes of the event `name`, whose declared one has the number `shape`. None if anything is
/// wrong with them.
pub(super) fn read_was(
    name: &str,
    fields: &Fields<'_, '_>,
    shape: u32,
    data: Option<&Schema>,
    functions: &Scope,
    schemas: &mut SchemaFiles<'_>,
    rules: &Rules<'_>,
) -> Option<Vec<OldShape>> {
    let problems_before = rules.sink.count();
    let entries = fields.entries("was");
    let numbered = |number: u32| entries.iter().find(|(key, _)| key.name == number.to_string());
    for (key, _) in entries {
        if !(1..shape).any(|number| key.name == number.to_string()) {
            let message = format!("`{}` is not an older version: this is version {shape}", key.name);
            let hint = match shape {
                1 => "say which version this is now: `version: 2`".to_owned(),
                2 => "the only older version is 1".to_owned(),
                _ => format!("the older versions are 1 to {}", shape - 1),
            };
            rules.sink.error(Code::OldShape, rules.at(key.span.clone()), message, Some(hint));
        }
    }
    let missing: Vec<_> = (1..shape).filter(|number| numbered(*number).is_none()).collect();
    if let Some(first) = missing.first() {
        let listed: Vec<_> = missing.iter().map(u32::to_string).collect();
        let message = format!(
            "`{name}` is at version {shape}, and does not say what version {} was",
            listed.join(" and ")
        );
        let hint = format!("stored events stay readable: `was: {{{first}: {{data: {{…}}, upcast: {{…}}}}}}`");
        rules.sink.error(Code::OldShape, fields.place(), message, Some(hint));
    }
    // Each is compiled before the one that leads to it.
    let mut newer: Option<Schema> = data.cloned();
    let mut olds = Vec::new();
    for number in (1..shape).rev() {
        let Some((_, tree)) = numbered(number) else {
            newer = None;
            continue;
        };
        let old = read_old(tree, number, newer.as_ref(), functions, schemas, rules);
        newer = old.as_ref().map(|old| old.data.clone());
        olds.extend(old);
    }
    olds.reverse();
    (rules.sink.count() == problems_before).then_some(olds)
}

fn read_old(
    tree: &Tree,
    number: u32,
    newer: Option<&Schema>,
    functions: &Scope,
    schemas: &mut SchemaFiles<'_>,
    rules: &Rules<'_>,
) -> Option<OldShape> {
    let fields = Fields::of(tree, "an older version", rules.file, rules.sink)?;
    let data =
        fields.required("data", "{type: object, …}").and_then(|tree| schemas.compile(tree, rules.file));
    let mut scope = functions.clone();
    let event = Type::object([("type", Type::TEXT), ("data", data.as_ref().map_or(Type::Dyn, Type::of))]);
    let event_slot = scope.bind("event", event)?;
    let sight = Sight {
        scope: &scope,
        known: Uses::of(event_slot),
        because: "an older event is brought up to date by itself",
        instead: "",
    };
    let example = "{orderId: \"${event.data.orderId}\"}";
    let upcast = fields
        .required("upcast", example)
        .and_then(|tree| read_upcast(tree, number + 1, newer?, &sight, rules));
    fields.finish();
    Some(OldShape { data: data?, upcast: upcast?, scope, event_slot })
}

/// What makes data of version `to`, whose schema is `newer`: a field each where that is an object.
fn read_upcast(
    tree: &Tree,
    to: u32,
    newer: &Schema,
    sight: &Sight<'_>,
    rules: &Rules<'_>,
) -> Option<Template> {
    let (Some(entries), Type::Object(known)) = (tree.as_map(), Type::of(newer)) else {
        let key = Key { name: "upcast".to_owned(), span: tree.headline() };
        return rules.typed_template(&key, tree, sight, &Type::of(newer));
    };
    let mut templates = Vec::with_capacity(entries.len());
    let mut unknown = false;
    for (key, tree) in entries {
        let Some(field) = newer.field(&key.name) else {
            let names = || known.iter().map(|field| field.name.as_str());
            let listed: Vec<_> = names().map(|name| format!("`{name}`")).collect();
            let hint = suggest(&key.name, names()).map_or_else(
                || format!("its fields are {}", listed.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("version {to} has no field `{}`", key.name);
            rules.sink.error(Code::UnknownName, rules.at(key.span.clone()), message, Some(hint));
            unknown = true;
            continue;
        };
        let Some(template) = rules.typed_template(key, tree, sight, &Type::of(&field.schema)) else {
            continue;
        };
        // Fixed data is checked against the schema itself, which knows bounds and enums.
        for violation in fixed(&template).iter().flat_map(|value| field.schema.violations(value)) {
            let message = format!("`{}` {violation}", key.name);
            let hint = fixed(&template).and_then(|value| mend(&field.schema, &value, &violation));
            rules.sink.error(Code::DataType, rules.at(tree.place(&violation.at)), message, hint);
        }
        templates.push((key.name.clone(), template));
    }
    let missing = known.iter().filter(|field| {
        let defaulted = newer.field(&field.name).is_some_and(|field| field.schema.default.is_some());
        field.present && !defaulted && !entries.iter().any(|(key, _)| key.name == field.name)
    });
    let missing: Vec<_> = missing.map(|field| format!("`{}`", field.name)).collect();
    // A field of another name is likely the one that is missing: one mistake, one diagnostic.
    if !missing.is_empty() && !unknown {
        let message =
            format!("`upcast` makes whole data of version {to}, this leaves out {}", missing.join(", "));
        let hint = "say what older events have there, or give the field a default".to_owned();
        rules.sink.error(Code::OldShape, rules.at(tree.headline()), message, Some(hint));
    }
    Some(Template::Object(templates))
}
