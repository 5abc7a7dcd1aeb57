//! No hidden state: the same call has the same answer in a second new instance, in one that
//! answered other calls before, in another order, and again after others that look like it; and a
//! function answers an input in one way, whoever asks. A difference is the service's fault. Instances are used again only where this was seen, since a
//! verdict stands behind all of it.

use mote_contract::{Isolation, Kind, Law, Situation};
use mote_expr::Value;

use super::generated::Recorded;
use super::{Run, Staged, parallel};
use crate::asked::{Broken, Case, Finding, decided};
use crate::counterexample::shown;
use crate::random::Random;
use crate::subject::{Mode, Observed, Stopped};
use crate::verification::Stage;

/// The ways to ask again, each with its clause.
const AGAIN: &str = "purity/again";
const REUSED: &str = "purity/reused";
const ORDER: &str = "purity/order";
const REPEATED: &str = "purity/repeated";
const CONTEXT: &str = "purity/context";

/// How many cases are asked again after others that look like them.
const REPEATED_MAX: usize = 300;

impl Run<'_> {
    pub(super) fn purity(&mut self, recorded: &[Recorded]) -> Staged<()> {
        self.again(recorded)?;
        self.elsewhere(recorded)?;
        self.reused(REUSED, recorded, &(0..recorded.len()).collect::<Vec<_>>())?;
        let order = Random::of(&self.plan.seed, "order", 0).order(recorded.len());
        self.reused(ORDER, recorded, &order)?;
        self.repeated(recorded, &order)
    }

    /// Calls twice in one instance, and between the two one with the same input that is not the
    /// same call: what an instance keeps under a part of a call comes out then.
    fn repeated(&mut self, recorded: &[Recorded], order: &[usize]) -> Staged<()> {
        let (law, subject) = (self.law, self.subject);
        let asked = |case: &Case, mode| subject.answer(&law.call(&case.situation), mode);
        let differs = |case: &Case| {
            let (fresh, reused) = (asked(case, Mode::Fresh), asked(case, Mode::Reused));
            let reused = Some(reused.as_ref()).filter(|reused| !drifted(law, *reused))?;
            different(REPEATED, fresh.as_ref(), reused)
        };
        for (at, other) in order.iter().zip(order.iter().skip(1)).take(REPEATED_MAX) {
            let case = &recorded[*at].case;
            let between = like(law, case, &recorded[*other].case);
            // Asked once more, the first call shows what the one between left behind.
            for (before, case) in [(&between, case), (case, &between), (&between, case)] {
                self.figures.repeated += 1;
                let Some(broken) = differs(case) else { continue };
                return self.reject(Stage::Purity, vec![(broken, case.clone())], 1, &mut |case| {
                    // Nobody listens to this answer: it is what may be kept of it that is tried.
                    drop(asked(before, Mode::Reused));
                    differs(case)
                        .map_or(Finding::Raised(String::new()), |broken| Finding::Broken(Box::new(broken)))
                });
            }
        }
        Ok(())
    }

    /// Each call in a second new instance.
    fn again(&mut self, recorded: &[Recorded]) -> Staged<()> {
        let (law, subject, total) = (self.law, self.subject, recorded.len());
        let differing = parallel::map(
            self.plan.threads,
            total,
            &|done| self.tell(Stage::Purity, done, 3 * total),
            &|index| {
                let Recorded { case, observed } = &recorded[index];
                let second = subject.answer(&law.call(&case.situation), Mode::Fresh);
                different(AGAIN, Ok(observed), second.as_ref())
            },
        );
        self.figures.repeated += total as u64;
        self.reject_differing(AGAIN, Mode::Fresh, differing, recorded)
    }

    /// What a function is asked, asked at another time, in another call and by somebody else: it is a
    /// function of its input and its rows, unless its rules say otherwise.
    fn elsewhere(&mut self, recorded: &[Recorded]) -> Staged<()> {
        let (law, subject, judged) = (self.law, self.subject, recorded.len().min(REPEATED_MAX));
        if law.contract.kind != Kind::Function || law.minds_the_context() {
            return Ok(());
        }
        let differs = |case: &Case, here: Result<&Observed, &Stopped>| {
            let call = law.call(&elsewhere(law, &case.situation)?);
            different(CONTEXT, here, subject.answer(&call, Mode::Fresh).as_ref())
        };
        let differing = parallel::map(self.plan.threads, judged, &|_| (), &|index| {
            let Recorded { case, observed } = &recorded[index];
            Some((differs(case, Ok(observed))?, case.clone()))
        });
        self.figures.repeated += judged as u64;
        self.reject(Stage::Purity, differing.into_iter().flatten().collect(), judged, &mut |case| {
            let here = subject.answer(&law.call(&case.situation), Mode::Fresh);
            match differs(case, here.as_ref()) {
                Some(broken) => Finding::Broken(Box::new(broken)),
                None => Finding::Raised(String::new()),
            }
        })
    }

    /// Each call in one instance, in `order`. On one thread: the order is what is tried.
    fn reused(&mut self, clause: &str, recorded: &[Recorded], order: &[usize]) -> Staged<()> {
        let total = recorded.len();
        let mut differing: Vec<Option<Broken>> = Vec::new();
        differing.resize_with(total, || None);
        for (done, index) in order.iter().enumerate() {
            if done % 64 == 0 {
                let passes_before = if clause == REUSED { 1 } else { 2 };
                self.tell(Stage::Purity, passes_before * total + done, 3 * total);
            }
            let Recorded { case, observed } = &recorded[*index];
            let answer = self.subject.answer(&self.law.call(&case.situation), Mode::Reused);
            if !drifted(self.law, answer.as_ref()) {
                differing[*index] = different(clause, Ok(observed), answer.as_ref());
            }
        }
        self.figures.repeated += total as u64;
        self.reject_differing(clause, Mode::Reused, differing, recorded)
    }

    fn reject_differing(
        &mut self,
        clause: &str,
        mode: Mode,
        differing: Vec<Option<Broken>>,
        recorded: &[Recorded],
    ) -> Staged<()> {
        let (law, subject) = (self.law, self.subject);
        let judged = differing.len();
        let found: Vec<(Broken, Case)> = differing
            .into_iter()
            .zip(recorded)
            .filter_map(|(broken, recorded)| Some((broken?, recorded.case.clone())))
            .collect();
        // A smaller case counts if it is answered in two ways too, whatever the law says to them.
        self.reject(Stage::Purity, found, judged, &mut |case| {
            let call = law.call(&case.situation);
            let (first, second) = (subject.answer(&call, Mode::Fresh), subject.answer(&call, mode));
            match different(clause, first.as_ref(), second.as_ref()) {
                Some(_) if mode == Mode::Reused && drifted(law, second.as_ref()) => {
                    Finding::Raised(String::new())
                }
                Some(broken) => Finding::Broken(Box::new(broken)),
                None => Finding::Raised(String::new()),
            }
        })
    }
}

