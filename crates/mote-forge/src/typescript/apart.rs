//! Runs a build on a thread of its own, with an end.
//!
//! Parsers and compilers recurse, so they need a deep stack; the toolchain needs a runtime that must not nest in
//! the caller's; and modules that loop while they are loaded must not hold the caller for ever.

use std::sync::mpsc;
use std::time::Duration;

use super::error::BuildError;

/// How long a build may take. Modules only define things; whoever needs longer is in an endless loop.
const TIME_MAX: Duration = Duration::from_secs(60);

/// Address space for the stack: enough for the deepest nesting that fits into a module's bytes.
const STACK_BYTES: usize = 1 << 30;

/// Runs the build of a service. A build that takes too long is refused; its thread is lost, and ends with
/// the process.
pub(super) fn apart<T: Send + 'static>(
    service: &str,
    work: impl FnOnce() -> Result<T, BuildError> + Send + 'static,
) -> Result<T, BuildError> {
    let (sender, receiver) = mpsc::channel();
    let refuse = |message: String| BuildError::new(service, (0, 0), message);
    std::thread::Builder::new()
        .name("build".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            // Nobody listens any more if it took too long.
            let _ = sender.send(work());
        })
        .map_err(|error| refuse(format!("no thread to build with: {error}")))?;
    receiver.recv_timeout(TIME_MAX).unwrap_or_else(|error| match error {
        mpsc::RecvTimeoutError::Timeout => {
            let error = refuse(format!("its modules did not load within {} s", TIME_MAX.as_secs()));
            Err(error.hint("look for an endless loop outside of the handlers"))
        }
        mpsc::RecvTimeoutError::Disconnected => Err(refuse("the toolchain gave up".to_owned())),
    })
}
