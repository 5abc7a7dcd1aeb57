//! A release that is swapped while calls are on their way.

use futures_channel::oneshot;
use futures_util::FutureExt;
use mote_log::conformance::block_on;

use crate::bench::{check, told};
use crate::log::Fate;
use crate::services::code;

#[test]
fn a_call_under_way_ends_under_its_release() {
    check(|bench| {
        let (gate, closed) = oneshot::channel();
        bench.ports.log.next(Fate::Before(closed));
        let mut call = bench.sign("lobby", "Ada").begin();
        assert!((&mut call).now_or_never().is_none());
        let old = bench.serving("sign-guestbook");
        bench.serve("sign-guestbook", code(|_| "nonsense".to_owned()));
        assert_ne!(bench.serving("sign-guestbook"), old);
        gate.send(()).unwrap();
        assert_eq!(told(&block_on(call)), r#"ok {"place":1,"thanks":"Thank you, Ada!"} @1"#);
        bench.sign("lobby", "Bob").tells("breach 502 breached by answer @1");
    });
}

#[test]
fn a_call_that_comes_too_late_meets_the_release_that_serves() {
    check(|bench| {
        let late = bench.sign("lobby", "Ada");
        bench.serve("sign-guestbook", code(|_| "nonsense".to_owned()));
        late.tells("breach 502 breached by answer @0");
    });
}
