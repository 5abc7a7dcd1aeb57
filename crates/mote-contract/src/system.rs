//! A whole system, checked: what serves is made from this and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::aggregate::Aggregate;
use crate::law::Law;
use crate::view::View;
use crate::workflow::Workflow;

/// What `mote.yaml` says.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The system's name.
    pub name: String,
    /// Who answers for it, where a contract does not say.
    pub owner: String,
    /// Where publishers publish to, by name.
    pub sinks: BTreeMap<String, SinkKind>,
    /// How much is recorded while it is up.
    pub recordings: RecordingSettings,
}

/// How many calls are recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecordingSettings {
    /// What they take on the disk at most, in bytes. Nothing is recorded where it is 0.
    pub bytes: u64,
    /// The share of calls that is recorded besides breaches and the first of each kind, from 0 to 1.
    pub sample: f64,
}

impl Default for RecordingSettings {
    fn default() -> RecordingSettings {
        RecordingSettings { bytes: 64 << 20, sample: 0.01 }
    }
}

/// What a sink is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SinkKind {
    /// A stream of the system's own log.
    Log,
}

impl SinkKind {
    /// All kinds of sinks, with their names in a file.
    pub const ALL: [(&'static str, SinkKind); 1] = [("log", SinkKind::Log)];

    /// The kind's name in a file.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// A system without errors.
#[derive(Clone, Debug)]
pub struct System {
    /// What `mote.yaml` says.
    pub manifest: Manifest,
    /// The aggregates, by name.
    pub aggregates: BTreeMap<String, Arc<Aggregate>>,
    /// The views, by name.
    pub views: BTreeMap<String, Arc<View>>,
    /// The law of each contract, by name.
    pub laws: BTreeMap<String, Arc<Law>>,
    /// The workflows, by name.
    pub workflows: BTreeMap<String, Arc<Workflow>>,
}

impl System {
    /// The contracts whose rules answer, without a service.
    pub fn derived(&self) -> impl Iterator<Item = &Arc<Law>> {
        self.laws.values().filter(|law| law.is_derived())
    }

    /// The services and the contracts that each implements, both in the order of their names.
    pub fn services(&self) -> BTreeMap<&str, Vec<&Arc<Law>>> {
        let mut services: BTreeMap<&str, Vec<&Arc<Law>>> = BTreeMap::new();
        for law in self.laws.values().filter(|law| !law.is_derived()) {
            services.entry(&law.contract.service).or_default().push(law);
        }
        services
    }
}
