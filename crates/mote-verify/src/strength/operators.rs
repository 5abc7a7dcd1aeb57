//! The ways an answer can be wrong, derived from the schemas of a contract.
//!
//! Owns their list, their names (`+1@output.total`) and the sentence each is told in. What an answer
//! becomes is `edits`'. The list depends on the contract alone, so that a waiver can name one.

use mote_contract::{Described, Element, Inner, Law, Root};
use mote_expr::Value;
use mote_expr::schema::{Schema, Shape};

/// The most values of one enum that are tried in place of each other.
const ENUM_MAX: usize = 8;
/// How many parts of an answer are tried to be wrong together.
const JOINT_MAX: usize = 8;
/// The most fields of the input that are tried to be ignored: each asks the service again.
const IGNORED_MAX: usize = 16;

/// What kind of wrong it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A scalar is another one.
    Value,
    /// A list has other items, or another order.
    List,
    /// An error instead of a success, or the other way round.
    Outcome,
    /// An event is missing, doubled, of another type or has other data.
    Event,
    /// A part of the input was not looked at.
    Input,
    /// What was before was not looked at.
    State,
    /// It is the answer to another call.
    Stale,
    /// It has not the shape of an answer: the schemas' work, counted apart.
    Shape,
}

impl Class {
    /// Whether one hole of this class is too many, whatever the share.
    pub fn blocks(self) -> bool {
        matches!(self, Class::Outcome | Class::Event | Class::State)
    }
}

/// A way to be wrong.
#[derive(Clone, Debug)]
pub(crate) struct Operator {
    /// What people and waivers call it.
    pub(crate) id: String,
    pub(crate) class: Class,
    /// What it is about, as coverage counts: `output.total`, `events`, `errors.out-of-stock`.
    pub(crate) about: String,
    /// What stands there in a wrong answer, in words that follow `about`.
    pub(crate) says: String,
    pub(crate) edit: Edit,
}

/// What becomes of an answer.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    /// One part of the output or of an event's data.
    Part(Element, Change),
    /// Several parts at once, in one of these ways: what follows from what is wrong is wrong too.
    Joint(Vec<Vec<(Element, Change)>>),
    /// The list of events.
    Events(EventsChange),
    /// This error in place of a success.
    Raise(String),
    /// In place of this error, the success of another case.
    Swallow(String),
    /// The answer of the case before.
    Earlier,
    /// What the service answers when this part of the call is that of another case.
    Asked(Asked),
}

/// How one part changes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    Add(i64),
    Double,
    Zero,
    /// What the part is in another case.
    Other,
    Empty,
    Append,
    Become(Value),
    Flip,
    Drop,
    /// Where there is none, what it is in another case.
    Put,
    Null,
    DropFirst,
    DropLast,
    Clear,
    RepeatLast,
    Reverse,
    Extra,
}

/// How the events change.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum EventsChange {
    None,
    Twice,
    DropLast,
    Reverse,
    /// Those of another case.
    Other,
    /// The last one is of this type.
    Become(String),
}

/// What of a call is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// This part of the input.
    Input(Vec<Inner>),
    /// This part of the context.
    Context(&'static str),
    /// The caller.
    Caller,
    /// The state: as if nothing had happened.
    Initial,
    /// The state: as in another case.
    OtherState,
    /// The rows: as if there were none.
    NoRows,
    /// The rows: as in another case.
    OtherRows,
}

/// All the ways in which answers to `law` can be wrong, but for what it leaves to the service.
pub(crate) fn operators(law: &Law) -> Vec<Operator> {
    let mut found = Vec::new();
    let freedom = &law.contract.freedom;
    let mut parts = |root: Root, schema: &Schema| {
        for part in Element::all(root, schema) {
            if !freedom.frees(&part.element) {
                of_part(&part, freedom.unordered.contains(&part.element), &mut found);
            }
        }
    };
    parts(law.answered_root(), &law.output);
    for kind in &law.contract.emits {
        if let Some(event) = law.event_type(kind) {
            parts(Root::Event(kind.clone()), &event.data);
        }
    }
    of_joints(law, &mut found);
    of_events(law, &mut found);
    of_outcome(law, &mut found);
    of_call(law, &mut found);
    found
}

fn push(found: &mut Vec<Operator>, op: &str, class: Class, about: &str, says: &str, edit: Edit) {
    found.push(Operator {
        id: format!("{op}@{about}"),
        class,
        about: about.to_owned(),
        says: says.to_owned(),
        edit,
    });
}

