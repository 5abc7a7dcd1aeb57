//! A component and the large core modules inside of it, told apart.
//!
//! Services in one language carry the same engine, bit for bit: a module of a megabyte beside a small one that
//! holds what is their own. Owns finding such modules, and the component that imports them instead. Never
//! compiles, and never decides whether a component may run: what is made here is checked like any other.

use wasm_encoder::{
    Alias, Component, ComponentAliasSection, ComponentImportSection, ComponentOuterAliasKind,
    ComponentTypeRef, CoreTypeSection, EntityType, GlobalType, MemoryType, ModuleType, RawSection, RefType,
    TableType, ValType,
};
use wasmtime::{ExternType, HeapType, Module, Mutability};

/// From how many bytes of code on a module is worth a compilation of its own.
const LARGE_BYTES: usize = 64 << 10;
/// The most modules that are told apart; a component with more is compiled whole.
const MODULES_MAX: usize = 8;
/// How deep components may nest to be looked into.
const DEPTH_MAX: u32 = 16;

/// What a component begins with, and what a module does.
const COMPONENT_HEAD: &[u8] = b"\0asm\x0d\0\x01\0";
const MODULE_HEAD: &[u8] = b"\0asm\x01\0\0\0";

/// The sections that matter here, by their identifiers.
const CORE_MODULE: u8 = 1;
const CORE_INSTANCE: u8 = 2;
const CORE_TYPE: u8 = 3;
const COMPONENT: u8 = 4;
const ALIAS: u8 = 6;
/// The section of a module that holds its code.
const CODE: u8 = 10;

/// A component with large modules in it.
pub(crate) struct Parts<'c> {
    component: &'c [u8],
    modules: Vec<&'c [u8]>,
}

/// The name of the import that stands for the module with this number. A component that imports this name
/// itself is no component any more with the import before it.
pub(crate) fn name(index: usize) -> String {
    format!("shared{index}")
}

impl<'c> Parts<'c> {
    /// The parts of a component. None if it is not worth it, or not safe to tell them apart.
    pub(crate) fn of(component: &'c [u8]) -> Option<Parts<'c>> {
        let mut modules = Vec::new();
        let root = sections(component, COMPONENT_HEAD)?;
        // Imports before everything else move the numbers of modules and core types: there must be none.
        let apart = root.iter().all(|(id, body)| match *id {
            CORE_MODULE | CORE_INSTANCE | CORE_TYPE => false,
            ALIAS => aliases_nothing_core(body) == Some(true),
            _ => true,
        });
        find(component, 0, &mut modules)?;
        (apart && (1..=MODULES_MAX).contains(&modules.len())).then_some(Parts { component, modules })
    }

    /// The large modules, in the order of their imports.
    pub(crate) fn modules(&self) -> &[&'c [u8]] {
        &self.modules
    }

    /// The component that imports its large modules, of which `compiled` are the types. None for types that
    /// cannot be written here.
    pub(crate) fn rest<'m>(&self, compiled: impl IntoIterator<Item = &'m Module>) -> Option<Vec<u8>> {
        let mut whole = Component::new();
        let (mut types, mut imports) = (CoreTypeSection::new(), ComponentImportSection::new());
        for (index, module) in compiled.into_iter().enumerate() {
            types.ty().module(&module_type(module)?);
            imports.import(name(index), ComponentTypeRef::Module(u32::try_from(index).ok()?));
        }
        whole.section(&types).section(&imports);
        without(self.component, 0, &mut 0, &mut whole)?;
        Some(whole.finish())
    }
}

fn find<'c>(component: &'c [u8], depth: u32, found: &mut Vec<&'c [u8]>) -> Option<()> {
    for (id, body) in sections(component, COMPONENT_HEAD)? {
        match id {
            CORE_MODULE if is_large(depth, body) => found.push(body),
            COMPONENT if depth < DEPTH_MAX => find(body, depth + 1, found)?,
            _ => {}
        }
    }
    Some(())
}

/// Whether a module is worth it. One that holds data alone is a service's own.
fn is_large(depth: u32, module: &[u8]) -> bool {
    let is_large = |(id, body): &(u8, &[u8])| *id == CODE && body.len() >= LARGE_BYTES;
    depth > 0 && sections(module, MODULE_HEAD).is_some_and(|sections| sections.iter().any(is_large))
}

