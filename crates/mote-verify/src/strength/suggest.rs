//! The cheapest rule that would close a hole: true of all recordings, and not of the wrong answers.
//!
//! Owns the search. What it finds compiles in the contract's scope, so that it can be typed under
//! `ensures:`. It is never added by itself: it says what this service does, and its author must say
//! whether that is what is meant.

mod terms;

use mote_contract::{Accepted, Element, Hearing, Inner, Law, Root};
use mote_expr::Value;

use self::terms::{Facts, Material, Path, Term};
use super::answers::{Answer, Recording, events_value};
use super::edits::found;

/// How many recordings a rule is tried on before it is compiled.
const SAMPLE: usize = 48;
/// A rule that holds of fewer recordings says nothing.
const RECORDINGS_MIN: usize = 3;
/// How many rules that hold are compiled for one hole.
const COMPILED_MAX: usize = 24;
/// How many scalars are added to or subtracted from each other.
const ADDED_MAX: usize = 10;
/// How many places where two answers differ are looked at.
const PLACES_MAX: usize = 4;

/// A wrong answer that would have been accepted.
pub(super) struct Witness {
    pub(super) at: usize,
    pub(super) answer: Answer,
    pub(super) accepted: Accepted,
}

/// Finds rules for one contract and its recordings.
pub(super) struct Suggestions<'s> {
    law: &'s Law,
    all: &'s [Recording],
    hearings: &'s [Hearing<'s>],
    /// What a rule sees in some successes.
    facts: Vec<Facts>,
    material: Material,
}

/// The side of a rule that is about the answer.
enum Left {
    /// A term of the answer.
    Whole(Term),
    /// The field of each item of a list, or of the data of each event of one type.
    Each { list: String, items: Path, kind: Option<String>, field: Path },
}

