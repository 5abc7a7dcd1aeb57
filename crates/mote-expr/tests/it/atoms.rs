//! What in an expression can be aimed at, and that nearer is nearer.

use std::sync::Arc;

use mote_expr::expr::Definition;
use mote_expr::{Bindings, Digest, Expr, Goal, Schema, Scope, Slot, Type, Uses, Value, parse};

const INPUT: &str = r#"{
    "type": "object", "required": ["count", "lines", "name", "fast", "at", "kind"],
    "properties": {
        "count": {"type": "integer", "minimum": 0, "maximum": 100},
        "lines": {"type": "array", "maxItems": 5, "items": {"type": "object", "required": ["n", "sku"], "properties": {
            "n": {"type": "integer", "minimum": 1, "maximum": 9}, "sku": {"type": "string", "maxLength": 5}}}},
        "name": {"type": "string", "maxLength": 20}, "note": {"type": "string", "maxLength": 20},
        "fast": {"type": "boolean"}, "at": {"type": "number"}, "kind": {"enum": ["a", "b"]}
    }
}"#;

struct World {
    schema: Schema,
    scope: Scope,
    input: Slot,
}

impl World {
    /// A scope with `input`, which is known, `output`, which is not, and some `let`s.
    fn new() -> World {
        let schema = Schema::compile(&parse(INPUT.as_bytes()).unwrap(), &mut ()).unwrap();
        let mut scope = Scope::new();
        for (name, parameter, ty, body) in [
            ("heavy", "n", Type::Int, "n * 10 > 50"),
            ("all_heavy", "ns", Type::List { item: Type::Int.into(), max: 5 }, "ns.all(n, heavy(n))"),
        ] {
            let mut inner = scope.clone();
            inner.bind(parameter, ty).unwrap();
            let body = Expr::compile(body, &inner).unwrap();
            let digest = Digest::of(name.as_bytes());
            scope.define(Arc::new(Definition::new(name, "definitions/heavy.yaml", digest, inner, body)));
        }
        let input = scope.bind("input", Type::of(&schema)).unwrap();
        scope.bind("output", Type::of(&schema)).unwrap();
        for (name, source) in [
            ("total", "sum(input.lines.map(l, l.n * 10))"),
            ("percent", "total >= 100 ? 10 : 0"),
            ("many", "input.count > 3"),
            ("kinds", "['a', 'b']"),
        ] {
            let derived = Expr::compile(source, &scope).unwrap();
            scope.derive(name, derived).unwrap();
        }
        World { schema, scope, input }
    }

    fn rule(&self, source: &str) -> Expr {
        Expr::compile(source, &self.scope).unwrap_or_else(|error| panic!("{source}: {error:?}"))
    }

    fn schemas<'w>(&'w self) -> impl Fn(Slot) -> Option<&'w Schema> {
        move |slot| (slot == self.input).then_some(&self.schema)
    }
}

/// The atoms of `source` and what each can be brought to.
#[track_caller]
fn atoms(source: &str, expected: &[&str]) {
    let world = World::new();
    let found = world.scope.atoms(&world.rule(source), Uses::of(world.input), &world.schemas());
    let shown: Vec<String> = found
        .iter()
        .map(|atom| {
            let goals: Vec<String> = atom.goals.iter().map(ToString::to_string).collect();
            format!("{}: {}", atom.text, goals.join(" | "))
        })
        .collect();
    assert_eq!(shown, expected, "{source}");
}

