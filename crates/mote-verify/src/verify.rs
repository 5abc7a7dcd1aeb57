//! Verification: the stages in order, cheapest first, until one finds something wrong.
//!
//! Owns the order and what each stage hands to the next. Each stage is a file beside this one and
//! names whose fault its findings are. The result never depends on the number of threads.

mod boundaries;
mod budget;
mod contract;
mod generated;
pub(crate) mod parallel;
mod purity;
mod recordings;
mod reject;
mod relations;
mod sealed;
mod shapes;
mod strength;
mod written;

use mote_contract::{Law, Recording};

use crate::cases::Draft;
use crate::random::Seed;
use crate::sequences::Actor;
use crate::subject::Subject;
use crate::verification::{Figures, Rejection, Stage, Verification};

pub use sealed::{Sealed, seal, seal_among};
pub(crate) use written::case_of;

/// How hard to try.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How many generated cases the service is asked; `Contract::verify` says.
    pub cases: u32,
    /// What the cases are made from.
    pub seed: Seed,
    /// How many threads ask; at least one.
    pub threads: usize,
}

/// How far a verification is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The stage that runs.
    pub stage: Stage,
    /// Cases done in it.
    pub done: usize,
    /// Cases there are in it.
    pub total: usize,
}

/// Judge `subject` by `law`, in all stages but the last: [`seal`] judges what passed by cases that
/// stay hidden. `progress` is told now and then, on the calling thread.
pub fn verify(law: &Law, subject: &dyn Subject, plan: &Plan, progress: &dyn Fn(Progress)) -> Verification {
    verify_with_recordings(law, subject, plan, &[], progress)
}

/// The same, with calls that were recorded while other releases served: they are asked again.
pub fn verify_with_recordings(
    law: &Law,
    subject: &dyn Subject,
    plan: &Plan,
    recordings: &[Recording],
    progress: &dyn Fn(Progress),
) -> Verification {
    verify_among(&[], law, subject, plan, recordings, progress)
}

/// The same among the `others` that touch the law's aggregate: states are first what the calls of all
/// of them lead to. What the others answer is judged as well, so they can lead to nothing that
/// could not happen.
pub fn verify_among(
    others: &[Actor<'_>],
    law: &Law,
    subject: &dyn Subject,
    plan: &Plan,
    recordings: &[Recording],
    progress: &dyn Fn(Progress),
) -> Verification {
    let actors = actors(others, law, subject);
    let mut run =
        Run { law, subject, actors: &actors, plan, recordings, progress, figures: Figures::default() };
    let rejection = run.stages().err().map(|rejection| *rejection);
    Verification::new(law, plan.seed.commitment(), rejection, run.figures)
}

/// All that lead to states of the aggregate that `law` touches: none where it touches none.
fn actors<'a>(others: &[Actor<'a>], law: &'a Law, subject: &'a dyn Subject) -> Vec<Actor<'a>> {
    let Some(aggregate) = &law.contract.aggregate else { return Vec::new() };
    let touches = |actor: &&Actor<'_>| actor.law.contract.aggregate.as_ref() == Some(aggregate);
    let others = others.iter().filter(touches).filter(|actor| actor.law.contract.name != law.contract.name);
    let mut actors: Vec<Actor<'a>> = others.copied().chain([Actor { law, subject }]).collect();
    // The order of the names, not the one in which they happen to be handed over.
    actors.sort_by(|a, b| a.law.contract.name.cmp(&b.law.contract.name));
    actors
}

/// One verification under way.
struct Run<'r> {
    law: &'r Law,
    subject: &'r dyn Subject,
    /// What leads to states: the subject, and others of its aggregate.
    actors: &'r [Actor<'r>],
    plan: &'r Plan,
    recordings: &'r [Recording],
    progress: &'r dyn Fn(Progress),
    figures: Figures,
}

/// Whether a stage found nothing wrong.
type Staged<T> = Result<T, Box<Rejection>>;

impl Run<'_> {
    fn stages(&mut self) -> Staged<()> {
        self.begin(Stage::Contract);
        self.shapes()?;
        // Before cases are made, which takes a while: what an example shows is told at once.
        self.begin(Stage::Examples);
        self.examples()?;
        self.begin(Stage::Tests);
        self.tests()?;
        self.begin(Stage::Contract);
        let (situations, drafts) = self.contract()?;
        self.begin(Stage::Generated);
        let mut recorded = self.generated(drafts.iter().map(Draft::case).collect())?;
        self.begin(Stage::Boundaries);
        self.boundaries(&situations, &drafts, &mut recorded)?;
        self.begin(Stage::Purity);
        self.purity(&recorded)?;
        self.begin(Stage::Budget);
        self.budget(&recorded)?;
        self.begin(Stage::Relations);
        self.relations(&recorded)?;
        self.begin(Stage::Regressions);
        self.regressions()?;
        self.begin(Stage::Recordings);
        self.recorded_calls()?;
        self.begin(Stage::Strength);
        self.strength(recorded)
    }

    /// Tell at once what begins: the first cases of a stage may take their time.
    fn begin(&self, stage: Stage) {
        self.tell(stage, 0, 1);
    }

    fn tell(&self, stage: Stage, done: usize, total: usize) {
        (self.progress)(Progress { stage, done, total });
    }
}