impl<'s> Suggestions<'s> {
    pub(super) fn of(law: &'s Law, all: &'s [Recording], hearings: &'s [Hearing<'s>]) -> Suggestions<'s> {
        let successes = (0..all.len()).filter(|at| all[*at].accepted.is_some());
        let step = (successes.clone().count() / SAMPLE).max(1);
        let facts: Vec<Facts> = successes
            .step_by(step)
            .filter_map(|at| Some(facts(&all[at], &hearings[at], all[at].accepted.as_ref()?)))
            .collect();
        let material = Material::of(facts.iter());
        Suggestions { law, all, hearings, facts, material }
    }

    /// The cheapest rule that refuses most of `witnesses`, and how many it refuses.
    pub(super) fn rule(&self, element: Option<&Element>, witnesses: &[Witness]) -> Option<String> {
        if self.facts.len() < RECORDINGS_MIN {
            return None;
        }
        let places = match element {
            Some(element) => vec![Place::Part(element.clone())],
            None => {
                let first = witnesses.first()?;
                self.differing(first.at, &first.answer)
            }
        };
        let mut best: Option<(usize, String)> = None;
        for text in places.iter().flat_map(|place| self.candidates(place)).take(COMPILED_MAX) {
            let refused = self.refuses(&text, witnesses);
            if refused > best.as_ref().map_or(0, |(most, _)| *most) {
                best = Some((refused, text));
            }
            if best.as_ref().is_some_and(|(most, _)| *most == witnesses.len()) {
                break;
            }
        }
        best.map(|(_, text)| text)
    }

    /// How many of `witnesses` the rule refuses; none if it does not compile or refuses a right answer.
    fn refuses(&self, text: &str, witnesses: &[Witness]) -> usize {
        let Ok(rule) = self.law.rule("suggested", text) else { return 0 };
        let refused = witnesses
            .iter()
            .filter(|witness| self.hearings[witness.at].holds(&rule, &witness.accepted) == Some(false))
            .count();
        let right = |(recording, hearing): (&Recording, &Hearing<'_>)| {
            recording.accepted.as_ref().is_none_or(|accepted| hearing.holds(&rule, accepted) == Some(true))
        };
        if refused > 0 && self.all.iter().zip(self.hearings).all(right) { refused } else { 0 }
    }

    /// The rules about `place` that hold in the sample, cheapest first.
    fn candidates<'c>(&'c self, place: &Place) -> impl Iterator<Item = String> + use<'c, 's> {
        let lefts = self.lefts(place);
        lefts.into_iter().flat_map(|left| {
            self.rights(&left).into_iter().map(move |right| left.rule(&right)).collect::<Vec<_>>()
        })
    }

    /// What of the answer a rule about `place` would be about.
    fn lefts(&self, place: &Place) -> Vec<Left> {
        let whole = |path: Path| Left::Whole(Term::Copy(path));
        let element = match place {
            Place::Events => {
                let events = vec!["events".to_owned()];
                let types = Left::Whole(Term::Each(events.clone(), "type".to_owned()));
                return vec![types, Left::Whole(Term::Size(events))];
            }
            Place::Part(element) => element,
        };
        let fields = |steps: &[Inner]| -> Option<Path> {
            let field = |step: &Inner| if let Inner::Field(name) = step { Some(name.clone()) } else { None };
            steps.iter().map(field).collect()
        };
        let mut lefts = Vec::new();
        match &element.root {
            Root::Event(kind) => {
                let several = self.law.contract.emits.len() > 1;
                let list = if several {
                    format!("events.filter(e, e.type == '{kind}')")
                } else {
                    "events".to_owned()
                };
                // Of a list within an event, the whole list.
                let end = element.steps.iter().position(|step| !matches!(step, Inner::Field(_)));
                let end = end.unwrap_or(element.steps.len());
                if let Some(field) = fields(&element.steps[..end]).filter(|field| !field.is_empty()) {
                    let field = [vec!["data".to_owned()], field].concat();
                    lefts.push(Left::Each {
                        list,
                        items: vec!["events".to_owned()],
                        kind: Some(kind.clone()),
                        field,
                    });
                }
            }
            root @ (Root::Output | Root::Messages) => {
                let name = if *root == Root::Messages { "messages" } else { "output" };
                let output = |path: Path| [vec![name.to_owned()], path].concat();
                let items = element.steps.iter().position(|step| *step == Inner::Items);
                match items {
                    None => lefts.extend(fields(&element.steps).map(|path| whole(output(path)))),
                    Some(at) => {
                        if let (Some(list), Some(field)) =
                            (fields(&element.steps[..at]), fields(&element.steps[at + 1..]))
                        {
                            let list = output(list);
                            if let [field] = &field[..] {
                                lefts.push(Left::Whole(Term::Each(list.clone(), field.clone())));
                            }
                            lefts.push(whole(list.clone()));
                            if !field.is_empty() {
                                lefts.push(Left::Each {
                                    list: list.join("."),
                                    items: list,
                                    kind: None,
                                    field,
                                });
                            }
                        }
                    }
                }
                if let [Left::Whole(Term::Copy(path))] = &lefts[..]
                    && let Some((list, item_fields)) =
                        self.material.lists.iter().find(|(list, _)| list == path)
                {
                    let more =
                        item_fields.iter().map(|field| Left::Whole(Term::Each(list.clone(), field.clone())));
                    let size = Left::Whole(Term::Size(list.clone()));
                    let sums = item_fields.iter().map(|field| Some(field.clone())).chain([None]);
                    let sums = sums.map(|field| Left::Whole(Term::Sum(list.clone(), field)));
                    let more: Vec<Left> = more.chain([size]).chain(sums).collect();
                    lefts.extend(more);
                }
            }
        }
        lefts
    }

    /// The terms that `left` equals in every recording of the sample.
    fn rights(&self, left: &Left) -> Vec<Term> {
        let columns: Option<Vec<Vec<Value>>> = self.facts.iter().map(|facts| left.values(facts)).collect();
        let Some(columns) = columns else { return Vec::new() };
        if columns.iter().all(Vec::is_empty) {
            return Vec::new();
        }
        let own = left.own();
        let holds = |term: &Term| {
            !term.reads(&own)
                && self.facts.iter().zip(&columns).all(|(facts, values)| {
                    values.is_empty()
                        || term.eval(facts).is_some_and(|right| values.iter().all(|left| *left == right))
                })
        };
        let mut terms: Vec<Term> = Vec::new();
        let first = columns.iter().flatten().next().cloned();
        terms.extend(first.filter(|value| !matches!(value, Value::Object(_))).map(Term::Constant));
        terms.extend(self.terms(&left.name()));
        terms.retain(|term| holds(term));
        terms
    }

    /// All terms, cheapest first; copies of what has the same name before others.
    fn terms(&self, name: &str) -> Vec<Term> {
        let Material { scalars, lists } = &self.material;
        let named = |path: &Path| path.last().is_some_and(|last| last == name);
        // What is asked and what was before explain an answer; its own other parts do so less.
        let rank = |path: &Path| match path[0].as_str() {
            "input" | "event" => 1,
            "output" | "messages" | "events" | "after" => 3,
            _ => 2,
        };
        let mut paths: Vec<&Path> = scalars.iter().chain(lists.iter().map(|(path, _)| path)).collect();
        paths.sort_by_key(|path| (!named(path), rank(path), path.len()));
        let mut lists: Vec<&(Path, Vec<String>)> = lists.iter().collect();
        lists.sort_by_key(|(path, _)| rank(path));
        let mut terms: Vec<Term> = paths.into_iter().cloned().map(Term::Copy).collect();
        for (list, fields) in &lists {
            terms.extend(fields.iter().map(|field| Term::Each(list.clone(), field.clone())));
        }
        terms.extend(lists.iter().map(|(list, _)| Term::Size(list.clone())));
        terms.extend(lists.iter().map(|(list, _)| Term::SizeAndOne(list.clone())));
        for (list, fields) in &lists {
            let sums = fields.iter().map(|field| Some(field.clone())).chain([None]);
            terms.extend(sums.map(|field| Term::Sum(list.clone(), field)));
            for (at, a) in fields.iter().enumerate() {
                let of = |b: &String| (list.clone(), a.clone(), b.clone());
                terms.extend(fields[at + 1..].iter().map(of).map(|(l, a, b)| Term::SumOfProducts(l, a, b)));
                terms.extend(fields[at + 1..].iter().map(of).map(|(l, a, b)| Term::EachProduct(l, a, b)));
            }
        }
        let int = |path: &&Path| {
            self.facts
                .iter()
                .all(|facts| Term::Copy((*path).clone()).eval(facts).is_some_and(|it| it.as_int().is_some()))
        };
        let mut added: Vec<&Path> = scalars.iter().filter(int).collect();
        // The other parts of an answer add up with this one more often than what was asked does.
        added.sort_by_key(|path| (path[0] != "output", rank(path)));
        added.truncate(ADDED_MAX);
        let count = added.len();
        let of = |minus: bool, at: usize| (minus, added[at].clone());
        for a in 0..count {
            terms.extend((a + 1..count).map(|b| Term::Total(vec![of(false, a), of(false, b)])));
            terms
                .extend((0..count).filter(|b| *b != a).map(|b| Term::Total(vec![of(false, a), of(true, b)])));
        }
        for (a, b, c) in
            (0..count).flat_map(|a| (0..count).flat_map(move |b| (0..count).map(move |c| (a, b, c))))
        {
            if a < c && b != a && b != c {
                terms.push(Term::Total(vec![of(false, a), of(true, b), of(false, c)]));
            }
        }
        // What follows from the events explains an answer last: both may be wrong together.
        terms.sort_by_key(|term| ["after", "events"].iter().any(|name| term.reads(&[(*name).to_owned()])));
        terms
    }

    /// Where a wrong answer to recording `at` differs from the right one.
    pub(super) fn differing(&self, at: usize, wrong: &Answer) -> Vec<Place> {
        let right = &self.all[at].answer;
        let kinds = |answer: &Answer| match answer {
            Answer::Success { events, .. } => events.iter().map(|event| event.kind.clone()).collect(),
            Answer::Raised(_) => Vec::new(),
        };
        let mut places = Vec::new();
        if kinds(right) != kinds(wrong) {
            places.push(Place::Events);
        }
        let mut elements: Vec<Element> = Element::all(self.law.answered_root(), &self.law.output)
            .into_iter()
            .map(|found| found.element)
            .collect();
        for kind in &self.law.contract.emits {
            let event = self.law.event_type(kind);
            let parts = event.map(|event| Element::all(Root::Event(kind.clone()), &event.data));
            elements.extend(parts.into_iter().flatten().map(|part| part.element));
        }
        // The deepest say most: what is above them differs because they do.
        elements.sort_by_key(|element| std::cmp::Reverse(element.steps.len()));
        let differs = |element: &Element| found(right, element, at) != found(wrong, element, at);
        places.extend(
            elements.into_iter().filter(|element| differs(element)).take(PLACES_MAX).map(Place::Part),
        );
        if places.is_empty() {
            places.push(Place::Events);
        }
        places
    }
}