#[test]
fn what_can_be_aimed_at() {
    let both = "the left side 1 less | both sides equal | the left side 1 more";
    atoms("input.count >= 10", &[&format!("input.count >= 10: {both}")]);
    // A bound of the schema leaves one side out, and what never changes is no atom.
    atoms("input.count == 0", &["input.count == 0: both sides equal | the left side 1 more"]);
    atoms(
        "input.count < 101 && size(input.lines) <= 5",
        &[
            "input.count < 101: the left side 1 less",
            "size(input.lines) <= 5: the left side 1 less | both sides equal",
        ],
    );
    atoms("input.count < 102 || 1 == 2", &[]);
    atoms("total > 450", &["total > 450: the left side 1 less | both sides equal"]);
    atoms("input.at > 1.5", &["input.at > 1.5: the left side less | both sides equal | the left side more"]);
    atoms("!input.fast || many", &["input.fast: true | false"]);
    atoms(
        "has(input.note) && input.note == input.name",
        &["has(input.note): true | false", "input.note == input.name: true | false"],
    );
    atoms("input.kind in kinds", &["input.kind in kinds: \"a\" | \"b\" | false"]);
    atoms("input.kind in ['a', 'c']", &["input.kind in ['a', 'c']: \"a\" | \"c\" | false"]);
    atoms(
        "input.name in input.lines.map(l, l.sku)",
        &["input.name in input.lines.map(l, l.sku): the first of several | the last of several | false"],
    );
    atoms(
        "input.lines.all(l, l.n > 1 && l.sku.startsWith('x'))",
        &[
            "input.lines.all(l, l.n > 1 && l.sku.startsWith('x')): true | false",
            "l.n > 1: both sides equal | the left side 1 more",
            "l.sku.startsWith('x'): true | false",
        ],
    );
    // What the answer decides is no atom; what stands in it may be one.
    atoms("output.count == input.count", &[]);
    atoms("output.count == (input.count > 3 ? total : 0)", &[&format!("input.count > 3: {both}")]);
    atoms("output.lines.exists(o, input.lines.exists(l, l.n == o.n))", &[]);
    atoms(
        "output.lines.exists(o, input.lines.exists(l, l.n == 5))",
        &["input.lines.exists(l, l.n == 5): true | false", &format!("l.n == 5: {both}")],
    );
    // A tautology of the schema: no line is larger.
    atoms("input.lines.all(l, l.n <= 9)", &["l.n <= 9: the left side 1 less | both sides equal"]);
}

#[test]
fn a_rule_reads_lets_through_lets() {
    let world = World::new();
    let lets = |source: &str| -> Vec<String> {
        world.scope.lets(&world.rule(source)).into_iter().map(|(name, _)| name.to_owned()).collect()
    };
    assert_eq!(lets("output.count == percent"), ["total", "percent"]);
    assert_eq!(lets("input.fast"), [] as [&str; 0]);
}

#[test]
fn what_schemas_prove() {
    for (source, expected) in [
        ("input.count <= 100", Some(true)),
        ("input.count > 100", Some(false)),
        ("input.count > 99", None),
        ("total > 450", Some(false)),
        ("size(input.lines) > 5 || input.count < 0", Some(false)),
        ("input.lines.exists(l, l.n == 10)", Some(false)),
        ("input.lines.all(l, l.n < 10)", Some(true)),
        // An empty list has none and all.
        ("input.lines.exists(l, l.n < 10)", None),
        ("input.lines.all(l, l.n == 10)", None),
        ("has(input.count)", Some(true)),
        ("has(input.note)", None),
        ("input.kind == 'c'", Some(false)),
        ("mulDiv(total, 10, 100) > 45", Some(false)),
        ("input.count % 7 == 7", Some(false)),
        ("(input.fast ? 1 : 2) == 3", Some(false)),
        ("input.count - 101 >= 0", Some(false)),
        ("percent == 10", None),
    ] {
        let world = World::new();
        assert_eq!(world.scope.proven(&world.rule(source), &world.schemas()), expected, "{source}");
    }
}

