//! Wrong answers, each rejected in the right stage with a minimal counterexample.

use mote_expr::Value;
use mote_verify::{Fault, Stage, Subject};

use super::system::{
    Native, blind, error, greet, greeting, guests, int, law, law_of, ok, place, run, sign, signed, text,
};

/// The rejection of `subject` by the contract `name` without its examples.
#[track_caller]
pub(crate) fn check(name: &str, subject: &dyn Subject, stage: Stage, expected: &str) {
    let law = blind(name);
    let verification = run(&law, subject);
    let rejection = verification.rejection().unwrap_or_else(|| panic!("it passed"));
    let shown: Vec<String> = rejection.counterexamples.iter().map(ToString::to_string).collect();
    assert_eq!((rejection.stage, rejection.fault), (stage, Fault::Service), "{shown:#?}");
    same(&shown.join("\n"), expected);
}

/// Whether a text is as expected, line breaks at its ends aside.
#[track_caller]
pub(crate) fn same(shown: &str, expected: &str) {
    let expected = expected.trim_matches('\n');
    assert!(shown == expected, "\n--- got\n{shown}\n--- expected\n{expected}\n---");
}

#[track_caller]
pub(crate) fn signing(service: impl Fn(&Value) -> Value + Sync, expected: &str) {
    check("sign-guestbook", &Native(service), Stage::Generated, expected);
}

pub(crate) fn input<'v>(call: &'v Value, field: &str) -> &'v str {
    text(call, &["input", field])
}

#[test]
fn off_by_one() {
    signing(
        |call| ok(place(call, guests(call)), vec![signed(call, input(call, "guest"))]),
        r#"
ensures/place: `place` is not true
  rule     output.place == size(state.guests) + 1
  where    output.place is 1
  where    size(state.guests) + 1 is 2
  given    GuestSigned {"at":"2026-01-01T00:00:00Z","guest":"b","message":""}
  origin   made of events that the rules allow
  input    {"book":"a","guest":"a","message":""}
  got      {"ok":{"events":[{"data":{"at":"2026-01-01T00:00:00Z","guest":"a","message":""},"type":"GuestSigned"}],"output":{"place":1,"thanks":"Thank you, a!"}}}
output: the output does not fit: /place is 0, the least is 1
  input    {"book":"a","guest":"a","message":""}
  got      {"ok":{"events":[{"data":{"at":"2026-01-01T00:00:00Z","guest":"a","message":""},"type":"GuestSigned"}],"output":{"place":0,"thanks":"Thank you, a!"}}}
"#,
    );
}

#[test]
fn off_by_one_from_the_fourth_guest_on() {
    signing(
        |call| {
            let at = guests(call) + if guests(call) >= 3 { 2 } else { 1 };
            ok(place(call, at), vec![signed(call, input(call, "guest"))])
        },
        r#"
ensures/place: `place` is not true
  rule     output.place == size(state.guests) + 1
  where    output.place is 5
  where    size(state.guests) + 1 is 4
  given    GuestSigned {"at":"2026-01-01T00:00:00Z","guest":"a","message":""}
  given    GuestSigned {"at":"2026-01-01T00:00:00Z","guest":"aa","message":""}
  given    GuestSigned {"at":"2026-01-01T00:00:00Z","guest":"b","message":""}
  origin   reachable by: sign-guestbook, sign-guestbook, sign-guestbook
  input    {"book":"a","guest":"c","message":""}
  got      {"ok":{"events":[{"data":{"at":"2026-01-01T00:00:00Z","guest":"c","message":""},"type":"GuestSigned"}],"output":{"place":5,"thanks":"Thank you, c!"}}}
  passes   without /given/2
"#,
    );
}

