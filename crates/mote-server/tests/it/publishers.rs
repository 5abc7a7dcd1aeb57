//! Publishers are woken by what happens, and whoever runs the system sees how far they are.

use mote_log::conformance::stream;
use mote_log::{Log as _, Version};

use crate::bench::Bench;

async fn sign(bench: &Bench, book: &str, guest: &str) {
    let request = format!("POST /guestbooks/{book}/guests HTTP/1.1\n\n{{\"guest\":\"{guest}\"}}");
    let (status, _, body) = bench.send(bench.public, &request).await;
    assert_eq!(status, 201, "{body}");
}

/// The messages in the sink, once the log holds `commits` commits.
async fn told(bench: &Bench, commits: u64) -> Vec<String> {
    let mut grown = bench.log.grown();
    grown.wait_for(|end| end.ordinal() >= commits).await.expect("the log lives");
    let sink = stream("sink.guests/announce-guest");
    let events = bench.log.stream(&sink, Version(0), 100).await.expect("memory does not fail");
    events.iter().map(|event| format!("{} {}", event.kind, String::from_utf8_lossy(&event.data))).collect()
}

#[tokio::test]
async fn what_happens_is_told_and_the_admin_listener_knows_how_far() {
    let bench = Bench::start().await;
    sign(&bench, "lobby", "Ada").await;
    let lobby = r#"guest.signed.v1 {"book":"guestbook/lobby"}"#;
    assert_eq!(told(&bench, 2).await, [lobby]);
    // A wrong answer holds its own book alone.
    sign(&bench, "attic", "secret agent").await;
    sign(&bench, "attic", "Bob").await;
    sign(&bench, "lobby", "Eve").await;
    assert_eq!(told(&bench, 6).await, [lobby, lobby]);
    // What is on its way when the end comes arrives, and nothing more.
    let progress = bench.publishers.progress();
    let held = loop {
        let (states, _) = progress.states();
        if let [state] = states.as_slice()
            && let [held] = state.held.as_slice()
        {
            break held.clone();
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((held.stream.as_str(), held.version), ("guestbook/attic", Version(1)));
    let (status, _, body) = bench.send(bench.admin, "GET /publishers HTTP/1.1").await;
    assert_eq!(status, 200);
    for part in [
        r#""held":[{"nextTry":""#,
        r#""stream":"guestbook/attic","version":1,"why":"ensures/whose: `whose` is not true"}]"#,
        r#""name":"announce-guest","paused":null,"reached":"p0000000"#,
        r#""sink":"sink.guests/announce-guest""#,
    ] {
        assert!(body.contains(part), "{part} is not in {body}");
    }
    let (_, _, metrics) = bench.send(bench.admin, "GET /metrics HTTP/1.1").await;
    let held = r#"mote_publisher_held_streams{publisher="announce-guest"} 1"#;
    assert!(metrics.lines().any(|line| line == held), "{metrics}");
    assert!(metrics.contains("mote_publisher_behind{publisher=\"announce-guest\"} "), "{metrics}");
    let (status, ..) = bench.send(bench.admin, "GET /readyz HTTP/1.1").await;
    assert_eq!(status, 200, "a stream that is held is no reason to be unready");
    bench.publishers.end().await;
    let end = bench.log.end();
    sign(&bench, "lobby", "Zoe").await;
    assert_eq!(bench.log.end().ordinal(), end.ordinal() + 1, "nobody tells of it any more");
}
