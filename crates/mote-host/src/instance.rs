//! One instance of a component: made, called once or many times, given up.
//!
//! Owns the settings of a store and the idle instances of an artifact. Never shares an instance between two
//! calls at once: an instance is moved out of the idle ones, and moved back only after an answer.

use std::sync::{Mutex, PoisonError};

use wasmtime::Store;
use wasmtime::component::{ComponentExportIndex, InstancePre, TypedFunc};

use crate::artifact::Reply;
use crate::budget::Budget;
use crate::guest::Guest;
use crate::trap::Trap;

/// Units of fuel after which a guest lets other tasks of its worker run: about 0.1 ms.
const YIELD_FUEL: u64 = 1_000_000;
/// Calls after which a reused instance is given up.
const CALLS_MAX: u32 = 1_000;
/// Idle instances kept of one artifact; more are only needed while more calls run at once.
const IDLE_MAX: usize = 64;
/// Bytes of text that may cross the boundary at once, whatever the memory budget says.
const CROSSING_BYTES_MAX: usize = 256 << 20;

/// An instance that can answer.
pub(crate) struct Instance {
    store: Store<Guest>,
    answer: TypedFunc<(String,), (String,)>,
    calls: u32,
}

impl Instance {
    /// Makes an instance. What this uses counts for the first call.
    pub(crate) async fn new(
        pre: &InstancePre<Guest>,
        answer: ComponentExportIndex,
        budget: &Budget,
    ) -> wasmtime::Result<Self> {
        let mut store = Store::new(pre.engine(), Guest::new(budget.memory));
        store.limiter(|guest| guest);
        store.set_fuel(tank(budget))?;
        store.fuel_async_yield_interval(Some(YIELD_FUEL))?;
        store.set_hostcall_fuel(CROSSING_BYTES_MAX);
        let instance = pre.instantiate_async(&mut store).await?;
        let answer = instance.get_typed_func(&mut store, answer)?;
        Ok(Self { store, answer, calls: 0 })
    }

    /// Runs one call. After an error the instance must not be used again.
    pub(crate) async fn call(&mut self, call: &str, budget: &Budget) -> Result<Reply, Trap> {
        let trap = |error: wasmtime::Error| Trap::new(&error, budget);
        if self.calls > 0 {
            self.store.data_mut().limit = budget.memory;
            self.store.set_fuel(tank(budget)).map_err(trap)?;
        }
        self.calls += 1;
        let (answer,) = self.answer.call_async(&mut self.store, (call.to_owned(),)).await.map_err(trap)?;
        let left = self.store.get_fuel().map_err(trap)?;
        if left == 0 {
            return Err(Trap::OutOfFuel { limit: budget.fuel });
        }
        if answer.len() > budget.answer {
            return Err(Trap::AnswerTooLarge { size: answer.len(), limit: budget.answer });
        }
        let guest = self.store.data_mut();
        let (memory, logs) = (guest.used, std::mem::take(&mut guest.lines));
        Ok(Reply { answer, fuel: tank(budget) - left, memory, logs })
    }

    fn is_spent(&self) -> bool {
        self.calls >= CALLS_MAX
    }

    fn memory(&self) -> u64 {
        self.store.data().used
    }
}

/// The fuel to start with: one unit more than the budget, which must still be there at the end.
///
/// The runtime looks at the fuel only where functions and loops begin, so the last stretch of a call can
/// overdraw it; without the spare unit that would look like a call that used exactly its budget.
fn tank(budget: &Budget) -> u64 {
    budget.fuel.saturating_add(1)
}

/// The idle instances of one artifact, the last used on top: its memory is still in the processor's caches.
#[derive(Default)]
pub(crate) struct Idle(Mutex<Vec<Instance>>);

impl Idle {
    /// An idle instance that has not outgrown the budget.
    pub(crate) fn take(&self, budget: &Budget) -> Option<Instance> {
        loop {
            let instance = self.lock().pop()?;
            if instance.memory() <= budget.memory {
                return Some(instance);
            }
        }
    }

    pub(crate) fn put(&self, instance: Instance) {
        if instance.is_spent() {
            return;
        }
        let mut idle = self.lock();
        if idle.len() < IDLE_MAX {
            idle.push(instance);
        }
    }

    pub(crate) fn clear(&self) {
        // Instances are dropped after the lock is free: dropping one unmaps memory.
        let idle = std::mem::take(&mut *self.lock());
        drop(idle);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Instance>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
