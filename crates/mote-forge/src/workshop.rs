//! From a checked system to what may serve: build each service, verify each contract, lock.
//!
//! Owns the order and what is reused: an artifact whose sources are unchanged is not built again, and
//! a contract whose verdict still holds is not verified again. Never serves: a [`Candidate`] is an
//! artifact with a signed verdict, and whoever serves checks that verdict itself.

mod code;
mod explore;
mod locked;
mod others;
mod report;
mod stored;

use std::collections::BTreeMap;
use std::sync::Arc;

use mote_contract::{Law, Recording, System};
use mote_expr::{Digest, parse};
use mote_host::Host;
use mote_verify::{
    Actor, Artifact as _, Key, Named, Plan, PublicKey, Sealed, Verdict, Verification, seal_among,
    verify_among,
};

use self::code::Built;
use self::others::Other;
use crate::artifacts::Artifacts;
use crate::folder::{FolderError, SystemFolder};
use crate::lock::{Lock, Locked};
use crate::secrets::{SecretError, secret_bytes, signing_key};
use crate::seeds::Seeds;
use crate::typescript::ServiceSource;

pub use code::Code;
pub use report::{Candidate, Failure, News, Prepared, Problem};

/// Builds and verifies the services of one system.
pub struct Workshop {
    folder: SystemFolder,
    artifacts: Artifacts,
    host: Host,
    key: Key,
    seeds: Seeds,
    threads: usize,
    recordings: Box<ReadRecordings>,
}

/// Reads the recorded calls of an operation, the newest first.
type ReadRecordings = dyn Fn(&str) -> Vec<Recording> + Send + Sync;

