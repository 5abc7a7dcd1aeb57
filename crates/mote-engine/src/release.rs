//! What serves: a law with the code that was verified against it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mote_contract::{Law, View};
use mote_expr::Digest;

use crate::deliveries::Publisher;
use crate::follower::view_id;

/// A release by name: which operation, and exactly which contract and code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReleaseName {
    /// The operation.
    pub operation: String,
    /// The hash of the contract's closure and the artifact.
    pub digest: Digest,
}

/// A law and the code that answers under it. What `C` is decides who may serve: the server's `C` can
/// only be made by verification.
#[derive(Debug)]
pub struct Release<C> {
    /// Its name.
    pub name: ReleaseName,
    /// The judge.
    pub law: Arc<Law>,
    /// The code.
    pub code: C,
    /// The hash of the artifact.
    pub artifact: Digest,
}

impl<C> Release<C> {
    /// The release of `law` with `code`, whose artifact has the hash `artifact`.
    pub fn new(law: Arc<Law>, code: C, artifact: Digest) -> Release<C> {
        let digest = Digest::of(format!("{} {artifact}", law.digest).as_bytes());
        let name = ReleaseName { operation: law.contract.name.clone(), digest };
        Release { name, law, code, artifact }
    }
}

/// What serves at one moment. Changed as a whole, never in place.
#[derive(Debug)]
pub struct Table<C> {
    releases: BTreeMap<String, Arc<Release<C>>>,
}

impl<C> Table<C> {
    /// The table of `releases`, one for each operation.
    pub fn new(releases: impl IntoIterator<Item = Arc<Release<C>>>) -> Table<C> {
        let named = releases.into_iter().map(|release| (release.name.operation.clone(), release));
        Table { releases: named.collect() }
    }

    /// The release that serves `operation`.
    pub fn serving(&self, operation: &str) -> Option<&Arc<Release<C>>> {
        self.releases.get(operation)
    }

    /// The views that its releases read, each once: what must be kept for them.
    pub fn views(&self) -> Vec<Arc<View>> {
        let read = self.releases.values().filter_map(|release| release.law.reads.as_ref());
        let mut views: BTreeMap<_, Arc<View>> = BTreeMap::new();
        views.extend(read.map(|reads| (view_id(&reads.view), reads.view.clone())));
        views.into_values().collect()
    }

    /// The folds of the aggregates that its releases touch: whose snapshots are of use.
    pub fn folds(&self) -> BTreeSet<Digest> {
        self.releases.values().filter_map(|release| Some(release.law.aggregate.as_ref()?.digest)).collect()
    }

    /// The publishers among its releases.
    pub fn publishers(&self) -> Vec<Publisher> {
        self.releases.values().filter_map(|release| Publisher::of(release)).collect()
    }

    /// All that serves, in the order of names.
    pub fn releases(&self) -> impl Iterator<Item = &Arc<Release<C>>> {
        self.releases.values()
    }
}

impl<C> Default for Table<C> {
    fn default() -> Table<C> {
        Table { releases: BTreeMap::new() }
    }
}

impl<C> Clone for Table<C> {
    fn clone(&self) -> Table<C> {
        Table { releases: self.releases.clone() }
    }
}
