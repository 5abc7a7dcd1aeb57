//! What the host keeps beside one running instance: its memory account and its log lines.
//!
//! Owns the only import a service has, `log`, and the bound on everything an instance can make the host
//! hold. Never decides what happens with a trap or a line.

use wasmtime::component::{Linker, WasmStr};
use wasmtime::{ResourceLimiter, StoreContextMut};

/// Log lines kept of one call; later ones are dropped unread.
const LINES_MAX: usize = 100;
/// Bytes kept of one log line; the rest is cut.
const LINE_BYTES_MAX: usize = 2_000;
/// Bytes one element of a table is charged.
const TABLE_ELEMENT_BYTES: u64 = 8;
/// Instances, memories and tables that one component may consist of. A TypeScript service needs about ten
/// of the first and more than two of the others.
pub(crate) const INSTANCES_MAX: usize = 40;
pub(crate) const MEMORIES_MAX: usize = 10;
pub(crate) const TABLES_MAX: usize = 10;

/// The instance asked for more memory than the budget holds.
#[derive(Debug, thiserror::Error)]
#[error("the memory budget is exceeded")]
pub(crate) struct Exceeded;

/// The machine could not give memory that the budget allows.
#[derive(Debug, thiserror::Error)]
#[error("the machine refused memory")]
pub(crate) struct Starved;

/// The host's side of one instance.
pub(crate) struct Guest {
    /// Bytes the current call may reach.
    pub(crate) limit: u64,
    /// Bytes in use, over all memories and tables.
    pub(crate) used: u64,
    /// What the current call wrote with `log`.
    pub(crate) lines: Vec<String>,
    /// Whether the growth in progress is one that the guest's own declaration allows.
    allowed: bool,
}

impl Guest {
    pub(crate) fn new(limit: u64) -> Self {
        Self { limit, used: 0, lines: Vec::new(), allowed: true }
    }

    fn grow(&mut self, bytes: u64) -> wasmtime::Result<bool> {
        let used = self.used.saturating_add(bytes);
        // A refused `memory.grow` would let the guest go on with an answer that depends on the budget;
        // ending the call is the only outcome that is the same in every language.
        if used > self.limit {
            return Err(Exceeded.into());
        }
        self.used = used;
        Ok(true)
    }
}

impl ResourceLimiter for Guest {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.allowed = maximum.is_none_or(|maximum| desired <= maximum);
        // Beyond its own declared maximum the guest gets its -1, as everywhere.
        if self.allowed { self.grow(desired.saturating_sub(current) as u64) } else { Ok(false) }
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        // What the budget allows and the machine refuses must not become a -1 that only happens here.
        if self.allowed { Err(Starved.into()) } else { Ok(()) }
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.grow((desired.saturating_sub(current) as u64).saturating_mul(TABLE_ELEMENT_BYTES))
    }

    fn instances(&self) -> usize {
        INSTANCES_MAX
    }

    fn memories(&self) -> usize {
        MEMORIES_MAX
    }

    fn tables(&self) -> usize {
        TABLES_MAX
    }
}

/// Gives every service the one import there is.
pub(crate) fn link(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    linker.root().func_wrap("log", |mut store: StoreContextMut<'_, Guest>, (message,): (WasmStr,)| {
        if store.data().lines.len() >= LINES_MAX {
            return Ok(());
        }
        let text = message.to_str(&store)?;
        let bytes = text.len() as u64;
        let line = cut(&text).to_owned();
        drop(text);
        // Reading the text is work of the host in the guest's name, so it costs fuel, one unit per byte;
        // otherwise logging a huge text in a loop would be a way to run for free.
        let left = store.get_fuel()?;
        if left < bytes {
            return Err(wasmtime::Trap::OutOfFuel.into());
        }
        store.set_fuel(left - bytes)?;
        store.data_mut().lines.push(line);
        Ok(())
    })
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LINE_BYTES_MAX)]
}