#[test]
fn ignores_a_field() {
    signing(
        |call| {
            let event = signed(call, input(call, "guest")).to_string();
            let message = format!("\"message\":{}", Value::text(input(call, "message")));
            let event = event.replace(&message, "\"message\":\"\"");
            ok(place(call, guests(call) + 1), vec![mote_expr::parse(event.as_bytes()).unwrap()])
        },
        r#"
ensures/recorded: `recorded` is not true
  rule     events == [{'type': 'GuestSigned', 'data': {'guest': input.guest, 'message': input.message, 'at': context.now}}]
  where    events is [{"data":{"at":"2026-01-01T00:00:00Z","guest":"a","message":""},"type":"GuestSigned"}]
  where    [{'type': 'GuestSigned', 'data': {'guest': input.guest, 'message': input.message, 'at': context.now}}] is [{"data":{"at":"2026-01-01T00:00:00Z","guest":"a","message":"a"},"type":"GuestSigned"}]
  input    {"book":"a","guest":"a","message":"a"}
  got      {"ok":{"events":[{"data":{"at":"2026-01-01T00:00:00Z","guest":"a","message":""},"type":"GuestSigned"}],"output":{"place":1,"thanks":"Thank you, a!"}}}
  passes   with /input/message = ""
"#,
    );
}

#[test]
fn wrong_for_one_value_of_an_enum() {
    let subject = Native(|call: &Value| match input(call, "language") {
        "fr" => greeting(&format!("Salut, {}!", input(call, "name"))),
        _ => greet(call),
    });
    check(
        "greet",
        &subject,
        Stage::Generated,
        r#"
ensures/exactly: `exactly` is not true
  rule     output.greeting == word + ', ' + input.name + '!'
  where    output.greeting is "Salut, a!"
  where    word + ', ' + input.name + '!' is "Bonjour, a!"
  where    word is "Bonjour"
  input    {"language":"fr","name":"a"}
  got      {"ok":{"output":{"greeting":"Salut, a!","length":9}}}
  passes   with /input/language = "en"
"#,
    );
}

#[test]
fn counts_units_instead_of_characters() {
    let subject = Native(|call: &Value| {
        let right = greet(call);
        let text = text(&right, &["ok", "output", "greeting"]).to_owned();
        let length = int(text.encode_utf16().count());
        let output = Value::object([("greeting", Value::text(text)), ("length", length)]);
        Value::object([("ok", Value::object([("output", output)]))])
    });
    check(
        "greet",
        &subject,
        Stage::Generated,
        r#"
ensures/counted: `counted` is not true
  rule     size(output.greeting) == output.length
  where    size(output.greeting) is 9
  where    output.length is 10
  where    word is "Hello"
  input    {"language":"en","name":"𝒳"}
  got      {"ok":{"output":{"greeting":"Hello, 𝒳!","length":10}}}
  passes   with /input/name = "a"
output: the output does not fit: /length is 61, the most is 60
  input    {"language":"en","name":"aaa𠜎😀aa👩aaa🏳a𝒳𠜎a👩👩😀aaa😀👩a😀aa🏳𠜎🏳𠜎aaa𝒳"}
  got      {"ok":{"output":{"greeting":"Hello, aaa𠜎😀aa👩aaa🏳a𝒳𠜎a👩👩😀aaa😀👩a😀aa🏳𠜎🏳𠜎aaa𝒳!","length":61}}}
  passes   with /input/name = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
"#,
    );
}

#[test]
fn error_instead_of_success() {
    signing(
        |call| if guests(call) == 2 { error("book-full") } else { sign(call) },
        r#"
errors/book-full: the host decides on `book-full`: it did not apply here
  given    GuestSigned {"at":"2026-01-01T00:00:00Z","guest":"a","message":""}
  given    GuestSigned {"at":"2026-01-01T00:00:00Z","guest":"b","message":""}
  origin   reachable by: sign-guestbook, sign-guestbook
  input    {"book":"a","guest":"c","message":""}
  got      {"error":{"code":"book-full"}}
  passes   without /given/1
"#,
    );
}

#[test]
fn an_undeclared_error() {
    signing(
        |call| if input(call, "guest").len() > 20 { error("too-long") } else { sign(call) },
        r#"
errors/too-long: the contract declares no error `too-long`
  input    {"book":"a","guest":"aaaaaaaaaaaaaaaaaaaaa","message":""}
  got      {"error":{"code":"too-long"}}
  passes   with /input/guest = "aaaaaaaaaaaaaaaaaaaa"
"#,
    );
}