/// Why a workshop cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The system's folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The system's secrets cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The artifacts cannot be kept.
    #[error(transparent)]
    Artifacts(#[from] crate::artifacts::WriteError),
    /// The sandbox cannot start.
    #[error(transparent)]
    Host(#[from] mote_host::StartError),
}

impl Workshop {
    /// The workshop of the system in `folder`. Makes the system's keys on first use.
    pub fn open(folder: SystemFolder, threads: usize) -> Result<Workshop, OpenError> {
        let keys = folder.state("keys")?;
        let cache =
            mote_host::Cache { folder: folder.state("compiled")?, key: secret_bytes(&keys, "compiled")? };
        let options = mote_host::Options { cache: Some(cache), ..mote_host::Options::default() };
        Ok(Workshop {
            artifacts: Artifacts::open(&folder.state("artifacts")?)?,
            host: Host::new(options)?,
            key: signing_key(&keys)?,
            seeds: Seeds::open(&keys, folder.state("sealed")?)?,
            threads: threads.max(1),
            folder,
            recordings: Box::new(|_| Vec::new()),
        })
    }

    /// The same, which asks the calls that `read` finds of an operation whenever it verifies a service of it.
    #[must_use]
    pub fn with_recordings(self, read: impl Fn(&str) -> Vec<Recording> + Send + Sync + 'static) -> Workshop {
        Workshop { recordings: Box::new(read), ..self }
    }

    /// The key that this system's verdicts can be checked with.
    pub fn public_key(&self) -> PublicKey {
        self.key.public()
    }

    /// What its sandbox does, and everything that was prepared here.
    pub fn sandbox(&self) -> Host {
        self.host.clone()
    }

    /// Build and verify what `lock` does not already hold. `time` is now, RFC 3339. Only services with
    /// a contract for which `wanted` is true are looked at. The lock is left alone: what is activated
    /// is written into it by [`Lock::activate`].
    pub fn prepare(
        &self,
        system: &System,
        lock: &Lock,
        time: &str,
        wanted: &dyn Fn(&str) -> bool,
        news: &dyn Fn(News<'_>),
    ) -> Prepared {
        let mut prepared = Prepared::default();
        // All are built before the first is judged: which of them lead to states that are tried must
        // not depend on their order.
        let services = system.services();
        let wanted_services =
            services.iter().filter(|(_, laws)| laws.iter().any(|law| wanted(&law.contract.name)));
        let built: Vec<_> = wanted_services
            .map(|(service, laws)| (*service, laws, self.build(service, laws, news)))
            .collect();
        for (service, laws, built) in built {
            match built {
                Ok(built) => {
                    for law in laws {
                        self.prepare_contract(system, service, law, &built, lock, time, news, &mut prepared);
                    }
                }
                Err(problem) => {
                    let operations = laws.iter().map(|law| law.contract.name.clone()).collect();
                    prepared.refuse(Failure { service: service.to_owned(), operations, problem }, news);
                }
            }
        }
        for law in system.derived().filter(|law| wanted(&law.contract.name)) {
            let operation = &law.contract.name;
            match self.rules(law) {
                Ok(built) => {
                    self.prepare_contract(system, operation, law, &built, lock, time, news, &mut prepared);
                }
                Err(problem) => {
                    let (service, operations) = (operation.clone(), vec![operation.clone()]);
                    prepared.refuse(Failure { service, operations, problem }, news);
                }
            }
        }
        prepared
    }

    /// The rules of a contract, as what answers. Code that lies beside them would never be asked.
    fn rules(&self, law: &Arc<Law>) -> Result<Built, Problem> {
        let folder = self.folder.service(&law.contract.name);
        if folder.is_dir() {
            return Err(Problem::NeedlessService { folder });
        }
        Built::of_rules(law)
            .ok_or_else(|| Problem::NoService { folder, operations: vec![law.contract.name.clone()] })
    }

    #[expect(clippy::too_many_arguments, reason = "one step of `prepare`, with all that it is given")]
    fn prepare_contract(
        &self,
        system: &System,
        service: &str,
        law: &Arc<Law>,
        built: &Built,
        lock: &Lock,
        time: &str,
        news: &dyn Fn(News<'_>),
        prepared: &mut Prepared,
    ) {
        let operation = &law.contract.name;
        if let Some(candidate) = self.locked(law, built, lock) {
            news(News::Unchanged { operation });
            prepared.candidates.push(candidate);
            return;
        }
        match self.judge(system, law, built, time, news) {
            Ok(candidate) => prepared.candidates.push(candidate),
            Err(problem) => {
                let (service, operations) = (service.to_owned(), vec![operation.clone()]);
                prepared.refuse(Failure { service, operations, problem }, news);
            }
        }
    }

    fn build(&self, service: &str, laws: &[&Arc<Law>], news: &dyn Fn(News<'_>)) -> Result<Built, Problem> {
        let operations: Vec<String> = laws.iter().map(|law| law.contract.name.clone()).collect();
        let folder = self.folder.service(service);
        if !folder.is_dir() {
            return Err(Problem::NoService { folder, operations });
        }
        let source = ServiceSource::of(&self.folder, service, &operations)?;
        let hash = Digest(source.hash());
        let cached = self.artifacts.built(&hash.0).is_some();
        if !cached {
            news(News::Building { service });
        }
        let artifact = self.artifacts.build(&source)?;
        news(News::Loading { service });
        let component = self.host.load(&self.artifacts.get(&artifact)?)?;
        Ok(Built { source: hash, template: source.template.digest(), code: Code::Component(component) })
    }

    /// The candidate that the lock already holds for this contract and this artifact.
    fn locked(&self, law: &Arc<Law>, built: &Built, lock: &Lock) -> Option<Candidate> {
        let locked = lock.releases.get(&law.contract.name)?;
        let artifact = built.code.digest();
        if locked.contract != law.digest || locked.artifact != artifact {
            return None;
        }
        let verdict = locked.verdict.to_string();
        let candidate =
            Candidate { law: law.clone(), source: built.source, code: built.code.clone(), verdict };
        candidate.judged(&lock.trusted).then_some(candidate)
    }

    fn judge(
        &self,
        system: &System,
        law: &Arc<Law>,
        built: &Built,
        time: &str,
        news: &dyn Fn(News<'_>),
    ) -> Result<Candidate, Problem> {
        let others = self.others(system, law);
        let verification = self.verify(law, built, &others, news)?;
        if !verification.passed() {
            return Err(Problem::Rejected(Box::new(verification)));
        }
        news(News::Verified { law, verification: &verification });
        let artifact = Named { name: law.contract.service.clone(), digest: built.code.digest() };
        let among = others.iter().map(Other::named).collect();
        let verdict = Verdict::of(law, &verification, artifact, among, built.provenance(), time)?;
        let envelope = verdict.sign(&self.key).to_string();
        Ok(Candidate { law: law.clone(), source: built.source, code: built.code.clone(), verdict: envelope })
    }

    /// All stages: those that may tell what they met, then the sealed cases.
    fn verify(
        &self,
        law: &Arc<Law>,
        built: &Built,
        others: &[Other],
        news: &dyn Fn(News<'_>),
    ) -> Result<Verification, Problem> {
        let others: Vec<Actor<'_>> = others.iter().map(Other::actor).collect();
        let (operation, asked) = (&law.contract.name, &law.contract.verify);
        let tell = |progress| news(News::Verifying { operation, progress });
        let subject = built.subject(law);
        let seed = |purpose, attempt| self.seeds.seed(law.digest, built.source, purpose, attempt);
        let attempt = self.seeds.at(law.digest, built.source)?;
        let plan = Plan { cases: asked.cases, seed: seed("generated", attempt), threads: self.threads };
        let recordings = (self.recordings)(operation);
        let verification = verify_among(&others, law, &*subject, &plan, &recordings, &tell);
        if !verification.passed() {
            return Ok(verification);
        }
        let attempt = self.seeds.begin(law.digest, built.source)?;
        let sealed = Sealed { cases: asked.sealed, seed: seed("sealed", attempt), tries: attempt.tries };
        let verification = seal_among(&others, law, &*subject, verification, &sealed, self.threads, &tell);
        if verification.passed() {
            self.seeds.pass(law.digest, built.source)?;
        }
        Ok(verification)
    }
}

impl Candidate {
    /// Whether its verdict holds under these keys, and names the cases beside the contract that there are.
    fn judged(&self, trusted: &[PublicKey]) -> bool {
        let admitted = Verdict::admit(&self.verdict, trusted, self.law.digest, self.code.clone());
        admitted.is_ok_and(|verified| verified.verdict().cases == self.law.cases.digest)
    }

    /// The candidate as the lock names it.
    pub fn locked(&self) -> Locked {
        Locked {
            contract: self.law.digest,
            source: self.source,
            artifact: self.code.digest(),
            // An envelope that was just written is JSON.
            verdict: parse(self.verdict.as_bytes()).unwrap_or(mote_expr::Value::Null),
            files: BTreeMap::new(),
        }
    }
}
