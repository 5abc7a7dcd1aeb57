//! Rows: followed from the log, read by queries, functions and commands.

use std::sync::Arc;

use mote_engine::{Follower, Step, view_id};
use mote_log::conformance::block_on;
use mote_log::{Log, Position, Views};

use crate::bench::{Bench, check};
use crate::services::{code, system};

fn follower() -> Follower {
    Follower::new(system().views.values().cloned())
}

#[test]
fn a_table_names_the_views_that_it_reads() {
    check(|bench| {
        let names: Vec<_> = bench.table().views().iter().map(|view| view.name.clone()).collect();
        assert_eq!(names, ["guests"]);
    });
}

impl Bench {
    /// Keep the views and bring them up to date.
    fn follow(&self) -> Step {
        let follower = follower();
        block_on(self.ports.views.keep(&follower.kept())).unwrap();
        loop {
            let step = block_on(follower.step(&self.ports.log, &self.ports.views)).unwrap();
            if step.commits == 0 {
                return step;
            }
        }
    }

    /// Sign books, a word each: `lobby:Ada`.
    fn signed_by(&self, signatures: &str) {
        for signature in signatures.split_whitespace() {
            let (book, guest) = signature.split_once(':').unwrap();
            block_on(self.sign(book, guest).begin()).result.unwrap();
        }
    }
}

#[test]
fn a_query_answers_with_the_position_of_its_view() {
    check(|bench| {
        bench.call("frequent-guests", "{}").tells("unavailable 503 unavailable");
        bench.follow();
        bench.call("frequent-guests", "{}").tells(r#"ok {"guests":[],"next":null} @0"#);
        bench.signed_by("lobby:Ada lobby:Bob attic:Bob");
        bench.call("frequent-guests", "{}").tells(r#"ok {"guests":[],"next":null} @0"#);
        assert_eq!(bench.follow().reached, Position::from_ordinal(3));
        bench.call("frequent-guests", "{}").tells(r#"ok {"guests":["Bob","Ada"],"next":null} @3"#);
        assert_eq!(bench.commits(), 3, "a query stores nothing");
    });
}

#[test]
fn pages_go_on_where_they_ended() {
    check(|bench| {
        bench.signed_by("lobby:Ada lobby:Bob attic:Bob lobby:Eve");
        bench.follow();
        let answer = block_on(bench.call("frequent-guests", "{}").begin()).result.unwrap();
        let next = answer.field("next").unwrap();
        let second = format!(r#"{{"after":{next}}}"#);
        bench.call("frequent-guests", &second).tells(r#"ok {"guests":["Eve"],"next":null} @4"#);
        let wrong = r#"{"after":"nowhere"}"#;
        bench.call("frequent-guests", wrong).tells("invalid 400 invalid-input by reads/page");
    });
}

#[test]
fn a_query_is_judged_with_its_rows() {
    check(|bench| {
        bench.signed_by("lobby:Ada");
        bench.follow();
        bench.serve(
            "frequent-guests",
            code(|_| r#"{"ok":{"output":{"guests":["Eve"],"next":null}}}"#.to_owned()),
        );
        bench.call("frequent-guests", "{}").tells("breach 502 breached by ensures/exactly @1");
    });
}

#[test]
fn functions_and_commands_decide_on_rows_too() {
    check(|bench| {
        bench.follow();
        let visits = |guest: &str| bench.call("visits-of", &format!(r#"{{"guest":"{guest}"}}"#));
        let back = |book: &str| bench.call("welcome-back", &format!(r#"{{"book":"{book}","guest":"Ada"}}"#));
        visits("Ada").tells("declared 404 never-seen by errors/never-seen @0");
        back("attic").tells("declared 404 never-seen by errors/never-seen @0");
        bench.signed_by("lobby:Ada");
        bench.follow();
        visits("Ada").tells(r#"ok {"visits":1} @1"#);
        back("lobby").tells("declared 409 already-signed by errors/already-signed @1");
        back("attic").key("k").tells(r#"ok {"visits":1} @2"#);
        bench.follow();
        // What was answered stays answered, whatever the rows are now.
        back("attic").key("k").tells(r#"ok {"visits":1} @2 replayed"#);
        visits("Ada").tells(r#"ok {"visits":2} @2"#);
    });
}

#[test]
fn a_row_that_grows_out_of_its_schema_refuses_whoever_reads_it() {
    check(|bench| {
        bench.signed_by("a:Ada b:Ada c:Ada d:Ada a:Bob");
        bench.follow();
        let ada = bench.call("visits-of", r#"{"guest":"Ada"}"#);
        let answer = ada.tells("contract-fault 500 contract-error by reads/view");
        let detail = answer.result.unwrap_err().detail;
        assert!(detail.contains("`guests`: the row \"Ada\"") && detail.contains("/visits is 4"), "{detail}");
        bench.call("visits-of", r#"{"guest":"Bob"}"#).tells(r#"ok {"visits":1} @5"#);
    });
}

#[test]
fn steps_fold_what_is_new_and_views_join_where_they_are() {
    check(|bench| {
        bench.signed_by("lobby:Ada lobby:Bob");
        bench.follow();
        bench.signed_by("attic:Ada");
        let step = block_on(follower().step(&bench.ports.log, &bench.ports.views)).unwrap();
        assert_eq!(step, Step { reached: Position::from_ordinal(3), commits: 1, rows: 1 });
        let step = block_on(follower().step(&bench.ports.log, &bench.ports.views)).unwrap();
        assert_eq!(step, Step { reached: Position::from_ordinal(3), commits: 0, rows: 0 });

        // A changed view begins anew beside the old one, which goes on.
        let old = system().views["guests"].clone();
        let mut new = (*old).clone();
        new.digest = mote_expr::Digest::of(b"changed");
        let new = Arc::new(new);
        let both = Follower::new([old.clone(), new.clone(), old.clone()]);
        assert_eq!(both.kept().len(), 2);
        block_on(bench.ports.views.keep(&both.kept())).unwrap();
        bench.signed_by("cellar:Eve");
        let step = block_on(both.step(&bench.ports.log, &bench.ports.views)).unwrap();
        assert_eq!(step, Step { reached: Position::from_ordinal(4), commits: 4, rows: 3 + 1 });
        for view in [&old, &new] {
            let reached = block_on(bench.ports.views.reached(&view_id(view)));
            assert_eq!(reached, Ok(bench.ports.log.end()));
        }
    });
}

#[test]
fn a_view_of_another_log_is_folded_anew() {
    check(|bench| {
        let ahead = mote_log::Batch {
            view: view_id(&system().views["guests"]),
            from: Position::START,
            through: Position::from_ordinal(77),
            changes: Vec::new(),
        };
        block_on(bench.ports.views.keep(&follower().kept())).unwrap();
        block_on(bench.ports.views.write(&[ahead])).unwrap();
        bench.signed_by("lobby:Ada");
        assert_eq!(bench.follow().reached, Position::from_ordinal(1));
        bench.call("visits-of", r#"{"guest":"Ada"}"#).tells(r#"ok {"visits":1} @1"#);
    });
}
