//! The recordings of the releases before: calls that somebody made, asked again and judged by this contract.
//! Owns which of them are asked. One that does not fit the contract is counted, and held against nobody.

use mote_contract::{Outcome, Recording};

use super::{Run, Staged, parallel};
use crate::asked::{Broken, Case, Finding, ask};
use crate::replay::case_of;
use crate::verification::{RecordedFigures, Stage};

/// How many recordings are asked: breaches first, and of all others the newest.
const ASKED_MAX: usize = 500;
/// How many of them are breaches at most: a service that broke its contract all day did so in one way.
const BREACHES_MAX: usize = 250;

impl Run<'_> {
    pub(super) fn recorded_calls(&mut self) -> Staged<()> {
        let (law, subject) = (self.law, self.subject);
        let operation = &law.contract.name;
        // What the host would not let in says nothing of the service.
        let asked = |recording: &&Recording| {
            recording.operation == *operation && recording.outcome() != Outcome::Invalid.to_string()
        };
        let of_it = self.recordings.iter().filter(asked);
        let (breaches, others): (Vec<_>, Vec<_>) = of_it.partition(|recording| recording.is_breach());
        let chosen: Vec<&Recording> =
            breaches.into_iter().take(BREACHES_MAX).chain(others).take(ASKED_MAX).collect();
        if chosen.is_empty() {
            return Ok(());
        }
        let asked = parallel::map(
            self.plan.threads,
            chosen.len(),
            &|done| self.tell(Stage::Recordings, done, chosen.len()),
            &|index| {
                let case = case_of(law, chosen[index])?;
                let asked = ask(law, subject, &case.situation);
                Ok((case, asked))
            },
        );
        let (mut figures, mut found) = (RecordedFigures::default(), Vec::new());
        for (recording, asked) in chosen.iter().zip(asked) {
            let (case, (finding, observed)) = match asked {
                Ok(asked) => asked,
                Err(unfit) => {
                    let unfit: mote_contract::Unfit = unfit;
                    figures.unfit += 1;
                    figures.why.get_or_insert_with(|| format!("{unfit} ({})", recording.id));
                    continue;
                }
            };
            if let Some(observed) = &observed {
                self.figures.worst.meet(observed);
            }
            match finding {
                Finding::Refused(_) => figures.refused += 1,
                Finding::Success(_) | Finding::Raised(_) => figures.asked += 1,
                Finding::Broken(broken) => {
                    figures.asked += 1;
                    found.push((named(*broken, recording, &case), case));
                }
            }
        }
        self.figures.recorded = Some(figures);
        self.reject_recorded(found, chosen.len())
    }
}

/// What is wrong, with the call it was seen in: a state that nobody gave cannot be told by events.
fn named(mut broken: Broken, recording: &Recording, case: &Case) -> Broken {
    let recorded = mote_expr::Value::text(&recording.id);
    broken.values.push(("the recorded call".to_owned(), recorded));
    broken.values.extend(case.situation.state.clone().map(|state| ("its state".to_owned(), state)));
    broken
}
