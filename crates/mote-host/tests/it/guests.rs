//! Small components, each made of one core module with the canonical ABI written out.

/// A component of the world whose `answer` is this body, with `$ptr` and `$len` of the call.
///
/// Available to the body: `$reply` (pointer, length to the result), `$log`, the global `$calls` and 1 KiB
/// of free memory at 0.
pub(crate) fn guest(body: &str) -> Vec<u8> {
    component(&core(body))
}

fn core(body: &str) -> String {
    format!(
        r#"
        (import "env" "log" (func $log (param i32 i32)))
        (memory (export "memory") 1)
        (global $next (mut i32) (i32.const 2048))
        (global $calls (mut i32) (i32.const 0))
        (func (export "realloc") (param i32 i32 i32 i32) (result i32)
          (local $at i32)
          (local.set $at (global.get $next))
          (global.set $next (i32.add (global.get $next) (local.get 3)))
          (local.get $at))
        (func $reply (param $ptr i32) (param $len i32) (result i32)
          (i32.store (i32.const 1024) (local.get $ptr))
          (i32.store (i32.const 1028) (local.get $len))
          (global.set $next (i32.const 2048))
          (i32.const 1024))
        (func $answer (export "answer") (param $ptr i32) (param $len i32) (result i32)
          {body})"#
    )
}

fn component(core: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
          (import "log" (func $log (param "message" string)))
          (core module $indirect
            (type $line (func (param i32 i32)))
            (table (export "table") 1 1 funcref)
            (func (export "log") (param i32 i32)
              (call_indirect (type $line) (local.get 0) (local.get 1) (i32.const 0))))
          (core instance $indirect (instantiate $indirect))
          (core module $core {core})
          (core instance $env (export "log" (func $indirect "log")))
          (core instance $it (instantiate $core (with "env" (instance $env))))
          (core func $real (canon lower (func $log) (memory (core memory $it "memory"))))
          (core module $fill
            (import "env" "table" (table 1 1 funcref))
            (import "env" "log" (func $log (param i32 i32)))
            (elem (i32.const 0) func $log))
          (core instance $parts
            (export "table" (table $indirect "table")) (export "log" (func $real)))
          (core instance (instantiate $fill (with "env" (instance $parts))))
          (func $answer (param "call" string) (result string)
            (canon lift (core func $it "answer") (memory (core memory $it "memory")) (realloc (core func $it "realloc"))))
          (export "answer" (func $answer)))"#
    );
    text.into_bytes()
}

/// Answers with the call.
pub(crate) fn echo() -> Vec<u8> {
    guest("(call $reply (local.get $ptr) (local.get $len))")
}

/// Answers with how often this instance was called, as one digit.
pub(crate) fn counter() -> Vec<u8> {
    guest(
        "(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
         (i32.store8 (i32.const 0) (i32.add (i32.const 48) (i32.rem_u (global.get $calls) (i32.const 10))))
         (if (i32.eq (local.get $len) (i32.const 4)) (then unreachable))
         (call $reply (i32.const 0) (i32.const 1))",
    )
}

/// Never ends.
pub(crate) fn endless() -> Vec<u8> {
    guest("(loop $again (br $again)) unreachable")
}
