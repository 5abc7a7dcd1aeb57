//! The engine: how guests are compiled and where their instances live.
//!
//! Owns every setting of the runtime, with the reason beside it. Never sees a component.

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, WasmFeatures};

use crate::guest::{INSTANCES_MAX, MEMORIES_MAX, TABLES_MAX};

/// Instances of which the pool keeps the place ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Calls that can run at the same time. Each takes address space, not memory.
    pub instances: u32,
}

impl Default for Pool {
    fn default() -> Self {
        Self { instances: 1_000 }
    }
}

/// Why [`Host::new`](crate::Host::new) could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The machine cannot run the compiled code.
    #[error("the sandbox cannot start: {message}")]
    Engine {
        /// What the runtime says.
        message: String,
    },
    /// The folder of the compiled-code cache cannot be made.
    #[error("cannot make the folder `{path}` for compiled code")]
    Cache {
        /// The folder.
        path: std::path::PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// The smallest pool worth having; below it every instance is made on demand.
const POOL_MIN: u32 = 32;
/// Memories, and tables, that the pool provides per instance: what a TypeScript service uses, rounded up.
const MEMORIES_EACH: u32 = 4;
/// Core instances that the pool provides per component instance.
const CORES_EACH: u32 = 12;

/// The engine and how many instances its pool holds; `None` when they are made on demand.
///
/// A container may limit the address space, so a smaller pool is tried before none at all.
pub(crate) fn start(pool: Option<Pool>) -> Result<(Engine, Option<u32>), StartError> {
    let mut instances = pool.map_or(0, |pool| pool.instances);
    while instances >= POOL_MIN.min(pool.map_or(0, |pool| pool.instances)).max(1) {
        let mut config = config();
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pooling(instances)));
        if let Ok(engine) = Engine::new(&config) {
            return Ok((engine, Some(instances)));
        }
        instances /= 2;
    }
    let engine =
        Engine::new(&config()).map_err(|error| StartError::Engine { message: format!("{error:#}") })?;
    Ok((engine, None))
}

fn config() -> Config {
    let mut config = Config::new();
    config.consume_fuel(true);
    // The same input gives the same bits on every machine.
    config.cranelift_nan_canonicalization(true);
    // Only the plain, synchronous part of the component model; it also keeps a store cheap to make.
    config.concurrency_support(false);
    config.wasm_features(
        WasmFeatures::THREADS
            | WasmFeatures::SHARED_EVERYTHING_THREADS
            | WasmFeatures::RELAXED_SIMD
            | WasmFeatures::MEMORY64
            | WasmFeatures::STACK_SWITCHING
            | WasmFeatures::GC
            | WasmFeatures::EXCEPTIONS
            | WasmFeatures::CM_ASYNC,
        false,
    );
    // About 1,700 nested calls of JavaScript; four times that, and the guest's own stack would overflow first,
    // with a message that nobody understands. The difference of the two is the host's.
    config.max_wasm_stack(1 << 20);
    config.async_stack_size(2 << 20);
    // Nobody reads a guest's machine-level backtrace; without its tables, compiled code is smaller.
    config.wasm_backtrace_max_frames(None);
    config.generate_address_map(false);
    config.native_unwind_info(false);
    config
}

/// Measured for tiny and JavaScript guests alike: a fresh TypeScript call went from 219 to 90 us, a tiny one
/// from 16.8 to 4.0 us, and two threads are no longer slower than one.
fn pooling(instances: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.pagemap_scan(Enabled::Auto);
    pool.linear_memory_keep_resident(2 << 20);
    pool.table_keep_resident(1 << 20);
    pool.total_component_instances(instances);
    pool.total_stacks(instances);
    pool.total_core_instances(instances.saturating_mul(CORES_EACH));
    pool.total_memories(instances.saturating_mul(MEMORIES_EACH));
    pool.total_tables(instances.saturating_mul(MEMORIES_EACH));
    pool.max_core_instances_per_component(INSTANCES_MAX as u32);
    pool.max_memories_per_component(MEMORIES_MAX as u32);
    pool.max_tables_per_component(TABLES_MAX as u32);
    // Big enough for any service in practice; a component that needs more is refused when it is loaded.
    pool.max_component_instance_size(4 << 20);
    pool.max_core_instance_size(4 << 20);
    pool
}