#[test]
fn success_instead_of_an_error_that_only_the_code_knows() {
    let contract = r#"
contract: halve
version: 1.0.0
kind: function
input: {type: object, required: [number], properties: {number: {type: integer, minimum: 0, maximum: 1000}}}
output: {type: object, required: [half], properties: {half: {type: integer, minimum: 0, maximum: 1000}}}
errors: [{code: odd}]
ensures: {even: output.half * 2 == input.number}
# When it is odd is for the code to say.
verify: {strength: 0}
examples:
  one: {input: {number: 1}, then: {error: odd}}
"#;
    let law = law_of(&[("contracts/halve.yaml", contract.to_owned())], "halve");
    let half = |call: &Value| call.field("input").and_then(|input| input.field("number")?.as_int()).unwrap();
    let answer = |half: i64| ok(Value::object([("half", Value::Int(half))]), vec![]);
    let right =
        Native(|call: &Value| if half(call) % 2 == 1 { error("odd") } else { answer(half(call) / 2) });
    let verification = run(&law, &right);
    assert_eq!(verification.rejection(), None);
    assert!(verification.figures().reached.raised["odd"] > 1);

    let wrong = Native(|call: &Value| answer(half(call) / 2));
    let rejection = run(&law, &wrong).rejection().unwrap().clone();
    assert_eq!((rejection.stage, rejection.fault), (Stage::Examples, Fault::Service));
    same(
        &rejection.counterexamples[0].to_string(),
        r#"
ensures/even: `even` is not true
  rule     output.half * 2 == input.number
  where    output.half * 2 is 0
  where    input.number is 1
  example  one
  input    {"number":1}
  context  {"caller":{"claims":{},"id":"someone","roles":[]},"id":"example","now":"2026-01-01T00:00:00Z"}
  got      {"ok":{"events":[],"output":{"half":0}}}
"#,
    );

    // An answer that makes the contract's own arithmetic err is not held against the service.
    let pays = |call: &Value| if half(call) == 1 { answer(0) } else { error("odd") };
    let rejection = run(&law, &Native(pays)).rejection().unwrap().clone();
    assert_eq!(rejection.counterexamples[0].clause, "ensures/even");
}

#[test]
fn a_missing_event() {
    signing(
        |call| ok(place(call, guests(call) + 1), vec![]),
        r#"
ensures/recorded: `recorded` is not true
  rule     events == [{'type': 'GuestSigned', 'data': {'guest': input.guest, 'message': input.message, 'at': context.now}}]
  where    events is []
  where    [{'type': 'GuestSigned', 'data': {'guest': input.guest, 'message': input.message, 'at': context.now}}] is [{"data":{"at":"2026-01-01T00:00:00Z","guest":"a","message":""},"type":"GuestSigned"}]
  input    {"book":"a","guest":"a","message":""}
  got      {"ok":{"events":[],"output":{"place":1,"thanks":"Thank you, a!"}}}
"#,
    );
}

#[test]
fn a_doubled_event() {
    signing(
        |call| {
            let event = signed(call, input(call, "guest"));
            ok(place(call, guests(call) + 1), vec![event.clone(), event])
        },
        r#"
events/GuestSigned: `GuestSigned` cannot happen: the state after it does not fit: /guests/1 repeats an earlier item
  input    {"book":"a","guest":"a","message":""}
  got      {"ok":{"events":[{"data":{"at":"2026-01-01T00:00:00Z","guest":"a","message":""},"type":"GuestSigned"},{"data":{"at":"2026-01-01T00:00:00Z","guest":"a","message":""},"type":"GuestSigned"}],"output":{"place":1,"thanks":"Thank you, a!"}}}
"#,
    );
}

