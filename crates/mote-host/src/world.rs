//! The check that a component is exactly the world of `wit/nanoservice.wit`.
//!
//! This is where "code is pure" is enforced: what a component does not import, it cannot reach.

use wasmtime::Engine;
use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{Component, ComponentExportIndex, Type};

use crate::loaded::LoadError;
use crate::parts;

const IMPORT: &str = "log";
const EXPORT: &str = "answer";

/// The export to call, if imports and exports are exactly those of the world: besides the `shared` modules of
/// its own that were told apart from it.
pub(crate) fn check(
    engine: &Engine,
    component: &Component,
    shared: usize,
) -> Result<ComponentExportIndex, LoadError> {
    let world = component.component_type();
    for (name, import) in world.imports(engine) {
        if matches!(import.ty, ComponentItem::Module(_)) && (0..shared).any(|at| parts::name(at) == name) {
            continue;
        }
        let fits = matches!(&import.ty, ComponentItem::ComponentFunc(log)
            if name == IMPORT && is_text(log.params().map(|(_, ty)| ty)) && log.results().len() == 0);
        if !fits {
            return Err(LoadError::ForbiddenImport { name: name.to_owned() });
        }
    }
    for (name, export) in world.exports(engine) {
        match &export.ty {
            ComponentItem::ComponentFunc(answer) if name == EXPORT => check_answer(answer)?,
            _ => return Err(LoadError::UnknownExport { name: name.to_owned() }),
        }
    }
    component.get_export_index(None, EXPORT).ok_or(LoadError::MissingAnswer)
}

fn check_answer(answer: &ComponentFunc) -> Result<(), LoadError> {
    let fits = is_text(answer.params().map(|(_, ty)| ty)) && is_text(answer.results());
    if fits { Ok(()) } else { Err(LoadError::WrongAnswer) }
}

fn is_text(mut types: impl ExactSizeIterator<Item = Type>) -> bool {
    types.len() == 1 && matches!(types.next(), Some(Type::String))
}