/// Where an answer is wrong.
pub(super) enum Place {
    Part(Element),
    Events,
}

impl Left {
    /// What it comes to: one value, or one for each item.
    fn values(&self, facts: &Facts) -> Option<Vec<Value>> {
        match self {
            Left::Whole(term) => Some(vec![term.eval(facts)?]),
            Left::Each { items, kind, field, .. } => {
                let items = Term::Copy(items.clone()).eval(facts)?;
                let meant = |item: &&Value| {
                    kind.as_ref().is_none_or(|kind| item.field("type").and_then(Value::as_text) == Some(kind))
                };
                let field = |item: &Value| field.iter().try_fold(item, |at, key| at.field(key)).cloned();
                items.as_list()?.iter().filter(meant).map(field).collect()
            }
        }
    }

    /// What it is about: no term is compared with itself.
    fn own(&self) -> Path {
        match self {
            Left::Whole(Term::Copy(path) | Term::Size(path) | Term::Each(path, _) | Term::Sum(path, _)) => {
                path.clone()
            }
            Left::Whole(_) => Vec::new(),
            Left::Each { items, .. } => items.clone(),
        }
    }

    fn name(&self) -> String {
        let last = |path: &Path| path.last().cloned().unwrap_or_default();
        match self {
            Left::Whole(Term::Each(_, field) | Term::Sum(_, Some(field))) => field.clone(),
            Left::Whole(_) => last(&self.own()),
            Left::Each { field, .. } => last(field),
        }
    }

