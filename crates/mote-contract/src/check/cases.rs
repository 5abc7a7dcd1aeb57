//! The cases that lie beside the contracts: which file is a case of which contract. A file that is a case
//! of none would be accepted and never tried.

use std::collections::BTreeMap;

use mote_expr::{Value, suggest};

use super::ContractFile;
use crate::contract::{CaseKind, Cases};
use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::read::{Sink, is_name, not_a_name, read_case, read_tree, stem};

/// The folders of cases.
pub(super) const FOLDERS: [CaseKind; 2] = [CaseKind::Test, CaseKind::Regression];

/// Read all cases, each into the law of its contract.
pub(super) fn read(contracts: &mut [ContractFile], files: &Files, sink: &Sink) {
    let known: Vec<String> = contracts.iter().map(|contract| name_of(contract, files).to_owned()).collect();
    let mut of: BTreeMap<String, Vec<(CaseKind, FileId)>> = BTreeMap::new();
    for kind in FOLDERS {
        for file in files.ids() {
            match folder(files.path(file), kind) {
                Some(contract) if known.iter().any(|name| name == contract) => {
                    of.entry(contract.to_owned()).or_default().push((kind, file));
                }
                Some(contract) => unknown(kind, file, contract, &known, files, sink),
                None => {}
            }
        }
    }
    for (contract, name) in contracts.iter_mut().zip(&known) {
        // Without its law nothing can be said of a case.
        if let (Some(of_it), Some(law)) = (of.get(name), &mut contract.law) {
            law.cases = cases(of_it, law, files, sink);
        }
    }
}

/// `tests/place-order/big.yaml` is a case of `place-order`.
fn folder(path: &str, kind: CaseKind) -> Option<&str> {
    let inner = path.strip_prefix(kind.plural())?.strip_prefix('/')?;
    let (contract, file) = inner.split_once('/')?;
    (!file.contains('/') && (file.ends_with(".yaml") || file.ends_with(".json"))).then_some(contract)
}

/// The name of a contract, by its file where it says none.
fn name_of<'c>(contract: &'c ContractFile, files: &'c Files) -> &'c str {
    if contract.said.name.is_empty() { stem(files.path(contract.file)) } else { &contract.said.name }
}

fn unknown(kind: CaseKind, file: FileId, contract: &str, known: &[String], files: &Files, sink: &Sink) {
    let path = files.path(file);
    let name = path.rsplit('/').next().unwrap_or(path);
    let message = format!("there is no contract `{contract}`, whose {} this would be", kind.word());
    let hint = match suggest(contract, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`? Move it to `{}/{near}/{name}`", kind.plural()),
        None => format!("write `contracts/{contract}.yaml`, or delete the file"),
    };
    sink.error(Code::UnknownName, Place { file, span: 0..0 }, message, Some(hint));
}

fn cases(of_it: &[(CaseKind, FileId)], law: &crate::Law, files: &Files, sink: &Sink) -> Cases {
    let mut cases = Cases::default();
    let mut values = Vec::with_capacity(of_it.len());
    let mut named: BTreeMap<(CaseKind, &str), FileId> = BTreeMap::new();
    for (kind, file) in of_it {
        let (path, place) = (files.path(*file), Place { file: *file, span: 0..0 });
        let name = stem(path);
        if !is_name(name) {
            let (message, hint) = not_a_name(name, |name| format!("{name}.yaml"));
            sink.error(Code::BadName, place.clone(), message, Some(hint));
        }
        if let Some(first) = named.insert((*kind, name), *file) {
            let message = format!("the {} `{name}` is also in `{}`", kind.word(), files.path(first));
            let hint = Some("rename one of the files: a case is known by its name".to_owned());
            sink.error(Code::DuplicateName, place, message, hint);
        }
        let Some(tree) = read_tree(files, *file, sink) else { continue };
        values.push((format!("{}/{name}", kind.plural()), tree.value()));
        let Some(test) = read_case(*kind, &tree, *file, law, files, sink) else { continue };
        match kind {
            CaseKind::Regression => cases.regressions.push(test.case),
            CaseKind::Test | CaseKind::Example => cases.tests.push(test),
        }
    }
    cases.digest = (!values.is_empty()).then(|| Value::object(values).digest());
    cases
}
