//! Chooses the equations that make an answer, and says what they leave open.
//!
//! Owns the order: a part is made once everything is known that it is said in terms of. What is
//! refused here could have two answers, or none: it needs code, or another rule.

use mote_expr::expr::{Aspect, Condition, Equation, Operand, Part};
use mote_expr::schema::{Schema, Shape};
use mote_expr::{Slot, Step, Uses, Value};

use super::super::Law;
use super::cover::{assuming, covered};
use super::goals::Goal;
use super::{Case, Derivation, Made, What};

/// How many things may happen in one answer that is derived.
const HAPPENED_MAX: i64 = 16;

/// A part that the rules leave open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Undetermined {
    pub(crate) message: String,
    pub(crate) hint: String,
}

/// How the rules of `law` make an answer, or what they leave open.
pub(crate) fn plan(law: &Law) -> Result<Derivation, Vec<Undetermined>> {
    let mut planner = Planner::new(law);
    let mut roots = vec![Goal::of(Part::of(law.slots.output), &law.output, false)];
    roots.extend(law.slots.events.map(|slot| Goal::happened(Part::of(slot))));
    loop {
        let made = planner.made.len();
        for at in 0..roots.len() {
            let mut goal = roots[at].clone();
            planner.pursue(&mut goal, &roots);
            roots[at] = goal;
        }
        if planner.made.len() == made {
            break;
        }
    }
    let mut open: Vec<Undetermined> = Vec::new();
    let errors = law.errors.iter().filter(|error| error.condition.is_none());
    open.extend(errors.map(|error| Undetermined {
        message: format!("the rules do not say when the error `{}` is the answer", error.code),
        hint: "give it a condition: `if: …`, or leave it out".to_owned(),
    }));
    for found in roots.iter().flat_map(|root| planner.left_open(root, &roots)) {
        if !open.contains(&found) {
            open.push(found);
        }
    }
    if open.is_empty() { Ok(Derivation { made: planner.made }) } else { Err(open) }
}

struct Planner<'l> {
    law: &'l Law,
    answer: Uses,
    equations: Vec<Equation>,
    /// When the rules are not to answer: a requirement is broken, or a declared error is the answer.
    never: Vec<Vec<Condition>>,
    made: Vec<Made>,
}

impl<'l> Planner<'l> {
    fn new(law: &'l Law) -> Planner<'l> {
        let slots = [Some(law.slots.output), law.slots.events, law.slots.after];
        let answer = slots.into_iter().flatten().map(Uses::of).fold(Uses::default(), Uses::and);
        let of = |rule: &crate::Rule| law.scope.equations(&rule.expr, answer);
        let equations = law.ensures.iter().flat_map(of).collect();
        let required = law.requires.iter().map(|rule| (&rule.expr, true));
        let conditions = law.errors.iter().filter_map(|error| error.condition.as_ref());
        let never = required
            .chain(conditions.map(|rule| (&rule.expr, false)))
            .flat_map(|(expr, truth)| law.scope.ways(expr, !truth, answer))
            .collect();
        Planner { law, answer, equations, never, made: Vec::new() }
    }

    /// Say of `goal` what can be said by now.
    fn pursue(&mut self, goal: &mut Goal<'l>, roots: &[Goal<'l>]) {
        if goal.said {
            return;
        }
        if goal.optional && !goal.begun {
            let cases = self.cases(goal, Aspect::Presence, roots);
            if !self.covers(goal, &cases) {
                return;
            }
            goal.begun = true;
            self.make(goal, What::Presence(goal.part.clone(), shortest(cases)));
        }
        let mut cases = self.cases(goal, Aspect::Value, roots);
        if let Some(only) = goal.schema.and_then(only_value) {
            cases = vec![Case { when: Vec::new(), is: Operand::fixed(only) }];
        }
        if self.covers(goal, &cases) {
            goal.said = true;
            // What is never there has no value.
            if !cases.is_empty() {
                self.make(goal, What::Value(goal.part.clone(), shortest(cases)));
            }
            return;
        }
        if goal.schema.is_none() {
            self.happenings(goal, roots);
        } else if goal.is_object() && !goal.open {
            goal.open = true;
            self.make(goal, What::Open(goal.part.clone()));
        }
        for inner in &mut goal.inner {
            self.pursue(inner, roots);
        }
        goal.said = (goal.open || goal.begun && goal.schema.is_none()) && goal.inner.iter().all(|it| it.said);
    }

