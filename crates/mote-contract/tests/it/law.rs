//! What a law admits, decides and accepts. Each table is one function of the law; a case is what
//! goes in and, in one line, what comes out.

use std::sync::Arc;

use mote_contract::{Decision, Event, Files, Law, Refusal, Situation, check, context};
use mote_expr::{Object, Value, parse};

const WAREHOUSE: &str = r#"
aggregate: warehouse
state:
  type: object
  required: [left, reserved]
  properties:
    left: {type: integer, minimum: 0, maximum: 1000}
    reserved: {type: object, additionalProperties: {type: integer}, maxProperties: 3}
    note: {type: string, default: new}
initial: {left: 10, reserved: {}}
events:
  Reserved:
    data:
      type: object
      required: [order, count]
      properties:
        order: {type: string, maxLength: 10}
        count: {type: integer, minimum: 1}
        by: {type: string, default: nobody}
    evolve:
      left: ${state.left - event.data.count}
      note: "by ${event.data.by}"
  Broken:
    data: {type: object}
    evolve: {left: "${1 / (state.left - state.left)}"}
  Noted:
    data: {type: object}
invariants:
  never-five: state.left != 5
"#;

const RESERVE: &str = r#"
contract: reserve
kind: command
aggregate: warehouse
key: "wh-${input.region}-${input.shelf}"
allow: "'clerk' in caller.roles"
input:
  type: object
  required: [region, order, count]
  properties:
    region: {type: string, maxLength: 5}
    shelf: {type: integer, default: 1}
    order: {type: string, minLength: 1, maxLength: 10}
    count: {type: integer, minimum: 0, maximum: 20}
output:
  type: object
  required: [left]
  properties:
    left: {type: integer}
    note: {type: string, default: none}
emits: [Reserved, Broken]
let:
  wanted: input.count * 1
requires:
  some: wanted > 0
  even-or-three: wanted % 2 == 0 || 9 / (wanted - 1) == 4
errors:
  - {code: too-many, if: wanted > state.left, data: {left: "${state.left}", asked: "${wanted} of ${input.order}"}, status: 410}
  - {code: far-too-many, if: wanted > 15}
  - {code: no-luck, status: 418}
ensures:
  left: output.left == state.left - wanted
  noted: "output.note == 'none'"
  recorded: size(events) == 1 && events.all(e, has(e.data.count) && e.data.count == wanted)
  after: after.left == output.left
budget: {answer: 300B}
"#;

const ADD: &str = r#"
contract: add
kind: function
input: {type: object, required: [a], properties: {a: {type: integer}, tenant: {format: "mote:json"}}}
output: {type: integer}
ensures:
  twice: output == input.a + input.a
  safe: 10 / input.a > 0 || input.a <= 0
"#;

fn law(name: &str) -> Arc<Law> {
    let mut files = Files::new();
    files.add("mote.yaml", "system: tested\nowner: testers\n");
    files.add("aggregates/warehouse.yaml", WAREHOUSE);
    files.add("contracts/stock/reserve.yaml", RESERVE);
    files.add("contracts/add.yaml", ADD);
    let report = check(&files);
    let problems: Vec<_> = report.diagnostics.iter().map(|found| found.message.clone()).collect();
    report.system.unwrap_or_else(|| panic!("{problems:?}")).laws[name].clone()
}

fn json(text: &str) -> Value {
    parse(text.as_bytes()).unwrap()
}

/// A situation in which `left` are left.
fn situation(law: &Law, input: &str, left: i64, role: &str) -> Situation {
    let input = law.admit(input.as_bytes()).unwrap().input;
    let claims = Value::Object(Object::new().into());
    let context = context("2026-01-01T00:00:00Z", "id-1", "ada", &[role.to_owned()], claims);
    let state = Value::object([
        ("left", Value::Int(left)),
        ("reserved", Value::Object(Object::new().into())),
        ("note", Value::text("new")),
    ]);
    Situation { input, context, state: law.aggregate.as_ref().map(|_| state), rows: None }
}