fn of_part(part: &Described<'_>, unordered: bool, found: &mut Vec<Operator>) {
    let about = part.element.to_string();
    let of_event = matches!(part.element.root, Root::Event(_));
    let class = |own: Class| if of_event && own != Class::Shape { Class::Event } else { own };
    let mut add = |op: &str, own: Class, says: &str, change: Change| {
        push(found, op, class(own), &about, says, Edit::Part(part.element.clone(), change));
    };
    match &part.schema.shape {
        Shape::Int { min, max, .. } if min == max => {}
        Shape::Int { .. } | Shape::Number { .. } => {
            add("+1", Class::Value, "1 too high", Change::Add(1));
            add("-1", Class::Value, "1 too low", Change::Add(-1));
            add("x2", Class::Value, "twice as much", Change::Double);
            add("zero", Class::Value, "0", Change::Zero);
            add("other", Class::Value, "that of another call", Change::Other);
        }
        Shape::Text(_) => {
            add("empty", Class::Value, "an empty text", Change::Empty);
            add("append", Class::Value, "one letter more", Change::Append);
            add("other", Class::Value, "that of another call", Change::Other);
        }
        Shape::Enum(values) if values.len() <= ENUM_MAX => {
            for value in values.iter().filter(|_| values.len() > 1) {
                let name = value.as_text().map_or_else(|| value.to_string(), str::to_owned);
                let says = format!("`{name}` where it is something else");
                add(&format!("to-{name}"), Class::Value, &says, Change::Become(value.clone()));
            }
        }
        Shape::Enum(_) | Shape::Json { .. } => {
            add("other", Class::Value, "that of another call", Change::Other)
        }
        Shape::Bool => add("flip", Class::Value, "the opposite", Change::Flip),
        Shape::List { .. } => {
            add("drop-first", Class::List, "all but the first item", Change::DropFirst);
            add("drop-last", Class::List, "all but the last item", Change::DropLast);
            add("clear", Class::List, "nothing in it", Change::Clear);
            add("repeat-last", Class::List, "the last item twice", Change::RepeatLast);
            if !unordered {
                add("reverse", Class::List, "the opposite order", Change::Reverse);
            }
        }
        Shape::Map { .. } => {
            add("clear", Class::List, "nothing in it", Change::Clear);
            add("other", Class::List, "that of another call", Change::Other);
        }
        Shape::Object(_) | Shape::OneOf { .. } => {
            add("extra", Class::Shape, "a field too many", Change::Extra);
        }
    }
    if part.schema.nullable {
        add("null", Class::Value, "`null`", Change::Null);
        add("put", Class::Value, "a value where it is `null`", Change::Put);
    }
    if part.optional {
        add("drop", Class::Value, "leaving it out", Change::Drop);
        add("put", Class::Value, "a value where it is left out", Change::Put);
    } else if matches!(part.element.steps.last(), Some(Inner::Field(_))) {
        add("drop", Class::Shape, "leaving it out", Change::Drop);
    }
}

/// What is wrong in one place is caught by a rule that compares it with another; a service that
/// computes both from the same mistake is not. So each part is tried together with one or two others.
fn of_joints(law: &Law, found: &mut Vec<Operator>) {
    let (mut numbers, mut texts, mut lists) = (Vec::new(), Vec::new(), Vec::new());
    let mut sort = |root: Root, schema: &Schema| {
        for part in Element::all(root, schema) {
            let direct = part.element.steps.iter().all(|step| matches!(step, Inner::Field(_)));
            if !direct || law.contract.freedom.frees(&part.element) {
                continue;
            }
            match &part.schema.shape {
                Shape::Int { min, max, .. } if min != max => numbers.push(part.element),
                Shape::Text(_) => texts.push(part.element),
                Shape::List { .. } => lists.push(part.element),
                _ => {}
            }
        }
    };
    sort(law.answered_root(), &law.output);
    for kind in &law.contract.emits {
        if let Some(event) = law.event_type(kind) {
            sort(Root::Event(kind.clone()), &event.data);
        }
    }
    [&mut numbers, &mut texts, &mut lists].into_iter().for_each(|of| of.truncate(JOINT_MAX));
    let mut add = |about: &Element, joints: Vec<Vec<(Element, Change)>>| {
        if !joints.is_empty() {
            let class = if matches!(about.root, Root::Event(_)) { Class::Event } else { Class::Value };
            let says = "a wrong one, and what follows from it wrong too";
            push(found, "along", class, &about.to_string(), says, Edit::Joint(joints));
        }
    };
    for (at, first) in numbers.iter().enumerate() {
        let mut joints = Vec::new();
        let others: Vec<&Element> =
            numbers.iter().enumerate().filter(|(o, _)| *o != at).map(|(_, e)| e).collect();
        let by = |element: &Element, by: i64| (element.clone(), Change::Add(by));
        for (place, a) in others.iter().enumerate() {
            joints.extend([1, -1].map(|x| vec![by(first, 1), by(a, x)]));
            for b in &others[place + 1..] {
                let signs = [(1, 1), (1, -1), (-1, 1), (-1, -1)];
                joints.extend(signs.map(|(x, y)| vec![by(first, 1), by(a, x), by(b, y)]));
            }
        }
        add(first, joints);
    }
    for (of, changes) in [(&texts, &[Change::Append][..]), (&lists, &[Change::DropLast, Change::Reverse][..])]
    {
        for (at, first) in of.iter().enumerate() {
            let others = of.iter().enumerate().filter(|(other, _)| *other != at);
            let both = |change: &Change, other: &Element| {
                vec![(first.clone(), change.clone()), (other.clone(), change.clone())]
            };
            let joints = others.flat_map(|(_, other)| changes.iter().map(move |change| both(change, other)));
            add(first, joints.collect());
        }
    }
}

