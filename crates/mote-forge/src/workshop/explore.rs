//! Services as their sources are now, asked without being judged for a verdict: in sequences, and by
//! the rules of a release.

use std::sync::Arc;

use mote_contract::{Law, System};
use mote_expr::Digest;
use mote_verify::{Actor, Attempt, Exploration, Explored, Subject, explore};

use super::{Built, News, Problem, Workshop};

/// How many sequences of commands an aggregate is tried with.
const SEQUENCES: u32 = 500;

impl Workshop {
    /// Call the commands of the aggregate in sequences, each answered by its service as it is now.
    pub fn explore(
        &self,
        system: &System,
        aggregate: &str,
        news: &dyn Fn(News<'_>),
    ) -> Result<Explored, Problem> {
        let touches = |law: &Arc<Law>| law.contract.aggregate.as_deref() == Some(aggregate);
        let (mut subjects, mut sources) = (Vec::new(), Vec::new());
        let mut add = |law: &Arc<Law>, built: &Built| {
            sources.extend(built.source.0);
            subjects.push((law.clone(), built.subject(law)));
        };
        for (service, laws) in system.services() {
            if laws.iter().any(|law| touches(law)) {
                let built = self.build(service, &laws, news)?;
                laws.into_iter().filter(|law| touches(law)).for_each(|law| add(law, &built));
            }
        }
        for law in system.derived().filter(|law| touches(law)) {
            add(law, &self.rules(law)?);
        }
        let actors: Vec<Actor<'_>> =
            subjects.iter().map(|(law, subject)| Actor { law, subject: &**subject }).collect();
        let digest = system.aggregates.get(aggregate).map_or(Digest([0; 32]), |aggregate| aggregate.digest);
        let first = Attempt { number: 1, tries: 1 };
        let seed = self.seeds.seed(digest, Digest::of(&sources), "sequences", first);
        let plan = Exploration { sequences: SEQUENCES, seed, threads: self.threads };
        let tell = |done| news(News::Exploring { aggregate, done, total: SEQUENCES as usize });
        Ok(explore(&actors, &plan, &tell))
    }

    /// What answers under `law` as the files are now, to be asked without being judged.
    pub fn subject(&self, system: &System, law: &Arc<Law>) -> Result<Box<dyn Subject>, Problem> {
        if law.is_derived() {
            return Ok(self.rules(law)?.subject(law));
        }
        let services = system.services();
        let laws = services.get(law.contract.service.as_str()).map_or(&[][..], Vec::as_slice);
        Ok(self.build(&law.contract.service, laws, &|_| ())?.subject(law))
    }
}
