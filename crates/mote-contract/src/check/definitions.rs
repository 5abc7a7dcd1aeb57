//! Everything that is defined is used: definition files, their functions, imports of them, `let`s.

use std::sync::Arc;

use super::ContractFile;
use crate::diagnostic::Code;
use crate::read::{Definitions, Sink};

pub(super) fn check(definitions: &Definitions, contracts: &[ContractFile], sink: &Sink) {
    for contract in contracts.iter().filter(|contract| contract.clean) {
        for (name, place) in &contract.said.unused_lets {
            let hint = Some("use it in a rule, or leave it out".to_owned());
            sink.warning(Code::UnusedLet, place.clone(), format!("nothing uses `{name}`"), hint);
        }
    }
    // What cannot be read may be what uses them.
    if sink.has_errors() {
        return;
    }
    let (imported, called) = (definitions.imported.borrow(), definitions.called.borrow());
    for (name, file) in &definitions.files {
        if !imported.iter().any(|import| import.name == *name) {
            let hint = Some(format!("import it where it is needed: `use: [{name}]`"));
            sink.warning(Code::UnusedDefinition, file.place.clone(), format!("nothing uses `{name}`"), hint);
            continue;
        }
        for (function, definition) in &file.functions {
            let calls =
                definition.as_ref().is_some_and(|of| called.iter().any(|other| Arc::ptr_eq(of, other)));
            if !calls {
                let message = format!("nothing calls `{}`", function.name);
                let hint = Some("call it in a rule, or leave it out".to_owned());
                sink.warning(Code::UnusedDefinition, function.place.clone(), message, hint);
            }
        }
    }
    for import in imported.iter().filter(|import| !import.used.get()) {
        let message = format!("nothing here calls a function of `{}`", import.name);
        let hint = Some("leave it out".to_owned());
        sink.warning(Code::UnusedDefinition, import.place.clone(), message, hint);
    }
}