fn of_events(law: &Law, found: &mut Vec<Operator>) {
    let emits = &law.contract.emits;
    if emits.is_empty() {
        return;
    }
    let mut add = |op: &str, says: &str, change: EventsChange| {
        push(found, op, Class::Event, "events", says, Edit::Events(change));
    };
    add("none", "none at all", EventsChange::None);
    add("twice", "the last one twice", EventsChange::Twice);
    add("drop-last", "all but the last one", EventsChange::DropLast);
    add("reverse", "their opposite order", EventsChange::Reverse);
    add("other", "those of another call", EventsChange::Other);
    for kind in emits.iter().filter(|_| emits.len() > 1) {
        let says = format!("a `{kind}` in place of the last one");
        add(&format!("to-{kind}"), &says, EventsChange::Become(kind.clone()));
    }
}

fn of_outcome(law: &Law, found: &mut Vec<Operator>) {
    for error in &law.errors {
        let about = format!("errors.{}", error.code);
        let raise = Edit::Raise(error.code.clone());
        push(found, "raised", Class::Outcome, &about, "this error in place of a success", raise);
        if error.condition.is_none() {
            let swallow = Edit::Swallow(error.code.clone());
            push(found, "swallowed", Class::Outcome, &about, "a success in place of it", swallow);
        }
    }
    push(found, "stale", Class::Stale, "answer", "the answer to the call before", Edit::Earlier);
}

fn of_call(law: &Law, found: &mut Vec<Operator>) {
    let fields = Element::all(Root::Output, &law.input);
    let scalars = fields.iter().filter(|field| !matches!(field.schema.shape, Shape::Object(_)));
    for field in scalars.filter(|field| !field.element.steps.is_empty()).take(IGNORED_MAX) {
        let about = field.element.to_string();
        let about = match law.publishing {
            Some(_) => about.replacen("output.", "", 1),
            None => about.replacen("output", "input", 1),
        };
        let asked = Asked::Input(field.element.steps.clone());
        push(
            found,
            "ignored",
            Class::Input,
            &about,
            "an answer that does not depend on it",
            Edit::Asked(asked),
        );
    }
    let mut add = |op: &str, class: Class, about: &str, says: &str, asked: Asked| {
        push(found, op, class, about, says, Edit::Asked(asked));
    };
    add(
        "ignored",
        Class::Input,
        "context.now",
        "an answer that does not depend on it",
        Asked::Context("now"),
    );
    add("ignored", Class::Input, "context.id", "an answer that does not depend on it", Asked::Context("id"));
    add("ignored", Class::Input, "caller", "an answer that does not depend on it", Asked::Caller);
    if law.aggregate.is_some() {
        add("initial", Class::State, "state", "an answer as if nothing had happened before", Asked::Initial);
        add("other", Class::State, "state", "an answer from the state of another call", Asked::OtherState);
    }
    if law.reads.is_some() {
        add("none", Class::State, "rows", "an answer as if there were none", Asked::NoRows);
        add("other", Class::State, "rows", "an answer from the rows of another call", Asked::OtherRows);
    }
}