/// A refusal in one line.
fn line(refusal: &Refusal) -> String {
    let mut line = format!("{} {} {}", refusal.outcome, refusal.code, refusal.status);
    if let Some(clause) = &refusal.clause {
        line += &format!(" {clause}");
    }
    if let Some(data) = &refusal.data {
        line += &format!(" {data}");
    }
    match &refusal.breach {
        Some(breach) => {
            assert_eq!(Some(&breach.clause), refusal.clause.as_ref());
            line += &format!(" | {}", breach.message);
            for (name, value) in &breach.values {
                line += &format!(" | {name} = {value}");
            }
        }
        None => line += &format!(" | {}", refusal.detail),
    }
    for violation in &refusal.violations {
        line += &format!(" | {violation}");
    }
    line
}

#[track_caller]
fn same(case: &str, found: &str, expected: &str) {
    assert_eq!(found, expected, "\n  case: {case}");
}

#[test]
fn admit() {
    let law = law("reserve");
    let cases = [
        (
            r#"{"region": "eu", "order": "o1", "count": 2.0}"#,
            r#"{"count":2,"order":"o1","region":"eu","shelf":1}"#,
        ),
        (
            r#"{"region": "europe", "order": "", "count": 21, "colour": 1}"#,
            "invalid invalid-input 400 input | the input does not fit: /count is 21, the most is 20 | /count is 21, the most is 20 | /order has 0 characters, the fewest is 1 | /region has 6 characters, the most is 5 | /colour is not a known field",
        ),
        (
            "{}",
            "invalid invalid-input 400 input | the input does not fit: has no `count` | has no `count` | has no `order` | has no `region`",
        ),
        (
            "[]",
            "invalid invalid-input 400 input | the input does not fit: is an array, expected an object | is an array, expected an object",
        ),
        ("", "invalid invalid-input 400 | the body is not JSON as Mote reads it: "),
        (
            r#"{"region": "eu", "region": "us"}"#,
            "invalid invalid-input 400 | the body is not JSON as Mote reads it: ",
        ),
        (r#"{"region": "eu"} x"#, "invalid invalid-input 400 | the body is not JSON as Mote reads it: "),
        ("{\"region\": \"\\ud800\"}", "invalid invalid-input 400 | the body is not JSON as Mote reads it: "),
    ];
    for (body, expected) in cases {
        let found = match law.admit(body.as_bytes()) {
            Ok(admitted) => {
                assert_eq!(admitted.digest, admitted.input.digest());
                admitted.input.to_string()
            }
            Err(refusal) => line(&refusal),
        };
        let found = match found.find("reads it: ").filter(|_| expected.ends_with("reads it: ")) {
            // How the parser says it is its own matter.
            Some(at) => &found[..at + "reads it: ".len()],
            None => &found,
        };
        same(body, found, expected);
    }
}

#[test]
fn one_meaning_has_one_digest() {
    let law = law("reserve");
    let digest = |body: &str| law.admit(body.as_bytes()).unwrap().digest;
    let short = digest(r#"{"region": "eu", "order": "o1", "count": 2}"#);
    assert_eq!(short, digest(r#"{ "count": 2.0, "shelf": 1, "order": "o1", "region": "eu" }"#));
    assert_ne!(short, digest(r#"{"region": "eu", "order": "o1", "count": 3}"#));
}

#[test]
fn authorise_and_key() {
    let law_of = law("reserve");
    let input = r#"{"region": "eu", "order": "o1", "count": 2}"#;
    let clerk = situation(&law_of, input, 10, "clerk");
    assert_eq!(law_of.authorise(&clerk), Ok(()));
    assert_eq!(law_of.stream_key(&clerk), Ok(Some("wh-eu-1".to_owned())));
    let guest = law_of.authorise(&situation(&law_of, input, 10, "guest")).unwrap_err();
    same("guest", &line(&guest), "invalid forbidden 403 allow | the caller may not do this");
    let add = law("add");
    let anyone = situation(&add, r#"{"a": 1}"#, 0, "guest");
    assert_eq!(add.authorise(&anyone), Ok(()));
    assert_eq!(add.stream_key(&anyone), Ok(None));
}

/// What a key may be, and what it is as text.
#[test]
fn keys() {
    let key = |key: &str, input: &str| {
        let mut files = Files::new();
        files.add("mote.yaml", "system: tested\n");
        files.add("aggregates/warehouse.yaml", WAREHOUSE);
        files.add("contracts/reserve.yaml", RESERVE.replace("\"wh-${input.region}-${input.shelf}\"", key));
        let law = check(&files).system.unwrap().laws["reserve"].clone();
        match law.stream_key(&situation(&law, input, 10, "clerk")) {
            Ok(key) => key.unwrap(),
            Err(refusal) => line(&refusal),
        }
    };
    let input = r#"{"region": "eu", "order": "o1", "count": 2}"#;
    let cases = [
        ("${input.order}", "o1"),
        ("${input.shelf}", "1"),
        ("${input.count == 2}", "true"),
        ("main", "main"),
        ("${input.count}/${input.region}", "2/eu"),
        ("${caller.id}", "ada"),
        ("a$${b", "a${b"),
        (
            "${caller.claims}",
            "contract-fault contract-error 500 key | the contract's own `key` could not be evaluated: a key is a string, an integer or a boolean, this is object",
        ),
    ];
    for (template, expected) in cases {
        same(template, &key(template, input), expected);
    }
}

#[test]
fn decide() {
    let law = law("reserve");
    let input = |count: i64| format!(r#"{{"region": "eu", "order": "o1", "count": {count}}}"#);
    let cases = [
        (2, 10, "call"),
        (3, 10, "call"),
        (10, 10, "call"),
        // The first broken requirement, whatever the errors say.
        (
            0,
            -5,
            "invalid requirement-failed 422 requires/some | the input breaks the requirement `some`: wanted > 0",
        ),
        (
            7,
            0,
            "invalid requirement-failed 422 requires/even-or-three | the input breaks the requirement `even-or-three`: wanted % 2 == 0 || 9 / (wanted - 1) == 4",
        ),
        // A requirement that errs is nobody's fault but the contract's.
        (1, 10, "contract-fault contract-error 500 requires/even-or-three | "),
        // The first error that applies.
        (
            20,
            12,
            r#"declared too-many 410 errors/too-many {"asked":"20 of o1","left":12} | the condition of `too-many` holds: wanted > state.left"#,
        ),
        (
            20,
            30,
            "declared far-too-many 409 errors/far-too-many | the condition of `far-too-many` holds: wanted > 15",
        ),
    ];
    for (count, left, expected) in cases {
        let found = match law.decide(&situation(&law, &input(count), left, "clerk")) {
            Decision::Call => "call".to_owned(),
            Decision::Refuse(refusal) => line(&refusal),
        };
        let found = if expected.ends_with("| ") { &found[..expected.len()] } else { &found };
        same(&format!("{count} of {left}"), found, expected);
    }
}

/// A situation without what the law needs is the platform's mistake: refused, never a panic.
#[test]
fn a_missing_state_is_a_fault() {
    let law = law("reserve");
    let mut situation = situation(&law, r#"{"region": "eu", "order": "o1", "count": 2}"#, 10, "clerk");
    situation.state = None;
    situation.context = Value::Null;
    let Decision::Refuse(refusal) = law.decide(&situation) else { panic!("decided without a state") };
    assert!(line(&refusal).starts_with("contract-fault contract-error 500 errors/too-many"));
    assert!(law.authorise(&situation).is_err());
    assert!(law.judge(&situation, br#"{"ok": {"output": {"left": 8}}}"#).is_err());
}

#[test]
fn judge() {
    let law = law("reserve");
    let good = r#"{"type": "Reserved", "data": {"order": "o1", "count": 2}}"#;
    let ok = |output: &str, events: &str| format!(r#"{{"ok": {{"output": {output}, "events": {events}}}}}"#);
    let long = format!(r#"{{"ok": "{}"}}"#, "x".repeat(300));
    let left = r#"{"left": 8}"#;
    let cases = [
        (
            ok(left, &format!("[{good}]")),
            r#"accepted {"left":8,"note":"none"} Reserved{"by":"nobody","count":2,"order":"o1"} after {"left":8,"note":"by nobody","reserved":{}}"#,
        ),
        // Not an answer.
        ("nonsense".to_owned(), "breach breached 502 answer | the answer is not JSON as Mote reads it: "),
        (r#"{"ok": {}, "ok": {}}"#.to_owned(), "breach breached 502 answer | the answer is not JSON as Mote reads it: "),
        ("[]".to_owned(), "breach breached 502 answer | the answer is not an object with `ok` or `error` alone"),
        (r#"{"ok": {}, "error": {}}"#.to_owned(), "breach breached 502 answer | the answer is not an object with `ok` or `error` alone"),
        (r#"{"okay": {}}"#.to_owned(), "breach breached 502 answer | the answer is neither `ok` nor `error`"),
        (r#"{"ok": 5}"#.to_owned(), "breach breached 502 answer | the answer's `ok` is an object with `output`, this is integer"),
        (r#"{"ok": {"output": {"left": 8}, "messages": []}}"#.to_owned(), "breach breached 502 answer | the answer has an unknown part `messages`"),
        (long, "breach breached 502 budget/answer | the answer has 310 bytes, the most is 300"),
        // The scaffold's own word.
        (
            r#"{"fault": {"kind": "exception", "message": "x is undefined", "file": "reserve.ts", "line": 7}}"#.to_owned(),
            "breach breached 502 answer | the service threw: x is undefined (reserve.ts:7)",
        ),
        (r#"{"fault": {"kind": "promise"}}"#.to_owned(), "breach breached 502 answer | the service returned a promise: answers are synchronous"),
        (r#"{"fault": null}"#.to_owned(), "breach breached 502 answer | the service did not answer: "),
        // Errors.
        (r#"{"error": {"code": "no-luck", "data": {"try": 2}}}"#.to_owned(), r#"declared no-luck 418 errors/no-luck {"try":2} | `no-luck`"#),
        (r#"{"error": {"code": "no-luck"}}"#.to_owned(), "declared no-luck 418 errors/no-luck | `no-luck`"),
        (r#"{"error": {"code": "too-many"}}"#.to_owned(), "breach breached 502 errors/too-many | the host decides on `too-many`: it did not apply here"),
        (r#"{"error": {"code": "conflict"}}"#.to_owned(), "breach breached 502 errors/conflict | the contract declares no error `conflict`"),
        (r#"{"error": {"code": "no-luck", "status": 200}}"#.to_owned(), "breach breached 502 answer | the answer's `error` has an unknown part `status`"),
        (r#"{"error": "no-luck"}"#.to_owned(), "breach breached 502 answer | the answer's `error` has no `code`"),
        // The output.
        (ok("{}", "[]"), "breach breached 502 output | the output does not fit: has no `left`"),
        (r#"{"ok": {}}"#.to_owned(), "breach breached 502 output | the output does not fit: is null, expected an object"),
        (ok(r#"{"left": 8.5}"#, "[]"), "breach breached 502 output | the output does not fit: /left is a number, expected an integer"),
        // The events.
        (ok(left, "{}"), "breach breached 502 emits | `events` is a list, this is object"),
        (ok(left, "[5]"), "breach breached 502 emits | event 0 has no `type`"),
        (ok(left, r#"[{"type": "Noted", "data": {}}]"#), "breach breached 502 emits | event 0 is a `Noted`, which the contract does not emit"),
        (ok(left, r#"[{"type": "Gone", "data": {}}]"#), "breach breached 502 emits | event 0 is a `Gone`, which the contract does not emit"),
        (ok(left, r#"[{"type": "Reserved"}]"#), "breach breached 502 emits | the data of event 0, a `Reserved`, does not fit: is null, expected an object"),
        (
            ok(left, &format!(r#"[{good}, {{"type": "Reserved", "data": {{"order": "o1", "count": 0}}}}]"#)),
            "breach breached 502 emits | the data of event 1, a `Reserved`, does not fit: /count is 0, the least is 1",
        ),
        (ok(left, r#"[{"type": "Reserved", "data": {"order": "o", "count": 1}, "at": 1}]"#), "breach breached 502 emits | event 0 has an unknown part `at`"),
        // The state after them.
        (
            ok(left, r#"[{"type": "Reserved", "data": {"order": "o1", "count": 5}}]"#),
            "breach breached 502 invariants/never-five | `never-five` is not true | state.left = 5",
        ),
        (
            ok(left, r#"[{"type": "Reserved", "data": {"order": "o1", "count": 11}}]"#),
            "breach breached 502 events/Reserved | `Reserved` cannot happen: the state after it does not fit: /left is -1, the least is 0",
        ),
        (ok(left, r#"[{"type": "Broken", "data": {}}]"#), "contract-fault contract-error 500 events/Broken/evolve/left | "),
        // The rules, in order.
        (
            ok(r#"{"left": 7}"#, &format!("[{good}]")),
            "breach breached 502 ensures/left | `left` is not true | output.left = 7 | state.left - wanted = 8 | wanted = 2",
        ),
        (
            ok(r#"{"left": 8, "note": "x"}"#, &format!("[{good}]")),
            r#"breach breached 502 ensures/noted | `noted` is not true | output.note = "x" | wanted = 2"#,
        ),
        (
            ok(left, "[]"),
            "breach breached 502 ensures/recorded | `recorded` is not true | size(events) = 0 | wanted = 2",
        ),
    ];
    let situation = situation(&law, r#"{"region": "eu", "order": "o1", "count": 2}"#, 10, "clerk");
    for (answer, expected) in cases {
        let found = match law.judge(&situation, answer.as_bytes()) {
            Ok(accepted) => {
                let events = accepted.events.iter().map(|event| format!("{}{}", event.kind, event.data));
                let events: Vec<_> = events.collect();
                format!("accepted {} {} after {}", accepted.output, events.join(" "), accepted.after.unwrap())
            }
            Err(refusal) => line(&refusal),
        };
        let open = expected.ends_with("| ") || expected.ends_with("reads it: ");
        let found = if open { found.get(..expected.len()).unwrap_or(&found) } else { &found };
        same(&answer, found, expected);
    }
}

#[test]
fn judge_a_function() {
    let law = law("add");
    let ask = |a: i64, answer: &str| {
        let situation = situation(&law, &format!(r#"{{"a": {a}}}"#), 0, "guest");
        match law.judge(&situation, answer.as_bytes()) {
            Ok(accepted) => {
                assert_eq!((accepted.events.len(), accepted.after), (0, None));
                accepted.output.to_string()
            }
            Err(refusal) => line(&refusal),
        }
    };
    same("right", &ask(2, r#"{"ok": {"output": 4}}"#), "4");
    same("no events", &ask(2, r#"{"ok": {"output": 4, "events": []}}"#), "4");
    same(
        "an event",
        &ask(2, r#"{"ok": {"output": 4, "events": [{"type": "Added", "data": {}}]}}"#),
        "breach breached 502 emits | event 0 is a `Added`, which the contract does not emit",
    );
    same(
        "wrong",
        &ask(2, r#"{"ok": {"output": 5}}"#),
        "breach breached 502 ensures/twice | `twice` is not true | output = 5 | input.a + input.a = 4",
    );
}

#[test]
fn call() {
    let law = law("reserve");
    let situation = situation(&law, r#"{"region": "eu", "order": "o1", "count": 2}"#, 10, "clerk");
    let call = String::from_utf8(law.call(&situation)).unwrap();
    let expected = r#"{"context":{"caller":{"claims":{},"id":"ada","roles":["clerk"]},"id":"id-1","now":"2026-01-01T00:00:00Z"},"input":{"count":2,"order":"o1","region":"eu","shelf":1},"operation":"reserve","state":{"left":10,"note":"new","reserved":{}}}"#;
    same("call", &call, expected);
}

#[test]
fn fold_evolve_and_replay() {
    let aggregate = law("reserve").aggregate.clone().unwrap();
    let event = |kind: &str, data: &str| Event { kind: kind.to_owned(), data: json(data) };
    let reserved =
        |count: i64| event("Reserved", &format!(r#"{{"order": "o", "count": {count}, "by": "b"}}"#));
    let replay = |events: &[Event]| match aggregate.replay(events) {
        Ok(state) => state.to_string(),
        Err(error) => error.to_string(),
    };
    // The initial state has its defaults.
    same("none", &replay(&[]), r#"{"left":10,"note":"new","reserved":{}}"#);
    same("two", &replay(&[reserved(1), reserved(2)]), r#"{"left":7,"note":"by b","reserved":{}}"#);
    same(
        "an event that sets nothing",
        &replay(&[event("Noted", "{}")]),
        r#"{"left":10,"note":"new","reserved":{}}"#,
    );
    same("unknown", &replay(&[event("Gone", "{}")]), "there is no event `Gone`");
    same("schema", &replay(&[reserved(11)]), "the state after it does not fit: /left is -1, the least is 0");
    same("invariant", &replay(&[reserved(5)]), "the invariant `invariants/never-five` is broken after it");
    same("fault", &replay(&[event("Broken", "{}")])[..30], "`events/Broken/evolve/left` co");
    // What is stored was judged: folding does not judge again.
    let folded = aggregate.fold(&aggregate.initial, &reserved(5)).unwrap();
    same("fold", &folded.to_string(), r#"{"left":5,"note":"by b","reserved":{}}"#);
    assert!(aggregate.fold(&Value::Null, &reserved(1)).is_err());
}

/// A change in anything that judging depends on is another release; a change in spelling is not.
#[test]
fn digests() {
    let digest = |contract: &str, warehouse: &str, sum: &str| {
        let mut files = Files::new();
        files.add("mote.yaml", "system: tested\n");
        files.add("aggregates/warehouse.yaml", warehouse);
        files.add("contracts/reserve.yaml", contract);
        files.add("contracts/add.yaml", ADD.replace("{type: integer}\n", "{$ref: ../schemas/sum.yaml}\n"));
        files.add("schemas/sum.yaml", sum);
        let laws = check(&files).system.unwrap().laws;
        (laws["reserve"].digest, laws["add"].digest)
    };
    let plain = digest(RESERVE, WAREHOUSE, "type: integer\n");
    assert_eq!(plain, digest(&format!("# why\n{RESERVE}"), WAREHOUSE, "{type: integer}\n"));
    assert_ne!(
        plain.0,
        digest(&RESERVE.replace("wanted > 15", "wanted > 16"), WAREHOUSE, "type: integer\n").0
    );
    assert_ne!(plain.0, digest(RESERVE, &WAREHOUSE.replace("left != 5", "left != 6"), "type: integer\n").0);
    let other = digest(RESERVE, WAREHOUSE, "type: integer\nminimum: 1\n");
    assert_eq!(plain.0, other.0);
    assert_ne!(plain.1, other.1);
}
