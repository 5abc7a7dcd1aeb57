//! Turns on streams: in order, and nobody is left behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt;
use mote_engine::Lanes;
use mote_log::conformance::block_on;

use crate::bench::stream;

#[test]
fn turns_come_in_the_order_of_arrival() {
    let (lanes, book) = (Lanes::new(), stream("lobby"));
    let first = block_on(lanes.enter(&book));
    let mut waiting: Vec<_> = (0..5).map(|_| Box::pin(lanes.enter(&book))).collect();
    assert!(waiting.iter_mut().all(|turn| turn.now_or_never().is_none()));
    drop(first);
    while !waiting.is_empty() {
        assert!(waiting.iter_mut().skip(1).all(|turn| turn.now_or_never().is_none()));
        let turn = waiting.remove(0).now_or_never().expect("the first in line has its turn");
        assert!(lanes.enter(&book).now_or_never().is_none(), "nobody comes before who waits");
        drop(turn);
    }
    assert!(lanes.is_empty());
}

#[test]
fn who_gives_up_is_passed_over() {
    let (lanes, book) = (Lanes::new(), stream("lobby"));
    let first = block_on(lanes.enter(&book));
    let mut gone = Box::pin(lanes.enter(&book));
    let mut next = Box::pin(lanes.enter(&book));
    assert!((&mut gone).now_or_never().is_none());
    assert!((&mut next).now_or_never().is_none());
    drop(gone);
    drop(first);
    assert!(next.now_or_never().is_some());
    assert!(lanes.is_empty());
}

#[test]
fn a_turn_given_to_somebody_who_is_gone_goes_on() {
    let (lanes, book) = (Lanes::new(), stream("lobby"));
    let first = block_on(lanes.enter(&book));
    let mut gone = Box::pin(lanes.enter(&book));
    let mut next = Box::pin(lanes.enter(&book));
    assert!((&mut gone).now_or_never().is_none());
    assert!((&mut next).now_or_never().is_none());
    drop(first);
    // The turn has been handed over, but not been taken yet.
    drop(gone);
    assert!(next.now_or_never().is_some());
    assert!(lanes.is_empty());
}

#[test]
fn streams_do_not_wait_for_each_other() {
    let lanes = Lanes::new();
    let _lobby = block_on(lanes.enter(&stream("lobby")));
    let _attic = lanes.enter(&stream("attic")).now_or_never().expect("another stream is free");
    assert_eq!(lanes.len(), 2);
}

#[test]
fn threads_take_turns_and_leave_nothing() {
    let (lanes, inside) = (Arc::new(Lanes::new()), Arc::new(AtomicUsize::new(0)));
    let threads = (0..4).map(|thread| {
        let (lanes, inside) = (lanes.clone(), inside.clone());
        std::thread::spawn(move || {
            for round in 0..2_000 {
                let book = stream("lobby");
                if round % 3 == thread % 3 {
                    // Give up as soon as it would mean waiting.
                    drop(lanes.enter(&book).now_or_never());
                    continue;
                }
                let turn = block_on(lanes.enter(&book));
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "one at a time");
                inside.fetch_sub(1, Ordering::SeqCst);
                drop(turn);
            }
        })
    });
    threads.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
    assert!(lanes.is_empty());
}
