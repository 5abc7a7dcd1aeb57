//! The folders of `cases/wrong-implementations/`: read, built, and judged as a workshop would judge them.
//! Owns how a folder becomes contracts and services to ask. Never knows what is expected of them.
//!
//! All implementations of a contract are built into one component, each as an operation of its own: building
//! takes seconds, and the folders are many. Each is loaded anew, so that none meets another one's instances.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mote_contract::{Law, check};
use mote_expr::{Value, parse};
use mote_forge::artifacts::Artifacts;
use mote_forge::typescript::ServiceSource;
use mote_forge::{Sandboxed, SystemFolder};
use mote_host::{Cache, Host, Options, Pool};
use mote_verify::{Mode, Observed, Plan, Sealed, Seed, Stopped, Subject, Verification, seal, verify};

/// What cases are made from: what is said about a wrong implementation must not change by chance.
const SEED: u64 = 1;
/// The same for sealed cases.
const SEALED_SEED: u64 = 2;

/// One folder: a system whose contract of the same name has many implementations.
pub(crate) struct Case {
    pub(crate) contract: String,
    folder: PathBuf,
    /// The right one first.
    pub(crate) implementations: Vec<Implementation>,
}

/// One implementation of a contract.
pub(crate) struct Implementation {
    /// What kind of mistake it makes; none for the right one.
    pub(crate) class: Option<String>,
    /// Where it is.
    pub(crate) folder: PathBuf,
    /// Its path within the folder of the contract: `right` or `wrong/<class>/<what>`.
    pub(crate) path: String,
}

impl Implementation {
    /// Its name as an operation of the component that holds them all.
    fn operation(&self) -> String {
        self.path.replace('/', "-")
    }
}

/// How much of a contract an implementation is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// Its schemas, budget, and when it is called at all; no examples and no rules about the answer.
    Schemas,
    /// The same with its examples.
    Examples,
    /// All of it.
    Whole,
}

impl Part {
    /// The keys of a contract that it goes without.
    fn without(self) -> &'static [&'static str] {
        match self {
            Part::Schemas => &["examples", "ensures", "relations"],
            Part::Examples => &["ensures", "relations"],
            Part::Whole => &[],
        }
    }
}

/// The cases, by name.
pub(crate) fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/wrong-implementations");
    folders(&root).into_iter().map(|(contract, folder)| Case::read(contract, folder)).collect()
}

/// Does `work` for each case, several at once.
pub(crate) fn for_each(cases: &[Case], work: &(dyn Fn(&Case) + Sync)) {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads.min(cases.len()) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(case);
                }
            });
        }
    });
}

impl Case {
    fn read(contract: String, folder: PathBuf) -> Case {
        let right = folder.join("right");
        let mut implementations =
            vec![Implementation { class: None, folder: right, path: "right".to_owned() }];
        for (class, of_class) in folders(&folder.join("wrong")) {
            for (what, folder) in folders(&of_class) {
                let path = format!("wrong/{class}/{what}");
                implementations.push(Implementation { class: Some(class.clone()), folder, path });
            }
        }
        Case { contract, folder, implementations }
    }

    /// The contract, or a part of it.
    pub(crate) fn law(&self, part: Part) -> Arc<Law> {
        let mut files = SystemFolder::open(&self.folder).unwrap().read().unwrap();
        let path = format!("contracts/{}.yaml", self.contract);
        let text = fs::read_to_string(self.folder.join(&path)).unwrap();
        files.add(path, part.without().iter().fold(text, |text, key| without(&text, key)));
        let report = check(&files);
        let system =
            report.system.unwrap_or_else(|| panic!("{}: {:#?}", self.folder.display(), report.diagnostics));
        system.laws[&self.contract].clone()
    }

    /// The component with all implementations.
    fn build(&self, artifacts: &Artifacts) -> Vec<u8> {
        let mut source = ServiceSource { service: self.contract.clone(), ..ServiceSource::default() };
        for implementation in &self.implementations {
            let (operation, path) = (implementation.operation(), &implementation.path);
            let handler = fs::read_to_string(implementation.folder.join("handler.ts")).unwrap();
            source.modules.insert(format!("{path}/handler.ts"), handler);
            let reference = format!("export {{ default }} from \"./{path}/handler\";\n");
            source.modules.insert(format!("{operation}.ts"), reference);
            source.operations.push(operation);
        }
        let digest = artifacts.build(&source).unwrap_or_else(|error| panic!("{}: {error}", self.contract));
        artifacts.get(&digest).unwrap()
    }
}

/// Where implementations are built and asked.
pub(crate) struct Workbench {
    artifacts: Artifacts,
    host: Host,
}

impl Workbench {
    /// What is built is kept in the target folder: building again takes longer than all the rest.
    pub(crate) fn open() -> Workbench {
        let program = std::env::current_exe().unwrap();
        let folder = program.ancestors().nth(3).unwrap().join("corpus");
        let cache = Cache { folder: folder.join("compiled"), key: [0; 32] };
        let options =
            Options { cache: Some(cache), pool: Some(Pool { instances: 64 }), ..Options::default() };
        Workbench {
            artifacts: Artifacts::open(&folder.join("artifacts")).unwrap(),
            host: Host::new(options).unwrap(),
        }
    }

    /// Build the implementations of `case`.
    pub(crate) fn build(&self, case: &Case) -> Vec<u8> {
        case.build(&self.artifacts)
    }

    /// Judge one of the implementations in `component` by `law`.
    pub(crate) fn judge(&self, component: &[u8], law: &Law, implementation: &Implementation) -> Verification {
        let loaded = self.host.load(component).unwrap();
        let subject = One {
            all: Sandboxed::new(loaded, &law.contract.budget),
            operation: Value::text(implementation.operation()),
        };
        let asked = &law.contract.verify;
        let plan = Plan { cases: asked.cases, seed: Seed::from(SEED), threads: 1 };
        let sealed = Sealed { cases: asked.sealed, seed: Seed::from(SEALED_SEED), tries: 1 };
        let verification = verify(law, &subject, &plan, &|_| ());
        seal(law, &subject, verification, &sealed, plan.threads, &|_| ())
    }
}

/// One operation of a component, whatever operation is called.
struct One {
    all: Sandboxed,
    operation: Value,
}

impl Subject for One {
    fn answer(&self, call: &[u8], mode: Mode) -> Result<Observed, Stopped> {
        let mut call = parse(call).unwrap().as_object().unwrap().clone();
        call.insert("operation", self.operation.clone());
        self.all.answer(&Value::Object(call.into()).canonical(), mode)
    }
}

/// The text of a YAML map without one of its keys and what stands under it.
fn without(text: &str, key: &str) -> String {
    let mut kept = true;
    let lines = text.lines().filter(|line| {
        if !line.starts_with([' ', '#']) && !line.is_empty() {
            kept = line.split(':').next() != Some(key);
        }
        kept
    });
    lines.map(|line| format!("{line}\n")).collect()
}

/// The folders in a folder, by name.
fn folders(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let entries = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let mut found: Vec<_> =
        entries.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path)).collect();
    found.sort();
    found
}
