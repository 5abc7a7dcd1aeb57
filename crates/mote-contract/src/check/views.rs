//! Every view is read by some contract, or nobody ever sees its rows.

use super::{ContractFile, ReadViews};
use crate::diagnostic::Code;
use crate::read::Sink;

pub(super) fn check(views: &ReadViews, contracts: &[ContractFile], sink: &Sink) {
    // A contract that cannot be read may be the one that reads it.
    if contracts.iter().any(|contract| contract.law.is_none()) {
        return;
    }
    let read = |name: &String| {
        let laws = contracts.iter().filter_map(|contract| contract.law.as_ref());
        laws.filter_map(|law| law.reads.as_ref()).any(|reads| reads.view.name == *name)
    };
    for (name, view) in views.good.iter().filter(|(name, _)| !read(name)) {
        let hint = Some(format!("read it in a contract: `reads: {{view: {name}}}`"));
        sink.warning(Code::UnusedView, view.place.clone(), format!("no contract reads `{name}`"), hint);
    }
}
