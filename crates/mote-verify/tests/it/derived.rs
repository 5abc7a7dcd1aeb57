//! Contracts without code: what their rules answer passes the judge on every generated situation, and
//! where rules contradict each other the contract is blamed.

use std::sync::Arc;

use mote_contract::Law;
use mote_verify::{Artifact as _, Derived, Fault, Verification};

use crate::system::{law_of, run};

const ACCOUNT: &str = "
aggregate: account
state: {type: object, required: [sum], properties: {sum: {type: integer, minimum: 0, maximum: 100000}, by: {type: object, additionalProperties: {type: integer}, maxProperties: 20, default: {}}}}
initial: {sum: 0}
events:
  Paid:
    data: {type: object, required: [n, by], properties: {n: {type: integer, minimum: 0, maximum: 100}, by: {type: string, maxLength: 10}, note: {type: string, maxLength: 10}}}
    evolve: {sum: \"${state.sum + event.data.n}\"}
  Emptied:
    data: {type: object, required: [left], properties: {left: {type: integer}}}
    evolve: {sum: 0}
";

const PAYMENTS: &str = "
view: payments
row: {type: object, required: [by, n], properties: {by: {type: string, maxLength: 10}, n: {type: integer}}}
index: [by]
from: {Paid: {key: \"${event.data.by}\", put: {by: \"${event.data.by}\", n: \"${event.data.n}\"}}}
";

const MONEY: &str = "
definitions: money
functions:
  fee: {takes: {n: {type: integer}}, is: \"n > 50 ? n / 10 : 1\"}
  net: {takes: {n: {type: integer}, out: {type: object, required: [net], properties: {net: {type: integer}}}}, is: out.net == n - fee(n)}
";

/// The rest of a contract with the input `{n, by, note?}`.
const CONTRACTS: [&str; 6] = [
    "kind: query
reads: {view: payments, match: {by: \"${input.by}\"}, order: [by]}
output: {type: object, required: [rows, any], properties: {rows: {type: array, maxItems: 100, items: {type: integer}}, any: {type: boolean}, first: {type: string, maxLength: 10}}}
ensures:
  rows: output.rows == rows.map(r, r.n).filter(n, n >= 0)
  any: \"size(rows) > 0 ? output.any : !output.any\"
  first: has(output.first) == output.any
  first-is: \"!has(output.first) || output.first == rows[0].by\"",
    "kind: query
reads: {view: payments, page: {size: 3, after: \"\"}}
output: {type: object, required: [rows, next], properties: {rows: {type: array, maxItems: 3, items: {type: object, required: [by, n], properties: {by: {type: string, maxLength: 10}, n: {type: integer}}}}, next: {type: [string, \"null\"], maxLength: 1000}}}
ensures: {rows: output.rows == rows, next: next == output.next}",
    "kind: function
use: [money]
requires: {some: input.n != 7}
output: {type: object, required: [net], properties: {net: {type: integer}}}
ensures: {net: \"net(input.n, output)\"}",
    "kind: function
errors: [{code: middle, if: input.n > 40 && input.n <= 60}]
output: {type: object, required: [a, b], properties: {a: {type: integer}, b: {type: string, maxLength: 20}, c: {type: integer}}}
ensures:
  low: \"input.n > 40 || (output.a == 1 && output.b == 'low')\"
  high: \"input.n <= 60 || (output.a == 2 && output.b == 'high' + string(output.a))\"
  c: \"input.n > 60 ? has(output.c) && output.c == output.a * 2 : !has(output.c)\"",
    "kind: command
aggregate: account
key: one
emits: [Paid, Emptied]
output: {type: object, required: [sum], properties: {sum: {type: integer}}}
ensures:
  which: \"events.map(e, e.type) == (input.n > 90 ? ['Emptied'] : ['Paid'])\"
  left: \"input.n <= 90 || (has(events[0].data.left) && events[0].data.left == state.sum)\"
  n: \"input.n > 90 || (has(events[0].data.n) && events[0].data.n == input.n)\"
  by: \"input.n > 90 || (has(events[0].data.by) && events[0].data.by == input.by)\"
  note: \"input.n > 90 || has(events[0].data.note) == has(input.note)\"
  noted: \"input.n > 90 || !has(input.note) || !has(events[0].data.note) || events[0].data.note == input.note\"
  sum: output.sum == after.sum",
    "kind: command
aggregate: account
key: ${input.by}
emits: [Paid]
errors: [{code: nothing, if: input.n == 0}]
output: {type: integer}
ensures:
  paid: \"events == [{'type': 'Paid', 'data': {'n': input.n, 'by': input.by}}]\"
  sum: output == state.sum + events[0].data.n && output == after.sum",
];

fn law(rest: &str) -> Arc<Law> {
    let input = "{type: object, required: [n, by], properties: {n: {type: integer, minimum: 0, maximum: 100}, by: {type: string, maxLength: 10}, note: {type: string, maxLength: 10}}}";
    let contract = format!("contract: derived\nimplementation: contract\ninput: {input}\n{rest}\n");
    let files = [
        ("aggregates/account.yaml", ACCOUNT.to_owned()),
        ("views/payments.yaml", PAYMENTS.to_owned()),
        ("definitions/money.yaml", MONEY.to_owned()),
        ("contracts/derived.yaml", contract),
    ];
    law_of(&files, "derived")
}

fn verified(law: &Arc<Law>) -> Verification {
    run(law, &Derived::of(law).unwrap())
}

#[test]
fn what_rules_answer_passes_the_judge_in_every_situation() {
    for rest in CONTRACTS {
        let verification = verified(&law(rest));
        assert!(verification.passed(), "{rest}\n{:#?}", verification.rejection());
        assert!(verification.figures().reached.called >= 300, "{rest}\n{:#?}", verification.figures());
    }
}

#[test]
fn rules_that_contradict_each_other_are_the_contracts_fault() {
    let cases = [
        ("output: {type: integer}\nensures: {n: output == input.n, small: output <= 60}", "ensures/small"),
        ("output: {type: integer, maximum: 90}\nensures: {n: output == input.n}", "output"),
        ("output: {type: integer}\nensures: {n: output == 100 / (input.n - 20)}", "implementation"),
    ];
    for (rest, clause) in cases {
        let verification = verified(&law(&format!("kind: function\n{rest}")));
        let rejection = verification.rejection().unwrap_or_else(|| panic!("{rest} passed"));
        let shown = &rejection.counterexamples[0];
        assert_eq!((rejection.fault, shown.clause.as_str()), (Fault::Contract, clause), "{rest}");
    }
}

#[test]
fn a_derived_answer_is_named_by_its_contract() {
    let laws = [law(CONTRACTS[2]), law(CONTRACTS[3])];
    let digest = |law: &Arc<Law>| Derived::of(law).unwrap().digest();
    assert_eq!(digest(&laws[0]), digest(&laws[0].clone()));
    assert_ne!(digest(&laws[0]), digest(&laws[1]));
    assert_ne!(digest(&laws[0]), laws[0].digest);
    assert!(Derived::of(&crate::system::law("greet")).is_none());
}