#[test]
fn a_changed_event() {
    signing(
        |call| {
            let guest = input(call, "guest").to_lowercase();
            ok(place(call, guests(call) + 1), vec![signed(call, &guest)])
        },
        r#"
ensures/recorded: `recorded` is not true
  rule     events == [{'type': 'GuestSigned', 'data': {'guest': input.guest, 'message': input.message, 'at': context.now}}]
  where    events is [{"data":{"at":"2026-01-01T00:00:00Z","guest":"z","message":""},"type":"GuestSigned"}]
  where    [{'type': 'GuestSigned', 'data': {'guest': input.guest, 'message': input.message, 'at': context.now}}] is [{"data":{"at":"2026-01-01T00:00:00Z","guest":"Z","message":""},"type":"GuestSigned"}]
  input    {"book":"a","guest":"Z","message":""}
  got      {"ok":{"events":[{"data":{"at":"2026-01-01T00:00:00Z","guest":"z","message":""},"type":"GuestSigned"}],"output":{"place":1,"thanks":"Thank you, Z!"}}}
  passes   with /input/guest = "a"
events/GuestSigned: `GuestSigned` cannot happen: the state after it does not fit: /guests/1 repeats an earlier item
  given    GuestSigned {"at":"2026-01-01T00:00:00Z","guest":"41lg2093","message":""}
  origin   reachable by: sign-guestbook
  input    {"book":"a","guest":"41LG2093","message":""}
  got      {"ok":{"events":[{"data":{"at":"2026-01-01T00:00:00Z","guest":"41lg2093","message":""},"type":"GuestSigned"}],"output":{"place":2,"thanks":"Thank you, 41LG2093!"}}}
  passes   with /input/guest = "aaaaaaaa"
"#,
    );
}

#[test]
fn an_undeclared_event() {
    signing(
        |call| {
            let event = signed(call, input(call, "guest")).to_string().replace("GuestSigned", "GuestLeft");
            ok(place(call, guests(call) + 1), vec![mote_expr::parse(event.as_bytes()).unwrap()])
        },
        r#"
emits: event 0 is a `GuestLeft`, which the contract does not emit
  input    {"book":"a","guest":"a","message":""}
  got      {"ok":{"events":[{"data":{"at":"2026-01-01T00:00:00Z","guest":"a","message":""},"type":"GuestLeft"}],"output":{"place":1,"thanks":"Thank you, a!"}}}
"#,
    );
}

#[test]
fn an_example_that_is_answered_otherwise() {
    let law = law("sign-guestbook");
    let subject =
        Native(|call: &Value| ok(place(call, guests(call)), vec![signed(call, input(call, "guest"))]));
    let rejection = run(&law, &subject).rejection().unwrap().clone();
    assert_eq!((rejection.stage, rejection.fault), (Stage::Examples, Fault::Service));
    let named: Vec<_> = rejection.counterexamples.iter().map(|found| found.written.as_deref()).collect();
    assert_eq!(named, [Some("first-guest"), Some("second-guest")]);
}

/// Check what is said of a till whose stored sales of version 1 are brought up to date by `upcast`.
#[track_caller]
fn check_upcast(upcast: &str, expected: &[&str]) {
    let aggregate = format!(
        r#"
aggregate: till
state: {{type: object, required: [sold], properties: {{sold: {{type: integer, minimum: 0}}}}}}
initial: {{sold: 0}}
events:
  Sold:
    version: 3
    data: {{type: object, required: [cents], properties: {{cents: {{type: integer, minimum: 1, maximum: 1000}}}}}}
    evolve: {{sold: "${{state.sold + event.data.cents}}"}}
    was:
      1:
        data: {{type: object, required: [price], properties: {{price: {{type: integer, minimum: 0, maximum: 10}}, note: {{type: string, maxLength: 9}}}}}}
        upcast: {{cents: "${{event.data.price * 100}}"}}
      2:
        data: {{type: object, required: [cents], properties: {{cents: {{type: integer, minimum: 0, maximum: 2000}}}}}}
        upcast: {upcast}
"#
    );
    let contract = r#"
contract: sell
version: 1.0.0
kind: command
aggregate: till
key: ${input.till}
input: {type: object, required: [till], properties: {till: {type: string, pattern: "^[a-z]{1,9}$", maxLength: 9}}}
output: {type: object, properties: {}}
emits: [Sold]
ensures: {recorded: "events == [{'type': 'Sold', 'data': {'cents': 1}}]"}
"#;
    let files = [("aggregates/till.yaml", aggregate), ("contracts/sell.yaml", contract.to_owned())];
    let law = law_of(&files, "sell");
    let data = Value::object([("cents", Value::Int(1))]);
    let event = Value::object([("type", Value::text("Sold")), ("data", data)]);
    let verification = run(&law, &Native(|_: &Value| ok(Value::object::<&str>([]), vec![event.clone()])));
    let unreadable = verification.rejection().map_or(Vec::new(), |rejection| {
        assert_eq!((rejection.stage, rejection.fault), (Stage::Contract, Fault::Contract));
        rejection.unreadable.clone()
    });
    assert_eq!(unreadable, expected);
}

