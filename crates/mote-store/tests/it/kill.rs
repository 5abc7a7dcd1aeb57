//! A process that is killed at any moment loses nothing it acknowledged.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use mote_log::conformance::{append, block_on, commit, kept, scope};
use mote_log::{Commit, Log, Position};
use mote_store::{Database, OpenError, Options, SqliteLog};

/// Names the log's folder to the child that this test starts of itself.
const CHILD: &str = "MOTE_STORE_TEST_FOLDER";

/// How many commits the child keeps in flight.
const IN_FLIGHT: u64 = 32;

/// The child: append for ever, tell each acknowledged commit.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let log = SqliteLog::open(folder, Options::default()).unwrap();
    let start = log.end().ordinal();
    let place = |number: u64| {
        let name = format!("order/{start}-{number}");
        let answer = Some(kept(scope("place-order", "user:ada", &name), &name));
        let appends =
            vec![append(&name, 0, &["OrderPlaced"]), append(&format!("stock/{name}"), 0, &["Reserved"])];
        let append = log.append(Commit { answer, ..commit(appends) });
        async move { (name, append.await.unwrap()) }
    };
    let mut out = std::io::stdout();
    let mut in_flight: FuturesUnordered<_> = (0..IN_FLIGHT).map(place).collect();
    for number in IN_FLIGHT.. {
        let Some((name, position)) = block_on(in_flight.next()) else { return };
        // The parent is gone: nobody reads what follows.
        if writeln!(out, "acknowledged {position} {name}").and_then(|()| out.flush()).is_err() {
            return;
        }
        in_flight.push(place(number));
    }
}

#[test]
fn a_killed_process_loses_nothing_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    // Lives of different length, so that kills fall into different phases.
    for life in [1, 40, 333, 1_500, 5_000] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::child", "--nocapture"])
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut told = 0;
        for line in lines {
            let mut words = line.split_whitespace();
            // What was told before the kill counts, even what is read after it; a torn line does not.
            if let (Some("acknowledged"), Some(position), Some(name)) =
                (words.next(), words.next(), words.next())
            {
                acknowledged.push((position.parse::<Position>().unwrap(), name.to_owned()));
                told += 1;
            }
            if told == 1 {
                let owned = Database::open(folder.path());
                let Err(OpenError::Owned { pid, .. }) = owned else { panic!("the child owns it: {owned:?}") };
                assert_eq!(pid, Some(child.id()));
            }
            if told == life {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(told >= life, "the child stopped by itself after {told}");

        let database = Database::open(folder.path()).expect("a killed owner owns nothing");
        database.check().unwrap();
        let stored = database.commits(Position::START, usize::MAX).unwrap();
        for (position, name) in &acknowledged {
            let commit = &stored[position.ordinal() as usize - 1];
            assert_eq!((commit.position, commit.events.len()), (*position, 2), "{name} is whole");
            assert_eq!(commit.events[0].stream.as_str(), name, "{name} is where it was acknowledged");
            let kept = database.kept_answer(&scope("place-order", "user:ada", name)).unwrap();
            assert_eq!(kept.map(|(at, _)| at), Some(*position), "the answer of {name} is kept");
        }
    }
}
