//! Closes a component, so that it shows exactly the world of `wit/nanoservice.wit`.
//!
//! The toolchain leaves the export behind with which it loaded the modules. Around the component goes another
//! one that imports `log`, instantiates it, and exports `answer` alone.

use wasm_encoder::{
    ComponentBuilder, ComponentExportKind, ComponentTypeRef, ComponentValType, PrimitiveValType,
};

const TEXT: ComponentValType = ComponentValType::Primitive(PrimitiveValType::String);

/// The component, with nothing to see but `log` and `answer`.
pub(super) fn close(component: &[u8]) -> Vec<u8> {
    let mut outer = ComponentBuilder::default();
    let (ty, mut encoder) = outer.type_function(None);
    encoder.params([("message", TEXT)]).result(None);
    let log = outer.import("log", ComponentTypeRef::Func(ty));
    let inner = outer.component_raw(None, component);
    let instance = outer.instantiate(None, inner, [("log", ComponentExportKind::Func, log)]);
    let answer = outer.alias_export(instance, "answer", ComponentExportKind::Func);
    outer.export("answer", ComponentExportKind::Func, answer, None);
    outer.finish()
}
