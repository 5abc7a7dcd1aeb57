//! Whether what a workflow makes fits what takes it, and what to say where it may not.

use mote_expr::schema::{Completed, Gap, Schema, Shape, gaps};
use mote_expr::{Pointer, Step};

use crate::diagnostic::{Code, Place};
use crate::read::Sink;
use crate::tree::Tree;

/// How many places of one value are told: with more, it is another value.
const TOLD_MAX: usize = 5;

/// Who takes a value, and where it is written.
pub(super) struct Taker<'t> {
    /// What the value is called: `` `with` ``.
    pub(super) what: &'t str,
    /// Who takes it: `` `place-order` ``.
    pub(super) taker: &'t str,
    /// Where the whole value is written.
    pub(super) place: Place,
    /// Its tree, if it is written out.
    pub(super) tree: Option<&'t Tree>,
    /// What to do where a value may not fit.
    pub(super) hint: &'t str,
}

/// Hold `made` against what is `taken`. None where it never fits, or may not and nothing is done about that
/// (`answered`): that is reported. Otherwise whether it always fits.
pub(super) fn check(
    made: &Schema,
    taken: &Schema,
    taker: &Taker<'_>,
    answered: bool,
    sink: &Sink,
) -> Option<bool> {
    let found = gaps(made, taken, Completed::After);
    let (never, may): (Vec<&Gap>, Vec<&Gap>) = found.iter().partition(|gap| gap.never);
    for gap in never.iter().take(TOLD_MAX) {
        tell(gap, taken, taker, sink);
    }
    if !answered {
        may.iter().take(TOLD_MAX).for_each(|gap| tell(gap, taken, taker, sink));
    }
    (never.is_empty() && (answered || may.is_empty())).then_some(found.is_empty())
}

fn tell(gap: &Gap, taken: &Schema, taker: &Taker<'_>, sink: &Sink) {
    let Taker { what, taker: by, .. } = taker;
    let name = gap.at.strip_prefix('/').map_or(String::new(), |at| at.replace('/', "."));
    let place = Place { file: taker.place.file, span: place(gap, taker) };
    let of = if name.is_empty() { (*what).to_owned() } else { format!("`{name}`") };
    let (message, hint) = match (gap.narrow.as_str(), gap.wide.as_str()) {
        ("a field", _) => {
            let names = fields(taken);
            let near = mote_expr::suggest(&name, names.iter().map(String::as_str));
            let hint = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None if names.is_empty() => "leave it out".to_owned(),
                None => format!("leave it out: {by} takes `{}`", names.join("`, `")),
            };
            (format!("{by} takes no {of}"), hint)
        }
        ("no field", _) => (format!("{by} needs {of}"), format!("add `{name}: …` to {what}")),
        ("optional", _) => (format!("{of} may be missing, and {by} needs it"), taker.hint.to_owned()),
        ("nullable", _) => (format!("{of} may be null, and {by} takes no null"), taker.hint.to_owned()),
        (made, wanted) => {
            let made = made.trim_end_matches(" too");
            // Of one value it is only said that it is not taken: what is taken says more.
            let wanted = match wanted.strip_prefix("never ") {
                Some(_) => find(taken, &gap.at).map_or_else(|| wanted.to_owned(), words),
                None => wanted.to_owned(),
            };
            let (is, hint) = match gap.never {
                true => ("is", "write what it takes, or change its schema"),
                false => ("may be", taker.hint),
            };
            (format!("{of} {is} {made}, and {by} takes {wanted}"), hint.to_owned())
        }
    };
    sink.error(Code::Misfit, place, message, Some(hint));
}

/// Where the value of a gap is written, as far as it is written out.
fn place(gap: &Gap, taker: &Taker<'_>) -> std::ops::Range<usize> {
    let Some(tree) = taker.tree else { return taker.place.span.clone() };
    let mut steps = Vec::new();
    for part in gap.at.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        steps.push(Step::Key(part));
        // Nothing below is written out: a text is one expression.
        if tree.find(&Pointer(steps.clone())).is_none() {
            steps.pop();
            break;
        }
    }
    if steps.is_empty() { taker.place.span.clone() } else { tree.place(&Pointer(steps)) }
}

/// The schema of what stands at `at`. None where variants differ.
fn find<'s>(schema: &'s Schema, at: &str) -> Option<&'s Schema> {
    at.split('/').skip(1).try_fold(schema, |schema, step| match &schema.shape {
        Shape::Object(_) => schema.field(step).map(|field| &*field.schema),
        Shape::Map { value, .. } => Some(&**value),
        Shape::List { item, .. } => Some(&**item),
        _ => None,
    })
}

/// What a schema takes, in words.
fn words(schema: &Schema) -> String {
    match &schema.shape {
        Shape::Int { min, max, .. } => format!("{min} to {max}"),
        Shape::Number { min, max } => format!("{min} to {max}"),
        Shape::Enum(values) => {
            let listed: Vec<String> = values.iter().map(ToString::to_string).collect();
            format!("one of {}", listed.join(", "))
        }
        Shape::Text(text) => match (&text.pattern, text.format) {
            (Some(pattern), _) => format!("what `{}` matches", pattern.text),
            (None, Some(format)) => format!("a {}", format.name()),
            (None, None) => format!("{} to {} characters", text.min, text.max),
        },
        shape => shape.name().to_owned(),
    }
}

/// The fields that an object takes.
fn fields(schema: &Schema) -> Vec<String> {
    match &schema.shape {
        Shape::Object(fields) => fields.iter().map(|field| field.name.clone()).collect(),
        _ => Vec::new(),
    }
}
