//! Reads the steps that take one way of several, or several ways at once: `if`, `switch`, `parallel`.
//! Owns what is known where ways meet.

use mote_expr::{Type, Value};

use super::made;
use super::names::{Known, State, Why};
use super::steps::{At, Read, Steps};
use crate::diagnostic::Code;
use crate::read::is_name;
use crate::tree::{Key, Tree};
use crate::workflow::{Branch, Join, StepKind};

/// How many branches a `parallel` may have, and cases a `switch`.
const WAYS_MAX: usize = 100;

impl Steps<'_> {
    /// `if`
    pub(super) fn choice(&mut self, at: At<'_>) -> Option<Read> {
        let At { tree, path, known } = at;
        let fields = self.fields(tree, "`if`")?;
        let condition = fields.optional("if").and_then(|tree| self.decision(tree, &known));
        let then = fields.required("then", "[{call: …}]");
        let otherwise = fields.optional("else");
        fields.finish();
        let (then, after) = match then {
            Some(tree) => self.block(tree, "then", &format!("{path}/then"), known.clone()),
            None => (Vec::new(), Some(known.clone())),
        };
        let (otherwise, other) = match otherwise {
            Some(tree) => self.block(tree, "else", &format!("{path}/else"), known),
            None => (Vec::new(), Some(known)),
        };
        let kind = condition.map(|condition| StepKind::If { condition, then, otherwise });
        Some(Read { kind, result: None, after: Known::met(after.into_iter().chain(other)) })
    }

    /// `switch`
    pub(super) fn switch(&mut self, at: At<'_>) -> Option<Read> {
        let At { tree, path, known } = at;
        let fields = self.fields(tree, "`switch`")?;
        let on = fields.optional("switch").and_then(|tree| self.value(tree, &known));
        let cases_tree = fields.required("cases", "{express: […]}");
        let entries = fields.entries("cases");
        let default_tree = fields.optional("default");
        let place = fields.place();
        fields.finish();
        if let (Some(tree), []) = (cases_tree.filter(|tree| tree.as_map().is_some()), entries) {
            self.error(
                Code::MissingKey,
                self.at(tree),
                "this `switch` has no cases",
                "write one: `cases: {express: […]}`",
            );
        }
        if entries.len() > WAYS_MAX {
            let message = format!("a `switch` has at most {WAYS_MAX} cases");
            self.error(
                Code::Unbounded,
                place.clone(),
                message,
                "put the rest into a `switch` below `default:`",
            );
        }
        let ty = on.as_ref().map(|on| on.ty().clone());
        let possible = on.as_ref().and_then(|on| possible(&self.shape(on, &known)));
        let (mut cases, mut ways, mut whole) = (Vec::new(), Vec::new(), ty.is_some());
        for (key, tree) in entries.iter().take(WAYS_MAX) {
            let value = ty.as_ref().and_then(|ty| self.case(key, ty, possible.as_deref()));
            let (body, after) = self.block(tree, &key.name, &format!("{path}/{}", key.name), known.clone());
            ways.extend(after);
            match value {
                Some(value) => cases.push((value, body)),
                None => whole = false,
            }
        }
        let left: Option<Vec<&Value>> = possible.as_ref().map(|possible| {
            possible.iter().filter(|value| !cases.iter().any(|(known, _)| known == *value)).collect()
        });
        let covered = whole && left.as_ref().is_some_and(Vec::is_empty);
        let default = match default_tree {
            Some(tree) => {
                if covered {
                    let hint = "leave `default` out";
                    self.error(
                        Code::Unreachable,
                        self.at(tree),
                        "the cases name every value that there can be",
                        hint,
                    );
                }
                let (body, after) = self.block(tree, "default", &format!("{path}/default"), known);
                ways.extend(after);
                body
            }
            None => {
                if whole && !covered {
                    let listed =
                        left.map(|left| left.iter().map(|value| value.to_string()).collect::<Vec<_>>());
                    let message = match listed {
                        Some(listed) => format!("nothing says what is done for {}", listed.join(" and ")),
                        None => "nothing says what is done for any other value".to_owned(),
                    };
                    self.error(
                        Code::MissingKey,
                        place,
                        message,
                        "add `default: […]`, or `default: []` to do nothing",
                    );
                }
                if ways.is_empty() && !covered {
                    ways.push(known)
                };
                Vec::new()
            }
        };
        let kind = on.filter(|_| whole).map(|on| StepKind::Switch { on, cases, default });
        Some(Read { kind, result: None, after: Known::met(ways) })
    }

    /// The value that a case is about.
    fn case(&self, key: &Key, ty: &Type, possible: Option<&[Value]>) -> Option<Value> {
        let place = self.rules.at(key.span.clone());
        let text = key.name.as_str();
        let value = match ty.non_null() {
            Type::Text { .. } | Type::Dyn => Some(Value::text(text)),
            Type::Int => text.parse::<i64>().ok().map(Value::Int),
            Type::Bool => text.parse::<bool>().ok().map(Value::Bool),
            _ => {
                let message = format!("a `switch` is about a string, an integer or a boolean, this is {ty}");
                self.error(Code::DataType, place, message, "choose with `if:` instead");
                return None;
            }
        };
        let Some(value) = value else {
            let message = format!("the case is `{text}`, and the value is {ty}");
            self.error(Code::DataType, place, message, "name each case by a value that there can be");
            return None;
        };
        if let Some(possible) = possible.filter(|possible| !possible.contains(&value)) {
            let listed: Vec<String> =
                possible.iter().map(|value| value.to_string().trim_matches('"').to_owned()).collect();
            let hint = match mote_expr::suggest(text, listed.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("leave it out: the values are `{}`", listed.join("`, `")),
            };
            self.error(Code::Unreachable, place, format!("the value is never `{text}`"), hint);
            return None;
        }
        Some(value)
    }

    /// `parallel`
    pub(super) fn parallel(&mut self, at: At<'_>) -> Option<Read> {
        let At { tree, path, known } = at;
        let fields = self.fields(tree, "`parallel`")?;
        let entries = fields.entries("parallel");
        let wait = match (fields.optional("wait"), fields.text("wait")) {
            (None, _) | (_, Some("all")) => Join::All,
            (_, Some("any")) => Join::Any,
            (Some(tree), _) => {
                let hint = "write `wait: all`, or `wait: any`, or a step of its own: `- wait: 10s`";
                self.error(Code::WrongType, self.at(tree), "`wait` of a `parallel` is `all` or `any`", hint);
                Join::All
            }
        };
        let place = fields.place();
        fields.finish();
        let problems_before = self.rules.sink.count();
        if entries.len() < 2 || entries.len() > WAYS_MAX {
            let message =
                format!("a `parallel` has from 2 to {WAYS_MAX} branches, this has {}", entries.len());
            self.error(
                Code::WrongType,
                place,
                message,
                "name each branch: `parallel: {charge: […], label: […]}`",
            );
        }
        let mut branches = Vec::new();
        let mut ways: Vec<Option<Known>> = Vec::new();
        for (at, (key, tree)) in entries.iter().take(WAYS_MAX).enumerate() {
            if !is_name(&key.name) {
                let (message, hint) = crate::read::not_a_name(&key.name, |name| format!("{name}: […]"));
                self.error(Code::BadName, self.rules.at(key.span.clone()), message, hint);
            }
            let mut inside = known.clone();
            let others = entries.iter().enumerate().filter(|(other, _)| *other != at);
            for (name, _) in others.flat_map(|(_, (_, tree))| made(tree)) {
                if let Some(slot) = self.names.slot(name).filter(|slot| inside.is_free(*slot)) {
                    inside.take(slot, Why::Beside);
                }
            }
            let (body, after) = self.block(tree, &key.name, &format!("{path}/{}", key.name), inside);
            branches.push(Branch { name: key.name.clone(), body });
            ways.push(after);
        }
        let after = match wait {
            // One way of all: what a branch that is not first knows is not known.
            Join::Any => Known::met(ways.into_iter().flatten().map(|mut way| {
                way.settle(&known);
                way
            })),
            Join::All => self.together(&known, ways, entries),
        };
        let sound = self.rules.sink.count() == problems_before;
        Some(Read { kind: sound.then_some(StepKind::Parallel { branches, wait }), result: None, after })
    }

    /// What is known after all branches, each of which gave values to names of its own.
    fn together(&self, before: &Known, ways: Vec<Option<Known>>, entries: &[(Key, Tree)]) -> Option<Known> {
        let mut after = before.clone();
        let mut given = Vec::new();
        let mut reached = true;
        for (way, (_, tree)) in ways.into_iter().zip(entries) {
            let Some(way) = way else {
                reached = false;
                continue;
            };
            for (name, place) in made(tree) {
                let Some(slot) = self.names.slot(name) else { continue };
                if given.contains(&slot) {
                    let message = format!("another branch makes `{name}` too");
                    self.error(
                        Code::DuplicateName,
                        self.rules.at(place),
                        message,
                        "give this one another name",
                    );
                }
            }
            for (name, _) in made(tree) {
                let Some(slot) = self.names.slot(name).filter(|slot| !given.contains(slot)) else { continue };
                if before.is_free(slot) {
                    after.put(slot, way.state(slot).clone());
                    given.push(slot);
                }
            }
        }
        reached.then_some(after)
    }
}

impl Known {
    /// What was only unknown because it was made beside this is made by nothing that ran.
    fn settle(&mut self, before: &Known) {
        for slot in self.gained(before).collect::<Vec<_>>() {
            if matches!(self.state(slot), State::Unknown(Why::Beside)) {
                self.take(slot, Why::Maybe);
            }
        }
    }
}

/// The values that there can be, where they are few and known.
fn possible(shape: &super::names::Shape) -> Option<Vec<Value>> {
    use mote_expr::schema::Shape;
    let schema = shape.schema.as_ref()?;
    match &schema.shape {
        _ if schema.nullable => None,
        Shape::Enum(values) => Some(values.clone()),
        Shape::Bool => Some(vec![Value::Bool(true), Value::Bool(false)]),
        _ => None,
    }
}