/// What is given to a definition bounds what can be aimed at in it.
#[test]
fn a_definition_has_atoms_of_its_own() {
    let both = "the left side 1 less | both sides equal | the left side 1 more";
    atoms("heavy(input.count)", &[&format!("n * 10 > 50: {both}")]);
    atoms("heavy(input.count % 6)", &["n * 10 > 50: the left side 1 less | both sides equal"]);
    atoms("heavy(output.count)", &[]);
    atoms(
        "output.fast == all_heavy(input.lines.map(l, l.n))",
        &["ns.all(n, heavy(n)): true | false", &format!("n * 10 > 50: {both}")],
    );
    let world = World::new();
    let rule = world.rule("output.fast == all_heavy(input.lines.map(l, l.n))");
    let found = world.scope.atoms(&rule, Uses::of(world.input), &world.schemas());
    assert_eq!(found[1].inside.as_deref(), Some("heavy"));
    let measure = |input: &str| {
        let input = parse(input.as_bytes()).unwrap();
        let mut bindings = Bindings::new(&world.scope);
        bindings.set(world.input, &input);
        let goal = Goal::Difference(0);
        (found[1].measure(&goal, &bindings), found[1].measure_deciding(&goal, &bindings))
    };
    let (plain, deciding) = measure(r#"{"lines": [{"n": 5}, {"n": 1}]}"#);
    assert!(plain.distance.is_reached() && !deciding.distance.is_reached());
    assert!(measure(r#"{"lines": [{"n": 5}, {"n": 9}]}"#).1.distance.is_reached());
    assert_eq!(measure(r#"{"lines": [{"n": 7}]}"#).0.excess, Some(20));
    assert_eq!(world.scope.proven(&world.rule("heavy(input.count % 5)"), &world.schemas()), Some(false));
}

/// Each of `inputs` is nearer to making `source` true than the one before; the last one does.
#[track_caller]
fn nearer(source: &str, inputs: &[&str]) {
    let world = World::new();
    let rule = world.rule(source);
    let inputs: Vec<Value> = inputs.iter().map(|text| parse(text.as_bytes()).unwrap()).collect();
    let distances: Vec<_> = inputs
        .iter()
        .map(|input| {
            let mut bindings = Bindings::new(&world.scope);
            bindings.set(world.input, input);
            rule.truth(&bindings).to_true
        })
        .collect();
    assert!(distances.windows(2).all(|pair| pair[1] < pair[0]), "{source} {distances:?}");
    assert!(distances.last().unwrap().is_reached(), "{source} {distances:?}");
}

#[test]
fn nearer_is_nearer() {
    nearer("input.count == 10", &[r#"{"count": 900}"#, r#"{"count": 12}"#, r#"{"count": 10}"#]);
    nearer("input.count > 10", &[r#"{"count": -9007199254740991}"#, r#"{"count": 10}"#, r#"{"count": 11}"#]);
    // A step of one shows however far away it is.
    nearer(
        "input.count > 9000000000000",
        &[
            r#"{"count": 0}"#,
            r#"{"count": 1000000000000}"#,
            r#"{"count": 1000000000001}"#,
            r#"{"count": 9000000000001}"#,
        ],
    );
    nearer(
        "input.name == 'north'",
        &[
            r#"{"name": "a long way off"}"#,
            r#"{"name": "nirds"}"#,
            r#"{"name": "nords"}"#,
            r#"{"name": "north"}"#,
        ],
    );
    nearer(
        "has(input.note) && input.count > 3 && input.fast",
        &[
            r#"{"count": 1, "fast": false}"#,
            r#"{"count": 3, "fast": false, "note": ""}"#,
            r#"{"count": 3, "fast": true, "note": ""}"#,
            r#"{"count": 4, "fast": true, "note": ""}"#,
        ],
    );
    nearer(
        "!input.lines.all(l, l.n > 3)",
        &[r#"{"lines": []}"#, r#"{"lines": [{"n": 9}, {"n": 8}]}"#, r#"{"lines": [{"n": 9}, {"n": 3}]}"#],
    );
    nearer(
        "input.lines.all(l, l.n > 3)",
        &[
            r#"{"lines": [{"n": 1}, {"n": 1}]}"#,
            r#"{"lines": [{"n": 1}, {"n": 9}]}"#,
            r#"{"lines": [{"n": 5}, {"n": 9}]}"#,
        ],
    );
    nearer(
        "input.lines.exists_one(l, l.n > 3)",
        &[r#"{"lines": []}"#, r#"{"lines": [{"n": 1}, {"n": 2}]}"#, r#"{"lines": [{"n": 1}, {"n": 4}]}"#],
    );
    nearer(
        "unique(input.lines.map(l, l.n))",
        &[
            r#"{"lines": [{"n": 1}, {"n": 1}, {"n": 1}]}"#,
            r#"{"lines": [{"n": 1}, {"n": 1}, {"n": 2}]}"#,
            r#"{"lines": [{"n": 1}, {"n": 3}, {"n": 2}]}"#,
        ],
    );
    nearer(
        "!unique(input.lines.map(l, l.n))",
        &[
            r#"{"lines": [{"n": 1}]}"#,
            r#"{"lines": [{"n": 1}, {"n": 9}]}"#,
            r#"{"lines": [{"n": 8}, {"n": 9}]}"#,
            r#"{"lines": [{"n": 9}, {"n": 9}]}"#,
        ],
    );
    nearer(
        "input.name in input.lines.map(l, l.sku)",
        &[
            r#"{"name": "a", "lines": []}"#,
            r#"{"name": "a", "lines": [{"sku": "zzzz"}]}"#,
            r#"{"name": "a", "lines": [{"sku": "b"}, {"sku": "zzzz"}]}"#,
            r#"{"name": "a", "lines": [{"sku": "b"}, {"sku": "a"}]}"#,
        ],
    );
    // Through a `let`, and through a condition either way.
    nearer("many", &[r#"{"count": 0}"#, r#"{"count": 2}"#, r#"{"count": 4}"#]);
    nearer(
        "input.count > 50 ? input.fast : input.name == 'x'",
        &[
            r#"{"count": 20, "fast": false, "name": "long and wrong"}"#,
            r#"{"count": 20, "fast": false, "name": "y"}"#,
            r#"{"count": 20, "fast": false, "name": "x"}"#,
        ],
    );
    // What errs is far away, and never a panic.
    nearer(
        "input.lines[1].n == 5",
        &[r#"{"lines": []}"#, r#"{"lines": [{"n": 0}, {"n": 1}]}"#, r#"{"lines": [{"n": 0}, {"n": 5}]}"#],
    );
}

#[test]
fn an_atom_in_a_loop_is_measured_at_its_nearest_item() {
    let world = World::new();
    let rule = world.rule("output.fast == input.lines.exists(l, has(l.sku) && l.n >= 7)");
    let atoms = world.scope.atoms(&rule, Uses::of(world.input), &world.schemas());
    let atom = atoms.iter().find(|atom| atom.text == "l.n >= 7").unwrap();
    assert!(atom.looped);
    let measure = |input: &str| {
        let input = parse(input.as_bytes()).unwrap();
        let mut bindings = Bindings::new(&world.scope);
        bindings.set(world.input, &input);
        atom.measure(&Goal::Difference(-1), &bindings)
    };
    assert!(measure(r#"{"lines": [{"n": 9, "sku": ""}, {"n": 6, "sku": ""}]}"#).distance.is_reached());
    let near = measure(r#"{"lines": [{"n": 1, "sku": ""}, {"n": 4, "sku": ""}]}"#);
    assert_eq!(near.excess, Some(-2));
    // The guard in front of it counts, and no item at all is farthest.
    assert!(measure(r#"{"lines": [{"n": 6}]}"#).distance > near.distance);
    assert!(measure(r#"{"lines": []}"#).distance > measure(r#"{"lines": [{"n": 6}]}"#).distance);
}

/// A comparison that something beside it settles shows nothing.
#[test]
fn an_atom_that_decides_is_not_settled_beside_it() {
    let world = World::new();
    let measured = |source: &str, text: &str, goal: &Goal, input: &str| {
        let rule = world.rule(source);
        let atoms = world.scope.atoms(&rule, Uses::of(world.input), &world.schemas());
        let atom = atoms.iter().find(|atom| atom.text == text).unwrap();
        let input = parse(input.as_bytes()).unwrap();
        let mut bindings = Bindings::new(&world.scope);
        bindings.set(world.input, &input);
        let reached = |measured: mote_expr::Measured| measured.distance.is_reached();
        (reached(atom.measure(goal, &bindings)), reached(atom.measure_deciding(goal, &bindings)))
    };
    let all = "output.fast == input.lines.all(l, l.n <= 5)";
    let at_bound = |source, lines| measured(source, "l.n <= 5", &Goal::Difference(0), lines);
    assert_eq!(at_bound(all, r#"{"lines": [{"n": 9}, {"n": 5}]}"#), (true, false));
    assert_eq!(at_bound(all, r#"{"lines": [{"n": 1}, {"n": 5}]}"#), (true, true));
    let exists = "output.fast == input.lines.exists(l, l.n <= 5)";
    assert_eq!(at_bound(exists, r#"{"lines": [{"n": 1}, {"n": 5}]}"#), (true, false));
    assert_eq!(at_bound(exists, r#"{"lines": [{"n": 9}, {"n": 5}]}"#), (true, true));
    let count = |source, input| measured(source, "input.count > 3", &Goal::Difference(0), input);
    assert_eq!(count("input.count > 3 && input.fast", r#"{"count": 3, "fast": false}"#), (true, false));
    assert_eq!(count("input.count > 3 && input.fast", r#"{"count": 3, "fast": true}"#), (true, true));
    assert_eq!(count("input.count > 3 || input.fast", r#"{"count": 3, "fast": true}"#), (true, false));
    // What the answer says beside it is not known, and asks for nothing.
    assert_eq!(count("input.count > 3 || output.fast", r#"{"count": 3}"#), (true, true));
}

/// Lets that name each other twice double a walk through them with every level.
#[test]
fn measuring_through_many_lets_is_bounded() {
    let mut scope = Scope::new();
    let bound = scope.bind("x", Type::Int).unwrap();
    let mut last = "x > 3".to_owned();
    for level in 0..12 {
        let Ok(derived) = Expr::compile(&format!("({last}) && ({last})"), &scope) else { break };
        scope.derive(&format!("l{level}"), derived).unwrap();
        last = format!("l{level}");
    }
    let rule = Expr::compile(&last, &scope).unwrap();
    let value = Value::Int(2);
    let mut bindings = Bindings::new(&scope);
    bindings.set(bound, &value);
    assert!(!rule.truth(&bindings).to_true.is_reached());
    assert!(rule.truth(&bindings).to_false.is_reached());
    assert_eq!(scope.lets(&rule).len(), 12);
}
