//! What a client sees: statuses, headers, bodies.

use crate::bench::Bench;

/// Send `request` to the public listener and compare status and body; `*` in the expected body
/// stands for what differs from run to run.
#[track_caller]
fn expect(found: &(u16, String, String), status: u16, body: &str) {
    assert_eq!(found.0, status, "{}", found.2);
    let mut rest = found.2.as_str();
    for part in body.split('*') {
        let at = rest.find(part).unwrap_or_else(|| panic!("expected {body}\nfound    {}", found.2));
        rest = &rest[at + part.len()..];
    }
}

async fn public(bench: &Bench, request: &str, status: u16, body: &str) -> String {
    let found = bench.send(bench.public, request).await;
    expect(&found, status, body);
    found.1
}

async fn admin(bench: &Bench, request: &str, status: u16, body: &str) -> String {
    let found = bench.send(bench.admin, request).await;
    expect(&found, status, body);
    found.1
}

#[tokio::test]
async fn the_public_listener_serves_the_declared_routes() {
    let bench = Bench::start().await;
    let greeting = r#"{"greeting":"Hello, Ada!","length":11}"#;
    public(&bench, "POST /greetings HTTP/1.1\n\n{\"name\":\"Ada\"}", 200, greeting).await;
    public(&bench, "POST /greetings?name=Ada HTTP/1.1", 200, greeting).await;
    let head = public(
        &bench,
        "POST /guestbooks/lobby/guests HTTP/1.1\n\n{\"guest\":\"Ada\"}",
        201,
        r#"{"place":1,"thanks":"Thank you, Ada!"}"#,
    )
    .await;
    assert!(head.contains("mote-position: p0000000000000001"), "{head}");
    let again =
        r#"*"clause":"errors/already-signed","code":"already-signed"*"outcome":"declared","status":409*"#;
    let head =
        public(&bench, "POST /guestbooks/lobby/guests HTTP/1.1\n\n{\"guest\":\"Ada\"}", 409, again).await;
    assert!(head.contains("content-type: application/problem+json"), "{head}");
    assert!(head.contains("mote-position: p0000000000000001"), "{head}");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_its_place() {
    let bench = Bench::start().await;
    let post = |body: &str| format!("POST /guestbooks/lobby/guests HTTP/1.1\n\n{body}");
    let cases = [
        ("not json", 400, r#"*"the body is not JSON as Mote reads it: unexpected 'n' at byte 0"*"#),
        (
            r#"{"guest":7}"#,
            400,
            r#"*"violations":[{"at":"/guest","message":"is an integer, expected a string"}]*"#,
        ),
        (r#"{"guest":"A","guest":"B"}"#, 400, "*appears twice*"),
        (r#"{"guest":"A","n":1e400}"#, 400, "*not exact in every language*"),
        (r#"{"guest":" A"}"#, 422, r#"*"clause":"requires/no-blank-name","code":"requirement-failed"*"#),
        (r#"{"guest":"A","book":"other"}"#, 400, "*`book` is given twice*"),
        (r#"{"guest":"A","colour":"red"}"#, 400, r#"*"at":"/colour","message":"is not a known field"*"#),
    ];
    for (body, status, expected) in cases {
        public(&bench, &post(body), status, expected).await;
    }
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    public(&bench, &post(&deep), 400, "*levels of nesting*").await;
    // One that says how long it is before it comes, and one that only turns out to be too long.
    let head = "POST /guestbooks/lobby/guests HTTP/1.1\r\nhost: test\r\nconnection: close\r\n";
    let told = format!("{head}content-length: {}\r\n\r\n", 100 << 20);
    let untold = format!("{head}transfer-encoding: chunked\r\n\r\n200000\r\n{}", " ".repeat(2 << 20));
    for text in [told, untold] {
        expect(&bench.exchange(bench.public, &text).await, 413, "*at most 1048576 bytes*");
    }
    public(&bench, "GET /nowhere HTTP/1.1", 404, "*no trigger answers `/nowhere`*").await;
    let head = public(&bench, "GET /greetings HTTP/1.1", 405, "*takes POST, not GET*").await;
    assert!(head.contains("allow: post"), "{head}");
    public(&bench, "POST /call/greet HTTP/1.1\n\n{\"name\":\"Ada\"}", 404, "*no trigger answers*").await;
}

#[tokio::test]
async fn a_breaking_answer_is_withheld_and_explained_to_the_owner_alone() {
    let bench = Bench::start().await;
    let body = "\n\n{\"name\":\"Wrong\"}";
    let found = bench.send(bench.public, &format!("POST /greetings HTTP/1.1{body}")).await;
    expect(&found, 502, r#"*"clause":"ensures/exactly","code":"breached"*"outcome":"breach"*"#);
    assert!(!found.2.contains("Bye"), "the answer leaked: {}", found.2);
    let owner = r#"*"breach":{*"values":{*"output.greeting":"Bye"*"#;
    admin(&bench, &format!("POST /call/greet HTTP/1.1{body}"), 502, owner).await;
}

#[tokio::test]
async fn an_idempotency_key_replays_its_answer() {
    let bench = Bench::start().await;
    let signed = |key: &str, guest: &str| {
        format!(
            "POST /call/sign-guestbook HTTP/1.1\nidempotency-key: {key}\n\n{{\"book\":\"b\",\"guest\":\"{guest}\"}}"
        )
    };
    admin(&bench, &signed("k", "Ada"), 200, r#"{"place":1,"thanks":"Thank you, Ada!"}"#).await;
    let head = admin(&bench, &signed("k", "Ada"), 200, r#"{"place":1,"thanks":"Thank you, Ada!"}"#).await;
    assert!(head.contains("idempotent-replayed: true"), "{head}");
    admin(&bench, &signed("k", "Grace"), 422, r#"*"clause":"idempotency-key"*"#).await;
    let other = signed("k", "Grace").replace("\n\n", "\nmote-caller: other\n\n");
    admin(&bench, &other, 200, r#"{"place":2,"thanks":"Thank you, Grace!"}"#).await;
    admin(&bench, &signed("", "Ada"), 400, "*an Idempotency-Key is 1 to 200 visible characters*").await;
}

#[tokio::test]
async fn the_admin_listener_calls_anything_and_tells_its_health() {
    let bench = Bench::start().await;
    admin(&bench, "POST /call/greet HTTP/1.1\n\n{\"name\":\"Ada\"}", 200, "*Hello, Ada!*").await;
    admin(&bench, "POST /call/nothing HTTP/1.1\n\n{}", 404, "*nothing called `nothing` serves here*").await;
    admin(&bench, "GET /healthz HTTP/1.1", 200, r#"{"status":"ok"}"#).await;
    admin(&bench, "GET /readyz HTTP/1.1", 200, r#"{"status":"ok"}"#).await;
    admin(
        &bench,
        "POST /greetings HTTP/1.1\n\n{\"name\":\"Ada\"}",
        404,
        "*try POST /call/<name>, GET /healthz, /metrics, /publishers, /openapi.json, /asyncapi.json*",
    )
    .await;
}

#[tokio::test]
async fn it_ends_when_it_is_asked_to() {
    let bench = Bench::start().await;
    bench.end.send(true).expect("it runs");
    bench.running.await.expect("it ends without a panic");
}

#[tokio::test]
async fn a_query_reads_what_its_caller_wrote() {
    let bench = Bench::start().await;
    public(&bench, "GET /guests HTTP/1.1", 200, r#"{"guests":[]}"#).await;
    for (at, guest) in ["Grace", "Ada"].into_iter().enumerate() {
        let signed = format!("POST /guestbooks/lobby/guests HTTP/1.1\n\n{{\"guest\":\"{guest}\"}}");
        let head = public(&bench, &signed, 201, "*").await;
        let position =
            head.lines().find_map(|line| line.strip_prefix("mote-position: ")).expect("a position");
        assert!(*position > *format!("p{at:016x}"), "{position}");
        let names = if at == 0 { r#"["Grace"]"# } else { r#"["Ada","Grace"]"# };
        // Wherever the follower is, a caller that asks for it sees its own write.
        let query = format!("GET /guests HTTP/1.1\nmote-after: {position}");
        let head = public(&bench, &query, 200, &format!(r#"{{"guests":{names}}}"#)).await;
        // What publishers append may have come after it.
        let read = head.lines().find_map(|line| line.strip_prefix("mote-position: ")).expect("a position");
        assert!(read >= position, "{head}");
    }
    public(&bench, "GET /guests HTTP/1.1\nmote-after: later", 400, r#"*"clause":"mote-after"*"#).await;
}

#[tokio::test]
async fn an_output_with_a_content_type_is_the_body_itself() {
    let bench = Bench::start().await;
    let head = public(&bench, "GET /badges/Ada HTTP/1.1", 200, "<b>Ada & co</b>").await;
    assert!(head.contains("content-type: text/html; charset=utf-8"), "{head}");
    assert!(head.contains("x-content-type-options: nosniff"), "{head}");
    // Refusals are problems as ever, and whoever calls by name gets JSON as ever.
    let head = public(&bench, "GET /badges/A%20very%20long%20name HTTP/1.1", 400, "*invalid-input*").await;
    assert!(head.contains("content-type: application/problem+json"), "{head}");
    let head =
        admin(&bench, "POST /call/show-badge HTTP/1.1\n\n{\"name\":\"Ada\"}", 200, r#""<b>Ada & co</b>""#)
            .await;
    assert!(head.contains("content-type: application/json"), "{head}");
}

#[tokio::test]
async fn calls_are_counted_by_operation_and_outcome() {
    let bench = Bench::start().await;
    for name in ["Ada", "Grace", "Wrong", ""] {
        let greet = format!("POST /greetings HTTP/1.1\n\n{{\"name\":\"{name}\"}}");
        bench.send(bench.public, &greet).await;
    }
    // Nobody can make a label by asking for it.
    bench.send(bench.public, "POST /made-up HTTP/1.1\n\n{}").await;
    bench.send(bench.admin, "POST /call/made-up HTTP/1.1\n\n{}").await;
    let (status, head, body) = bench.send(bench.admin, "GET /metrics HTTP/1.1").await;
    assert_eq!(status, 200);
    assert!(head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{head}");
    let lines: Vec<&str> = body.lines().collect();
    for expected in [
        "# TYPE mote_calls_total counter",
        r#"mote_calls_total{operation="greet",outcome="ok"} 2"#,
        r#"mote_calls_total{operation="greet",outcome="invalid"} 1"#,
        r#"mote_calls_total{operation="greet",outcome="breach"} 1"#,
        r#"mote_calls_total{operation="greet",outcome="unavailable"} 0"#,
        r#"mote_call_seconds_bucket{operation="greet",le="+Inf"} 4"#,
        r#"mote_call_seconds_count{operation="greet"} 4"#,
        "mote_calls_in_flight 0",
        r#"mote_requests_refused_total{status="404"} 2"#,
        r#"mote_requests_refused_total{status="413"} 0"#,
        r#"mote_publisher_held_streams{publisher="announce-guest"} 0"#,
        "# HELP mote_log_position How far the log is.",
        "mote_log_position 7",
    ] {
        assert!(lines.contains(&expected), "{expected}\n{body}");
    }
    assert!(!body.contains("made-up"), "{body}");
    // Every line is a comment or a sample, every sample has its type before it, and buckets grow.
    let mut typed = "";
    let mut below = 0;
    for line in lines {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            typed = rest.split(' ').next().expect("a name");
        } else if !line.starts_with('#') {
            let (series, value) = line.rsplit_once(' ').expect("a value");
            assert!(series.starts_with(typed) && value.parse::<f64>().is_ok(), "{line}");
            if series.contains("_bucket") {
                let count = value.parse().expect("a count");
                assert!(count >= below, "{line}");
                below = if series.contains("+Inf") { 0 } else { count };
            }
        }
    }
}

#[tokio::test]
async fn the_admin_listener_describes_the_routes() {
    let bench = Bench::start().await;
    let (status, head, body) = bench.send(bench.admin, "GET /openapi.json HTTP/1.1").await;
    assert_eq!(status, 200);
    assert!(head.contains("content-type: application/json"), "{head}");
    let document = mote_expr::parse(body.as_bytes()).expect("it is JSON");
    let at = |path: &[&str]| path.iter().try_fold(&document, |value, key| value.field(key)).cloned();
    assert_eq!(at(&["info", "title"]), Some(mote_expr::Value::text("hello")));
    for path in ["/greetings", "/guestbooks/{book}/guests"] {
        assert!(at(&["paths", path, "post", "responses", "503"]).is_some(), "{path}: {body}");
    }
    assert!(
        at(&["paths", "/badges/{name}", "get", "responses", "200", "content", "text/html"]).is_some(),
        "{body}"
    );
}

#[tokio::test]
async fn the_admin_listener_describes_the_messages() {
    let bench = Bench::start().await;
    let (status, head, body) = bench.send(bench.admin, "GET /asyncapi.json HTTP/1.1").await;
    assert_eq!(status, 200);
    assert!(head.contains("content-type: application/json"), "{head}");
    let document = mote_expr::parse(body.as_bytes()).expect("it is JSON");
    let at = |path: &[&str]| path.iter().try_fold(&document, |value, key| value.field(key)).cloned();
    let address = at(&["channels", "guests.announce-guest", "address"]);
    assert_eq!(address, Some(mote_expr::Value::text("sink.guests/announce-guest")));
    assert!(at(&["components", "schemas", "guests.guest.signed.v1"]).is_some(), "{body}");
}
