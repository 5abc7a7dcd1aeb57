//! The sandbox: WebAssembly components, budgets and the compiled-code cache.