/// Writes a component into `out`, large modules replaced by those of the outermost component, which keeps all
/// numbers as they are: an alias takes the number that its module had.
fn without(component: &[u8], depth: u32, next: &mut u32, out: &mut Component) -> Option<()> {
    for (id, body) in sections(component, COMPONENT_HEAD)? {
        match id {
            CORE_MODULE if is_large(depth, body) => {
                let kind = ComponentOuterAliasKind::CoreModule;
                let mut aliases = ComponentAliasSection::new();
                aliases.alias(Alias::Outer { kind, count: depth, index: *next });
                *next += 1;
                out.section(&aliases);
            }
            COMPONENT if depth < DEPTH_MAX => {
                let mut inner = Component::new();
                without(body, depth + 1, next, &mut inner)?;
                out.section(&RawSection { id, data: &inner.finish() });
            }
            _ => {
                out.section(&RawSection { id, data: body });
            }
        }
    }
    Some(())
}

/// The sections of what begins with `head`: identifier and contents. None if the bytes are something else.
fn sections<'b>(bytes: &'b [u8], head: &[u8]) -> Option<Vec<(u8, &'b [u8])>> {
    let mut rest = bytes.strip_prefix(head)?;
    let mut sections = Vec::new();
    while let Some((id, after)) = rest.split_first() {
        let (length, after) = number(after)?;
        let (body, after) = after.split_at_checked(length)?;
        sections.push((*id, body));
        rest = after;
    }
    Some(sections)
}

/// Whether all aliases of a section are of components' own things. None if it cannot be read.
fn aliases_nothing_core(section: &[u8]) -> Option<bool> {
    let (count, mut rest) = number(section)?;
    for _ in 0..count {
        let (sort, after) = rest.split_first()?;
        if *sort == 0 {
            return Some(false);
        }
        let (target, after) = after.split_first()?;
        let (_, after) = number(after)?;
        rest = match target {
            // The export of an instance, by its name.
            0 => {
                let (length, after) = number(after)?;
                after.get(length..)?
            }
            // A thing of an outer component, by its number.
            2 => number(after)?.1,
            _ => return None,
        };
    }
    Some(true)
}

/// An unsigned LEB128 number of at most 32 bits, and what follows it.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut number = 0_u64;
    for (at, byte) in bytes.iter().enumerate().take(5) {
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            let number = u32::try_from(number).ok()?;
            return Some((usize::try_from(number).ok()?, &bytes[at + 1..]));
        }
    }
    None
}

fn module_type(module: &Module) -> Option<ModuleType> {
    let mut ty = ModuleType::new();
    for import in module.imports() {
        let entity = entity(&mut ty, &import.ty())?;
        ty.import(import.module(), import.name(), entity);
    }
    for export in module.exports() {
        let entity = entity(&mut ty, &export.ty())?;
        ty.export(export.name(), entity);
    }
    Some(ty)
}

fn entity(module: &mut ModuleType, ty: &ExternType) -> Option<EntityType> {
    Some(match ty {
        ExternType::Func(ty) => {
            let params = ty.params().map(|ty| value(&ty)).collect::<Option<Vec<_>>>()?;
            let results = ty.results().map(|ty| value(&ty)).collect::<Option<Vec<_>>>()?;
            let index = module.type_count();
            module.ty().function(params, results);
            EntityType::Function(index)
        }
        ExternType::Global(ty) => EntityType::Global(GlobalType {
            val_type: value(ty.content())?,
            mutable: ty.mutability() == Mutability::Var,
            shared: false,
        }),
        ExternType::Table(ty) => EntityType::Table(TableType {
            element_type: reference(ty.element())?,
            table64: ty.is_64(),
            minimum: ty.minimum(),
            maximum: ty.maximum(),
            shared: false,
        }),
        ExternType::Memory(ty) => EntityType::Memory(MemoryType {
            minimum: ty.minimum(),
            maximum: ty.maximum(),
            memory64: ty.is_64(),
            shared: ty.is_shared(),
            page_size_log2: (ty.page_size_log2() != 16).then(|| u32::from(ty.page_size_log2())),
        }),
        ExternType::Tag(_) => return None,
    })
}

fn value(ty: &wasmtime::ValType) -> Option<ValType> {
    Some(match ty {
        wasmtime::ValType::I32 => ValType::I32,
        wasmtime::ValType::I64 => ValType::I64,
        wasmtime::ValType::F32 => ValType::F32,
        wasmtime::ValType::F64 => ValType::F64,
        wasmtime::ValType::V128 => ValType::V128,
        wasmtime::ValType::Ref(ty) => ValType::Ref(reference(ty)?),
    })
}

fn reference(ty: &wasmtime::RefType) -> Option<RefType> {
    match ty.heap_type() {
        HeapType::Func if ty.is_nullable() => Some(RefType::FUNCREF),
        HeapType::Extern if ty.is_nullable() => Some(RefType::EXTERNREF),
        _ => None,
    }
}
