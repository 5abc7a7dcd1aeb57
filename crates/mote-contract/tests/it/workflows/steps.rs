//! What is said of steps that cannot be what they say.

use mote_contract::check as check_files;

use super::model::FULFIL;
use super::system::{said, system};
use crate::hostile::{can_be_shown, mutants};

/// `steps` are told `expected`: one line each, without hints.
#[track_caller]
fn check(steps: &str, expected: &[&str]) {
    let (report, told) = said(&format!("steps:\n{steps}"));
    let lines: Vec<&str> = told.iter().filter_map(|line| line.lines().next()).collect();
    assert_eq!(lines, expected, "{}", told.join("\n"));
    assert_eq!(
        report.system.is_some(),
        told.iter().all(|line| line.contains(" M096 ")),
        "{}",
        told.join("\n")
    );
}

#[test]
fn a_name_is_known_where_every_way_makes_it() {
    check(
        "  - if: input.total > 3
    then: [{id: p, call: quote, with: {total: 1}}]
    else: [{let: {p: \"{'price': 7}\"}}]
  - let: {x: p.price + 1}
",
        &[],
    );
    check(
        "  - if: input.total > 3
    then: [{let: {p: \"1\"}}]
    else: [{let: {p: \"'one'\"}}]
  - let: {x: p}
",
        &["flow.yaml:5:14 M090 `p` is of one type on one way that leads here, and of another on another"],
    );
    check(
        "  - if: input.total > 3
    then: [{let: {p: \"1\"}}]
    else: [{fail: rejected}]
  - let: {x: p + 1}
",
        &[],
    );
}

#[test]
fn a_result_is_unknown_after_its_error_was_caught() {
    let step = |handler: &str| {
        format!(
            "  - {{id: d, call: deliver, with: {{orderId: a}}, undo: none, catch: {{forbidden: {handler}, requirement-failed: [{{fail: rejected}}]}}}}
  - let: {{x: d}}
"
        )
    };
    check(&step("[{fail: rejected}]"), &[]);
    check(
        &step("[]"),
        &["flow.yaml:3:14 M090 `d` may have no value here: not every way leads through what makes it"],
    );
    check(&step("[{let: {d: \"{}\"}}]"), &[]);
}

#[test]
fn a_name_has_one_value_on_any_way() {
    check(
        "  - let: {x: \"1\"}
  - {id: x, call: quote, with: {total: 1}}
  - each: x in [1, 2]
    do: []
",
        &[
            "flow.yaml:3:10 M006 `x` already has a value here",
            "flow.yaml:4:11 M006 `x` already has a value here",
        ],
    );
    check(
        "  - parallel:
      a: [{let: {x: \"1\"}}]
      b: [{let: {x: \"2\"}}]
",
        &["flow.yaml:4:18 M006 another branch makes `x` too"],
    );
    check(
        "  - parallel:
      a: [{let: {x: \"1\"}}]
      b: [{let: {x: \"2\"}}]
    wait: any
  - let: {y: x + 1}
",
        &[],
    );
}

#[test]
fn rounds_have_names_of_their_own() {
    check(
        "  - {id: prices, each: \"n in [1, 2]\", do: [{id: q, call: quote, with: {total: \"${n}\"}}], returns: \"${q.price}\"}
  - {each: n in prices, do: [{call: quote, with: {total: \"${min(n, 1000)}\"}}]}
  - let: {all: sum(prices)}
",
        &[],
    );
    check(
        "  - {id: prices, each: \"n in [1, 2]\", do: []}
  - {each: \"n in [1, 2]\", do: [], returns: \"${n}\"}
  - {each: \"n in [1, 2]\", do: [{fail: rejected}], id: x, returns: \"${n}\"}
",
        &[
            "flow.yaml:2:10 M003 this `each` has a name and gives nothing",
            "flow.yaml:3:44 M003 nobody can use what this `each` gives",
            "flow.yaml:4:67 M093 no round comes to its end",
        ],
    );
}

/// What is wrong with the list of an `each` is shown where it stands, behind the item's name.
#[test]
fn lists_are_read_where_they_stand() {
    check(
        "  - {each: line in input.linez, do: []}
  - each: \"part in input.orderId\"
    do: []
  - {each: lines, do: []}
",
        &[
            "flow.yaml:2:20 M020 there is no field `linez`",
            "flow.yaml:3:20 M022 `each` goes through a list, this is a string",
            "flow.yaml:5:12 M004 this does not say what is gone through",
        ],
    );
}

#[test]
fn special_names_and_functions_are_taken() {
    check(
        "  - {id: input, call: quote, with: {total: 1}}
  - let: {event: \"1\", my-name: \"2\"}
",
        &[
            "flow.yaml:2:10 M006 `input` already means something here",
            "flow.yaml:3:11 M006 `event` already means something here",
            "flow.yaml:3:23 M005 `my-name` is not a name that an expression can use",
        ],
    );
}

#[test]
fn what_may_not_fit_is_answered() {
    let call = |rest: &str| format!("  - {{call: quote, with: {{total: \"${{input.total * 3}}\"}}{rest}}}\n");
    let expected = "flow.yaml:2:33 M091 `total` may be 3 to 1200, and `quote` takes 0 to 1000";
    check(&call(""), &[expected]);
    check(&call(", catch: {invalid-input: []}"), &[]);
    check(
        "  - {call: quote, with: {total: 1}, catch: {invalid-input: []}}\n",
        &["flow.yaml:2:45 M093 `quote` never ends in `invalid-input`"],
    );
    // What was given a default is there.
    check("  - {call: label, with: {text: \"${input.at}\"}, catch: {invalid-input: []}}\n", &[]);
}

#[test]
fn keys_tell_runs_apart() {
    let call = |key: &str| format!("  - {{call: quote, with: {{total: 1}}, key: {key}}}\n");
    check(&call("\"${input.orderId}/${input.total}\""), &[]);
    check(
        &call("fixed"),
        &[
            "flow.yaml:2:42 M022 this key is the same for every run, which would all be given the first one's answer",
        ],
    );
    check(
        &call("\"${input.lines}\""),
        &["flow.yaml:2:42 M022 `key` is a string, an integer or a boolean, this is a list"],
    );
}

#[test]
fn effects_that_stay_are_told_only_where_the_run_can_fail_later() {
    let reserve =
        "call: reserve-stock, with: {orderId: a, total: 1}, catch: {out-of-stock: [], too-large: []}";
    let stays = |line: usize, column: usize| {
        format!("flow.yaml:{line}:{column} M096 what `reserve-stock` did stays when the run fails later")
    };
    check(&format!("  - {{{reserve}}}\n"), &[]);
    check(&format!("  - {{{reserve}}}\n  - {{wait: 1s}}\n"), &[]);
    check(&format!("  - {{{reserve}}}\n  - {{call: guess}}\n"), &[&stays(2, 6)]);
    check(&format!("  - {{{reserve}, undo: none}}\n  - {{call: guess}}\n"), &[]);
    check(&format!("  - {{each: \"n in [1, 2]\", do: [{{{reserve}}}]}}\n"), &[&stays(2, 33)]);
    check(
        &format!("  - parallel:\n      a: [{{{reserve}}}]\n      b: [{{call: guess}}]\n"),
        &[&stays(3, 12)],
    );
}

#[test]
fn a_switch_says_what_is_done_for_every_value() {
    check(
        "  - {id: q, call: quote, with: {total: 1}}
  - {switch: q.kind, cases: {small: []}}
  - {switch: input.total, cases: {1: [], two: []}, default: []}
  - {switch: input.total > 1, cases: {true: [], false: []}}
  - {switch: input.lines, cases: {1: []}, default: []}
",
        &[
            "flow.yaml:3:6 M003 nothing says what is done for \"large\"",
            "flow.yaml:4:42 M022 the case is `two`, and the value is an integer",
            "flow.yaml:6:35 M022 a `switch` is about a string, an integer or a boolean, this is a list",
        ],
    );
}

#[test]
fn times_have_units_and_bounds() {
    check(
        "  - {wait: 3}
  - {wait: 400d}
  - {call: guess, timeout: soon}
",
        &[
            "flow.yaml:2:12 M004 `wait` is a time, this is `3`",
            "flow.yaml:3:12 M004 `wait` is a time of at most 365 days, this is `\"400d\"`",
            "flow.yaml:4:28 M004 `timeout` is a time, this is `\"soon\"`",
        ],
    );
}

#[test]
fn steps_that_are_no_steps() {
    check(
        "  - quote
  - {}
  - {call: quote, fail: rejected}
  - {if: input.total > 1, then: {call: quote}}
",
        &[
            "flow.yaml:2:5 M004 a step is a map, this is a string",
            "flow.yaml:3:5 M003 this step does not say what it does",
            "flow.yaml:4:19 M030 `fail` does not go with `call`",
            "flow.yaml:5:34 M004 `then` is a list of steps, this is a map",
        ],
    );
}

#[test]
fn deadlines_count_every_round() {
    let rounds = |concurrency: u32| {
        format!("  - {{each: line in input.lines, concurrency: {concurrency}, do: [{{wait: 10m}}]}}\n")
    };
    check(
        &rounds(1),
        &["flow.yaml:0:1 M095 the steps may take 100m, most of it in `1`, and the deadline is 1h"],
    );
    check(&rounds(2), &[]);
    check(
        "  - {call: guess, retry: {max: 4, backoff: 30m..1h}}\n",
        &["flow.yaml:0:1 M095 the steps may take 150m, most of it in `1`, and the deadline is 1h"],
    );
}

/// A trigger has the event, and nothing of the run that it starts.
#[test]
fn triggers_make_the_input_of_what_happened() {
    let trigger = |with: &str| {
        let (_, told) = said(&format!("triggers:\n  - {{event: Released, with: {with}}}\nsteps: []\n"));
        told.iter().filter_map(|line| line.lines().next().map(str::to_owned)).collect::<Vec<_>>()
    };
    let whole = r#"{orderId: "${event.data.orderId}", total: "${min(meta.version, 400)}", lines: []}"#;
    assert_eq!(trigger(whole), Vec::<String>::new());
    assert_eq!(
        trigger(&whole.replace("min(meta.version, 400)", "meta.version")),
        ["flow.yaml:2:71 M091 `total` may be 1 to 9007199254740991, and the input takes 1 to 400"]
    );
    assert_eq!(
        trigger(&whole.replace("event.data.orderId", "input.orderId")),
        ["flow.yaml:2:42 M090 a trigger makes the input, and knows no `input`"]
    );
    assert_eq!(trigger("{}").len(), 3);
}

/// Steps in steps, a thousand and one of them, seventy names: refused, and not followed.
#[test]
fn what_is_too_much_is_refused() {
    let deep: String =
        (0..18).map(|_| "[{if: input.total > 1, then: ").collect::<String>() + "[]" + &"}]".repeat(18);
    let (_, told) = said(&format!("steps: {deep}\n"));
    assert!(told.iter().any(|line| line.contains("steps nest deeper than 16 levels")), "{told:?}");
    let (_, told) = said(&format!("steps:\n{}", "  - {wait: 1ms}\n".repeat(1_001)));
    assert!(told[0].contains("a workflow has at most 1000 steps"), "{told:?}");
    let names: String = (0..70).map(|at| format!("  - let: {{n{at}: \"1\"}}\n")).collect();
    let (_, told) = said(&format!("steps:\n{names}"));
    assert!(told[0].contains("a workflow has at most 64 names"), "{told:?}");
}

/// A workflow that is broken anywhere, in many ways, never ends the check itself, and is never lost without a word.
#[test]
fn broken_anywhere() {
    let stride = std::env::var("BROKEN_STRIDE").map_or(13, |stride| stride.parse().unwrap());
    for mutant in mutants(FULFIL, stride) {
        let files = system(&[("flow", &mutant)]);
        let report = check_files(&files);
        can_be_shown(&report, &files);
        if let Some(system) = report.system {
            assert!(system.workflows.contains_key("flow"), "{mutant}");
            let workflow = &system.workflows["flow"];
            assert!(!workflow.failures().is_empty() && workflow.graph().starts_with("flowchart TD"));
        }
    }
}
