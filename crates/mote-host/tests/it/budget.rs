//! What a guest may use: fuel, memory, stack, the size of its answer, log lines.

use mote_host::{Budget, Isolation, Trap};

use crate::guests::{echo, endless, guest};
use crate::{block_on, call, call_within, host};

#[track_caller]
fn check(body: &str, expected: Result<&str, Trap>) {
    let artifact = host().load(&guest(body)).unwrap();
    for isolation in [Isolation::Fresh, Isolation::Reused] {
        let reply = call(&artifact, "hello", isolation).map(|reply| reply.answer);
        assert_eq!(reply.as_deref().map_err(Clone::clone), expected, "{isolation:?}");
    }
}

#[test]
fn echoes() {
    check("(call $reply (local.get $ptr) (local.get $len))", Ok("hello"));
}

#[test]
fn endless_loop() {
    check("(loop $again (br $again)) unreachable", Err(Trap::OutOfFuel { limit: 50_000_000 }));
}

#[test]
fn memory_bomb() {
    check(
        "(loop $again (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable",
        Err(Trap::OutOfMemory { limit: 16 << 20 }),
    );
}

#[test]
fn endless_recursion() {
    check("(call $answer (local.get $ptr) (local.get $len))", Err(Trap::StackExhausted));
}

#[test]
fn abort() {
    check("unreachable", Err(Trap::Unreachable));
}

#[test]
fn division_by_zero() {
    check(
        "(i32.div_u (i32.const 1) (i32.const 0))",
        Err(Trap::Other { message: "integer divide by zero".to_owned() }),
    );
}

#[test]
fn answer_beyond_memory() {
    check(
        "(call $reply (i32.const 0) (i32.const -1))",
        Err(Trap::Other { message: "string pointer/length out of bounds of memory".to_owned() }),
    );
}

#[test]
fn too_large_an_answer() {
    let artifact = host().load(&echo()).unwrap();
    let budget = Budget { answer: 4, ..Budget::default() };
    let reply = call_within(&artifact, "hello", &budget, Isolation::Fresh);
    assert_eq!(reply, Err(Trap::AnswerTooLarge { size: 5, limit: 4 }));
}

#[test]
fn initial_memory_counts() {
    let artifact = host().load(&echo()).unwrap();
    let budget = Budget { memory: 60_000, ..Budget::default() };
    let reply = call_within(&artifact, "hello", &budget, Isolation::Fresh);
    assert_eq!(reply, Err(Trap::OutOfMemory { limit: 60_000 }));
}

#[test]
fn fuel_is_exact_on_fresh_instances() {
    let artifact = host().load(&echo()).unwrap();
    let used = call(&artifact, "hello", Isolation::Fresh).unwrap().fuel;
    assert!(used > 0);
    for (fuel, enough) in [(used, true), (used - 1, false)] {
        let budget = Budget { fuel, ..Budget::default() };
        let reply = call_within(&artifact, "hello", &budget, Isolation::Fresh);
        assert_eq!(reply.is_ok(), enough, "{fuel} of {used}: {reply:?}");
    }
}

#[test]
fn log_lines_are_bounded() {
    let body = "(local $left i32)
        (local.set $left (i32.const 150))
        (loop $again
          (call $log (i32.const 0) (i32.const 3000))
          (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
        (call $reply (i32.const 0) (i32.const 0))";
    let artifact = host().load(&guest(body)).unwrap();
    let reply = call(&artifact, "", Isolation::Fresh).unwrap();
    assert_eq!(reply.logs.len(), 100);
    assert!(reply.logs.iter().all(|line| line.len() == 2_000));
    assert!(reply.fuel > 300_000, "reading the lines costs fuel");
}

#[test]
fn a_long_call_gives_way_and_can_be_dropped() {
    let artifact = host().load(&endless()).unwrap();
    let budget = Budget { fuel: u64::MAX, ..Budget::default() };
    for isolation in [Isolation::Fresh, Isolation::Reused] {
        let mut call = Box::pin(artifact.call("", &budget, isolation));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        for _ in 0..3 {
            assert!(call.as_mut().poll(&mut context).is_pending());
        }
        drop(call);
    }
}

#[test]
fn a_full_pool_is_not_the_fault_of_the_code() {
    let artifact = host().load(&endless()).unwrap();
    let budget = Budget { fuel: u64::MAX, ..Budget::default() };
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let running: Vec<_> = (0..4)
        .map(|_| {
            let mut call = Box::pin(artifact.call("", &budget, Isolation::Fresh));
            assert!(call.as_mut().poll(&mut context).is_pending());
            call
        })
        .collect();
    let refused = block_on(artifact.call("", &budget, Isolation::Fresh)).unwrap_err();
    assert!(refused.is_unavailable(), "{refused:?}");
    drop(running);
    let budget = Budget::default();
    let ended = block_on(artifact.call("", &budget, Isolation::Fresh)).unwrap_err();
    assert_eq!(ended, Trap::OutOfFuel { limit: budget.fuel });
}