    /// The rule that says it equals `right`.
    fn rule(&self, right: &Term) -> String {
        match self {
            Left::Whole(left) => format!("{} == {}", left.text(), right.text()),
            Left::Each { list, field, .. } => {
                format!("{list}.all(e, e.{} == {})", field.join("."), right.text())
            }
        }
    }
}

/// What a rule sees.
fn facts(recording: &Recording, hearing: &Hearing<'_>, accepted: &Accepted) -> Facts {
    let situation = &recording.case.situation;
    let asked = hearing.law().asked(&situation.input).into_iter();
    let mut facts: Vec<(String, Value)> = asked.map(|(name, part)| (name.to_owned(), part.clone())).collect();
    let mut add =
        |name: &str, value: Option<Value>| facts.extend(value.map(|value| (name.to_owned(), value)));
    add("context", situation.context.field("now").map(|now| Value::object([("now", now.clone())])));
    let caller = situation.context.field("caller").and_then(|caller| caller.field("id"));
    add("caller", caller.map(|id| Value::object([("id", id.clone())])));
    add("state", situation.state.clone());
    add("rows", situation.rows.as_ref().map(|rows| rows.rows.clone()));
    add("next", situation.rows.as_ref().and_then(|rows| rows.next.clone()));
    for (name, value) in hearing.known() {
        add(name, Some(value.clone()));
    }
    add(hearing.law().answered(), Some(accepted.output.clone()));
    add("events", situation.state.is_some().then(|| events_value(&accepted.events)));
    add("after", accepted.after.clone());
    Facts(facts)
}