#[test]
fn older_events_that_cannot_be_read_any_more_are_the_contracts_fault() {
    check_upcast(r#"{cents: "${max(1, min(1000, event.data.cents))}"}"#, &[]);
    check_upcast(
        r#"{cents: "${event.data.cents}"}"#,
        &[
            "a stored `Sold` of version 1 could not be read: `events/Sold/was/2` makes data that does not fit \
             version 3: /cents is 0, the least is 1. Its data: {\"price\":0}",
            "a stored `Sold` of version 2 could not be read: `events/Sold/was/2` makes data that does not fit \
             version 3: /cents is 0, the least is 1. Its data: {\"cents\":0}",
        ],
    );
    check_upcast(
        r#"{cents: "${1000 / event.data.cents}"}"#,
        &[
            "a stored `Sold` of version 1 could not be read: `events/Sold/was/2` could not be evaluated: \
             division by zero. Its data: {\"price\":0}",
            "a stored `Sold` of version 2 could not be read: `events/Sold/was/2` could not be evaluated: \
             division by zero. Its data: {\"cents\":0}",
        ],
    );
}

#[test]
fn a_rule_that_errs_is_the_contracts_fault() {
    let contract = r#"
contract: share
version: 1.0.0
kind: function
input: {type: object, required: [people], properties: {people: {type: integer, minimum: 0, maximum: 1000}}}
output: {type: object, properties: {}}
requires:
  enough: 1000 / input.people > 0
"#;
    let law = law_of(&[("contracts/share.yaml", contract.to_owned())], "share");
    let subject = Native(|_: &Value| ok(Value::object::<&str>([]), vec![]));
    let rejection = run(&law, &subject).rejection().unwrap().clone();
    assert_eq!((rejection.stage, rejection.fault), (Stage::Contract, Fault::Contract));
    same(
        &rejection.counterexamples[0].to_string(),
        r#"
requires/enough: the contract's own `requires/enough` could not be evaluated: division by zero
  input    {"people":0}
"#,
    );
}

#[test]
fn feedback_is_a_record_for_the_builder() {
    let law = blind("sign-guestbook");
    let subject = Native(|call: &Value| {
        let at = guests(call) + if guests(call) >= 2 { 2 } else { 1 };
        ok(place(call, at), vec![signed(call, input(call, "guest"))])
    });
    let feedback = run(&law, &subject).feedback(&law);
    same(
        &feedback.to_string().replace(",\"", ",\n\""),
        r#"
{"budget":{"answer_bytes":371,
"answer_limit_bytes":65536,
"fuel":1000,
"fuel_limit":50000000,
"memory_bytes":1048576,
"memory_limit_bytes":16777216},
"clauses_failed":1,
"next":"change the service only: the contract is fixed",
"passed_stages":["contract",
"examples",
"tests"],
"stage":"generated",
"unreached":[],
"unreadable":[],
"verdict":"rejected",
"violations":[{"clause":"ensures/place",
"context":{"caller":{"claims":{},
"id":"someone",
"roles":[]},
"id":"id",
"now":"2026-01-01T00:00:00Z"},
"expression":"output.place == size(state.guests) + 1",
"given":[{"data":{"at":"2026-01-01T00:00:00Z",
"guest":"a",
"message":""},
"type":"GuestSigned"},{"data":{"at":"2026-01-01T00:00:00Z",
"guest":"b",
"message":""},
"type":"GuestSigned"}],
"got":{"ok":{"events":[{"data":{"at":"2026-01-01T00:00:00Z",
"guest":"c",
"message":""},
"type":"GuestSigned"}],
"output":{"place":4,
"thanks":"Thank you, c!"}}},
"message":"`place` is not true",
"nearest_passing":{"/given/1":null},
"origin":"reachable by: sign-guestbook, sign-guestbook",
"seen_in":"many",
"state":{"guests":["a",
"b"]},
"values":{"output.place":4,
"size(state.guests) + 1":3},
"when":{"book":"a",
"guest":"c",
"message":""}}]}
"#,
    );
    let passed = run(&law, &Native(sign)).feedback(&law);
    assert_eq!(text(&passed, &["verdict"]), "verified");
}