    /// Say which things happened; their data is left to say.
    fn happenings(&mut self, goal: &mut Goal<'l>, roots: &[Goal<'l>]) {
        if goal.begun {
            return;
        }
        let cases = if self.law.contract.emits.is_empty() {
            vec![(Vec::new(), Vec::new())]
        } else {
            self.types(&goal.part, roots)
        };
        let whens = cases.iter().map(|(when, _)| when).chain(&self.never);
        if !covered(&whens.cloned().collect::<Vec<_>>()) {
            return;
        }
        goal.begun = true;
        let slot = goal.part.slot;
        for (case, (when, kinds)) in cases.iter().enumerate() {
            for (index, kind) in kinds.iter().enumerate() {
                // What is not an event of the contract is refused by the judge.
                let aggregate = self.law.aggregate.as_deref();
                let Some(event) = aggregate.and_then(|aggregate| aggregate.events.get(kind)) else {
                    continue;
                };
                let part = goal.part.then(Step::Index(index)).then(Step::Key("data".to_owned()));
                // The aggregate outlives the planner, as the law does that holds it.
                goal.inner.push(Goal::of(part, &event.data, false).within((slot, case), when));
            }
        }
        self.make(goal, What::Happened(slot, cases));
    }

    /// The lists of types that rules write out, each with when it is the list.
    fn types(&self, part: &Part, roots: &[Goal<'l>]) -> Vec<(Vec<Condition>, Vec<String>)> {
        let about = |aspect| move |it: &&Equation| it.part == *part && it.aspect == aspect;
        let usable = self.equations.iter().filter(|it| self.is_told(&it.when, &it.is, roots));
        let listed = usable.clone().filter(about(Aspect::Types)).filter_map(|equation| {
            let kinds = equation.is.constant()?;
            let kinds = kinds.as_list()?.iter().map(|kind| Some(kind.as_text()?.to_owned()));
            Some((equation.when.clone(), kinds.collect::<Option<Vec<_>>>()?))
        });
        let counted = usable.clone().filter(about(Aspect::Size)).filter_map(|equation| {
            let count =
                equation.is.constant()?.as_int().filter(|count| (0..=HAPPENED_MAX).contains(count))?;
            let kind = |index: i64| {
                let index = usize::try_from(index).ok()?;
                let part = part.then(Step::Index(index)).then(Step::Key("type".to_owned()));
                let said = usable.clone().find(|it| {
                    let same_case = it.when.iter().all(|condition| equation.when.contains(condition));
                    it.part == part && it.aspect == Aspect::Value && same_case
                })?;
                Some(said.is.constant()?.as_text()?.to_owned())
            };
            Some((equation.when.clone(), (0..count).map(kind).collect::<Option<Vec<_>>>()?))
        });
        listed.chain(counted).collect()
    }

    /// What equations say of `goal` in terms of what is known, without what goes without saying.
    fn cases(&self, goal: &Goal<'_>, aspect: Aspect, roots: &[Goal<'l>]) -> Vec<Case> {
        let about = self.equations.iter().filter(|it| it.part == goal.part && it.aspect == aspect);
        let cases = about.filter_map(|equation| {
            let when = self.assume(vec![equation.when.clone()], goal).pop()?;
            self.is_told(&when, &equation.is, roots).then(|| Case { when, is: equation.is.clone() })
        });
        cases.collect()
    }

    /// `sets` with what is known where `goal` is to be said: that it is there, and in which case.
    fn assume(&self, sets: Vec<Vec<Condition>>, goal: &Goal<'_>) -> Vec<Vec<Condition>> {
        let sets = goal.when.iter().fold(sets, |sets, known| assuming(&sets, known));
        let there =
            |condition: &Condition| condition.of.presence().is_some_and(|part| part.holds(&goal.part));
        let possible = |set: &Vec<Condition>| !set.iter().any(|it| there(it) && !it.truth);
        let rest = |set: Vec<Condition>| set.into_iter().filter(|it| !there(it)).collect();
        sets.into_iter().filter(possible).map(rest).collect()
    }

    /// Whether one of `cases` applies wherever `goal` is there.
    fn covers(&self, goal: &Goal<'_>, cases: &[Case]) -> bool {
        let mut sets: Vec<Vec<Condition>> = cases.iter().map(|case| case.when.clone()).collect();
        sets.extend(self.assume(self.never.clone(), goal));
        if goal.begun || !goal.optional {
            // Where it is not there, or what it is in, nothing has to be said.
            let presences = self.equations.iter();
            let presences = presences.filter(|it| it.aspect == Aspect::Presence && it.part.holds(&goal.part));
            let absent = presences.filter_map(|equation| {
                let never = self.law.scope.conditions(&equation.is, false, self.answer)?;
                Some(equation.when.iter().cloned().chain(never).collect())
            });
            sets.extend(self.assume(absent.collect(), goal));
        }
        covered(&sets)
    }

    fn is_told(&self, when: &[Condition], is: &Operand, roots: &[Goal<'l>]) -> bool {
        let told = |operand: &Operand| {
            operand.reads().iter().all(|(part, aspect)| {
                // The state after the call follows from all the events.
                let part = if Some(part.slot) == self.law.slots.after {
                    self.law.slots.events.map_or_else(|| part.clone(), Part::of)
                } else {
                    part.clone()
                };
                roots.iter().all(|root| match aspect {
                    Aspect::Types | Aspect::Size => root.tells_types(&part),
                    Aspect::Value | Aspect::Presence => root.tells(&part),
                })
            })
        };
        told(is) && when.iter().all(|condition| told(&condition.of))
    }

    fn make(&mut self, goal: &Goal<'_>, what: What) {
        let reads: Vec<Slot> = what
            .operands()
            .iter()
            .flat_map(|operand| operand.reads().iter().map(|(part, _)| part.slot))
            .collect();
        let reads_after = self.law.slots.after.is_some_and(|after| reads.contains(&after));
        self.made.push(Made { what, within: goal.within, reads_answer: !reads.is_empty(), reads_after });
    }

    /// What is left open of `goal`, in words.
    fn left_open(&self, goal: &Goal<'l>, roots: &[Goal<'l>]) -> Vec<Undetermined> {
        if goal.said {
            return Vec::new();
        }
        let name = self.named(&goal.part);
        if goal.optional && !goal.begun {
            let why = self.why(goal, Aspect::Presence, &format!("when `{name}` is there"), roots);
            let hint = format!("add a rule: `has({name}) == …`, or make the field required");
            return vec![Undetermined { hint, ..why }];
        }
        if goal.schema.is_none() && !goal.begun {
            let first = self.law.contract.emits.first().map_or("", String::as_str);
            let message = format!("the rules do not say which `{name}` there are");
            let hint = format!("add a rule: `{name}.map(e, e.type) == ['{first}']`");
            return vec![Undetermined { message, hint }];
        }
        let about = |it: &&Equation| it.aspect == Aspect::Value && goal.part.holds(&it.part);
        let mut said_of = self.equations.iter().filter(about).peekable();
        let only_whole = said_of.peek().is_some() && said_of.all(|it| it.part == goal.part);
        if !only_whole && !goal.inner.is_empty() {
            return goal.inner.iter().flat_map(|inner| self.left_open(inner, roots)).collect();
        }
        vec![self.why(goal, Aspect::Value, &format!("what `{name}` is"), roots)]
    }

    fn why(&self, goal: &Goal<'_>, aspect: Aspect, what: &str, roots: &[Goal<'l>]) -> Undetermined {
        let name = self.named(&goal.part);
        let said = self.equations.iter().any(|it| it.part == goal.part && it.aspect == aspect);
        let (message, hint) = if !said {
            (format!("the rules do not say {what}"), format!("add a rule: `{name} == …`"))
        } else if self.cases(goal, aspect, roots).is_empty() {
            let message = format!("the rules say {what} in terms of what they leave open");
            (message, "say it in terms of the input, the state or the rows".to_owned())
        } else {
            let message = format!("the rules say {what} in some cases only");
            (message, format!("say it for the others too: `{name} == (… ? … : …)`"))
        };
        Undetermined { message, hint }
    }

    /// The part as rules write it.
    fn named(&self, part: &Part) -> String {
        let names = self.law.scope.names_of(Uses::of(part.slot));
        let steps = part.steps.iter().map(|step| match step {
            Step::Key(key) => format!(".{key}"),
            Step::Index(index) => format!("[{index}]"),
        });
        names.into_iter().map(str::to_owned).chain(steps).collect()
    }
}

impl What {
    fn operands(&self) -> Vec<&Operand> {
        match self {
            What::Open(_) => Vec::new(),
            What::Presence(_, cases) | What::Value(_, cases) => cases
                .iter()
                .flat_map(|case| case.when.iter().map(|condition| &condition.of).chain([&case.is]))
                .collect(),
            What::Happened(_, cases) => {
                cases.iter().flat_map(|(when, _)| when.iter().map(|condition| &condition.of)).collect()
            }
        }
    }
}

/// One case that always applies is enough.
fn shortest(cases: Vec<Case>) -> Vec<Case> {
    match cases.iter().find(|case| case.when.is_empty()) {
        Some(always) => vec![always.clone()],
        None => cases,
    }
}

/// The value of a schema that has only one.
fn only_value(schema: &Schema) -> Option<Value> {
    match &schema.shape {
        Shape::Enum(values) if !schema.nullable => match values.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        },
        _ => None,
    }
}