/// A case with the input of `case` that is another call: with the state and the context of `other`.
/// `other` itself, where the rows that are read depend on the input, or the host would answer alone.
fn like(law: &Law, case: &Case, other: &Case) -> Case {
    let mut situation = Situation { input: case.situation.input.clone(), ..other.situation.clone() };
    situation.context = law.context_of(&situation.input, || other.situation.context.clone());
    let mixed = law.reads.is_none() && decided(law, &situation).is_none();
    if mixed { Case::of(other.given.clone(), situation) } else { other.clone() }
}

/// The same question in another context. None where the host answers it there.
fn elsewhere(law: &Law, here: &Situation) -> Option<Situation> {
    if law.publishing.is_some() {
        // The context of a publisher follows from the event: there is no other.
        return None;
    }
    let mut context = here.context.as_object().cloned()?;
    context.insert("now", Value::text("2031-07-08T09:10:11Z"));
    context.insert("id", Value::text("another-call"));
    // Roles and claims stay: who may ask at all is often decided by them.
    let mut caller = context.get("caller").and_then(Value::as_object).cloned()?;
    caller.insert("id", Value::text("somebody-else"));
    context.insert("caller", Value::Object(caller.into()));
    let there = Situation { context: Value::Object(context.into()), ..here.clone() };
    decided(law, &there).is_none().then_some(there)
}

/// Whether a reused instance only ran out of its budget: what is left over from calls before makes
/// fuel and memory drift. A contract whose instances are never reused promises nothing about that.
fn drifted(law: &Law, answer: Result<&Observed, &Stopped>) -> bool {
    law.contract.isolation == Isolation::Fresh
        && answer.is_err_and(|stopped| stopped.clause.starts_with("budget/"))
}

/// What is wrong if one call was answered as `first` and then as `second`.
fn different(
    clause: &str,
    first: Result<&Observed, &Stopped>,
    second: Result<&Observed, &Stopped>,
) -> Option<Broken> {
    let bytes = |result: Result<&Observed, &Stopped>| match result {
        Ok(observed) => observed.answer.clone(),
        Err(stopped) => stopped.to_string().into_bytes(),
    };
    let (first, second) = (bytes(first), bytes(second));
    if first == second {
        return None;
    }
    let message = match clause {
        AGAIN => "the same call has two answers in two new instances",
        REPEATED => "an instance that answered a call much like it answers otherwise than a new one",
        CONTEXT => "the same input has another answer in another call, at another time or for somebody else",
        REUSED => "an instance that answered other calls before answers otherwise than a new one",
        _ => "asked in another order, an instance answers otherwise than a new one",
    };
    let text = |bytes: &[u8]| Value::text(shown(bytes));
    let first_is = if clause == CONTEXT { "here" } else { "a new instance" };
    let second_is = if clause == CONTEXT { "elsewhere" } else { "the other" };
    let values = vec![(first_is.to_owned(), text(&first)), (second_is.to_owned(), text(&second))];
    Some(Broken { values, ..Broken::service(clause, message) }.answered(&second))
}
