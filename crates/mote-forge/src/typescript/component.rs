//! Freezes the linked text into a component: loads it in a QuickJS that runs as WebAssembly, and keeps that
//! engine's memory as the component's initial memory.
//!
//! Owns the toolchain and its errors. Never looks into the text.

use componentize_qjs::{ComponentizeOpts, Runtime, componentize};
use serde_json::Value;

use super::error::BuildError;
use super::link::Linked;
use super::world;

const WORLD: &str = include_str!("../../../../wit/nanoservice.wit");

/// What else a component depends on. The last entry is raised when stripping or linking changes its output.
pub(super) const TOOLCHAIN: [&str; 4] = ["componentize-qjs 0.4.5, sync", "oxc 0.146", WORLD, "linker 1"];

/// Makes the component of a service.
pub(super) fn component(service: &str, linked: &Linked) -> Result<Vec<u8>, BuildError> {
    freeze(&linked.text).map_err(|message| explain(service, linked, &message))
}

fn freeze(text: &str) -> Result<Vec<u8>, String> {
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let world = folder.path().join("nanoservice.wit");
    std::fs::write(&world, WORLD).map_err(|error| format!("cannot write a temporary file: {error}"))?;
    let options = ComponentizeOpts {
        wit_path: &world,
        js_source: text,
        js_path: None,
        module_root: None,
        world_name: None,
        stub_wasi: true,
        disable_gc: false,
        runtime: Runtime::DefaultSync,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|error| format!("no runtime for the toolchain: {error}"))?;
    let component = runtime.block_on(componentize(&options)).map_err(|error| format!("{error:#}"))?;
    Ok(world::close(&component))
}

/// Finds the author's line in what the toolchain says.
fn explain(service: &str, linked: &Linked, message: &str) -> BuildError {
    if let Some(report) = report(message) {
        let file = report["file"].as_str().unwrap_or(service);
        let line = report["line"].as_u64().and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
        let text = report["message"].as_str().unwrap_or("its modules cannot be loaded");
        let error = BuildError::new(file, (line, 0), text);
        let loading =
            "this code runs once, when the service is built; move what belongs to a call into the handler";
        return if line > 0 { error.hint(loading) } else { error };
    }
    if let Some((_, trap)) = message.rsplit_once("wasm trap: ") {
        let error =
            BuildError::new(service, (0, 0), format!("its modules cannot be loaded: {}", trap.trim()));
        return error.hint("look for deep nesting, endless recursion or huge tables outside of the handlers");
    }
    let text = message.lines().find(|line| line.contains("Error:")).unwrap_or(message).trim();
    let text = text.rsplit_once("module: ").map_or(text, |(_, text)| text);
    match place(message).and_then(|(line, column)| linked.find(line, column)) {
        Some((file, place)) => BuildError::new(file, place, text),
        None => BuildError::new(service, (0, 0), format!("its modules cannot be loaded: {text}")),
    }
}

/// What the adapter reports, between two control characters that no message contains.
fn report(message: &str) -> Option<Value> {
    let (_, rest) = message.split_once('\u{2}')?;
    let (report, _) = rest.split_once('\u{3}')?;
    serde_json::from_str(report).ok()
}

/// The first line and column of the linked text that is named.
fn place(message: &str) -> Option<(usize, u32)> {
    let (_, rest) = message.split_once("user.js:")?;
    let mut numbers = rest.split(|it: char| !it.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next().and_then(|it| it.parse().ok()).unwrap_or(1)))
}
