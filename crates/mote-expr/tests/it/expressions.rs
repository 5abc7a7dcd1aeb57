//! Where expressions are refused, with which hint, and what keeps them from running away.
//! What they mean is on the page `docs/expressions.md`.

use std::sync::Arc;

use mote_expr::expr::{COST_MAX, Definition, EvalErrorKind};
use mote_expr::{Bindings, Digest, Expr, ExprError, Schema, Scope, Type, Value, parse};

fn scope() -> Scope {
    let schema = r#"{
        "type": "object", "required": ["name", "count", "lines", "by", "maybe", "any"],
        "properties": {
            "name": {"type": "string"}, "count": {"type": "integer"}, "ratio": {"type": "number"},
            "maybe": {"type": ["object", "null"], "required": ["to"], "properties": {
                "to": {"type": "string"}, "note": {"type": "string"}}},
            "by": {"type": "object", "additionalProperties": {"type": "object", "properties": {"n": {"type": "integer"}}}},
            "lines": {"type": "array", "items": {"type": "object", "required": ["sku"], "properties": {
                "sku": {"type": "string"}, "n": {"type": "integer"}}}},
            "any": {"format": "mote:json"}
        }
    }"#;
    let schema = Schema::compile(&parse(schema.as_bytes()).unwrap(), &mut ()).unwrap();
    let mut scope = Scope::new();
    scope.bind("input", Type::of(&schema)).unwrap();
    scope
}

fn refusal(source: &str) -> ExprError {
    match Expr::compile(source, &scope()) {
        Ok(expr) => panic!("{source} compiles, to {}", expr.ty()),
        Err(error) => error,
    }
}

/// `source` is refused at the text between `»` and `«`, with this message and hint.
#[track_caller]
fn refused(marked: &str, message: &str, hint: &str) {
    let start = marked.find('»').unwrap();
    let end = marked.find('«').unwrap() - '»'.len_utf8();
    let source = marked.replace(['»', '«'], "");
    let error = refusal(&source);
    let found = (error.message.as_str(), error.hint.as_deref().unwrap_or(""), source.get(error.span.clone()));
    assert_eq!(found, (message, hint, source.get(start..end)), "{source}, span {:?}", error.span);
}

#[track_caller]
fn accepted(source: &str) {
    if let Err(error) = Expr::compile(source, &scope()) {
        panic!("{source}: {error:?}");
    }
}

#[test]
fn a_refusal_points_at_its_place() {
    refused("»input.nme« == 'x'", "there is no field `nme`", "did you mean `name`?");
    refused("1 + »inptu«.count", "there is no `inptu` here", "did you mean `input`?");
    refused("»x« > 1", "there is no `x` here", "the names here are `input`");
    refused(
        "(»input.name + 1«) == 'x'",
        "`+` does not take a string and an integer",
        "turn a number into a string with `string(n)`",
    );
    refused(
        "»(input.count + 1) * 'a'«",
        "`*` does not take an integer and a string",
        "turn a number into a string with `string(n)`",
    );
    refused(
        "»(input.count) * ((input.name))«",
        "`*` does not take an integer and a string",
        "turn a number into a string with `string(n)`",
    );
    refused("!»input.name«", "expected true or false, this is a string", "");
    refused("-»input.name«", "`-` takes a number, this is a string", "");
    refused("»input . lines [ 0 ] . foo«", "there is no field `foo`", "the fields are `n`, `sku`");
    refused("»input.lines['a' ]«", "a list is not indexed by a string", "");
    refused("true && »size( input.count )«", "`size` does not take an integer", "its form is `size(x)`");
    refused(
        "»input.name.substring( (1), 'a' )« == ''",
        "`substring` does not take a string and an integer and a string",
        "its form is `text.substring(from, to)`",
    );
    refused("[1, 2, »'a'«]", "the items before are an integer, this is a string", "");
    refused("»[[1], [2]] == [3]«", "a list is never equal to a list", "compare what is of one type");
    refused("{»input.count«: 1}", "a key is a string, this is an integer", "");
    refused("input.name.matches(»'['«)", "not a regular expression: found unclosed character class", "");
    refused("input.lines.map(l, »l.foo«)", "there is no field `foo`", "the fields are `n`, `sku`");
    refused(
        "input.lines.all(»input«, true)",
        "`input` already means something here",
        "give the variable another name",
    );
    refused("»nope(1)«", "there is no function `nope`", "");
    refused(
        "»input.name.lowerASCII()« == ''",
        "there is no function `lowerASCII`",
        "did you mean `lowerAscii`?",
    );
    refused("»trim(input.name)« == ''", "there is no function `trim`", "write it as `x.trim(…)`");
    refused("»input.lines.sum()« == 1", "there is no function `sum`", "write it as `sum(x)`");
    refused("»input.lines.all(true)«", "there is no function `all`", "write it as `list.all(item, …)`");
}

#[test]
fn places_are_bytes_whatever_the_text() {
    refused("'é' + »input.nme«", "there is no field `nme`", "did you mean `name`?");
    refused(
        "'日本' == 'x' && »input.foo«",
        "there is no field `foo`",
        "the fields are `any`, `by`, `count`, `lines`, `maybe`, `name`, `ratio`",
    );
    refused("'😀'.size() > 0 && »inptu«", "there is no `inptu` here", "did you mean `input`?");
    refused(
        "[»'é' + 1«] == []",
        "`+` does not take a string and an integer",
        "turn a number into a string with `string(n)`",
    );
}

#[test]
fn a_text_that_does_not_parse_says_where() {
    refused("'é' + »'«a", "a string without its closing quote", "");
    refused("'日本' == »=« 'x'", "`=` means nothing here", "write `==`");
    refused(
        "input.count >»« ",
        "the expression ends too early",
        "write what comes after the last operator, or leave it out",
    );
    refused("input.lines.all(»é«, true)", "`é` means nothing here", "");
    refused("'é' == 'é'\n  && »)« true", "`)` is not expected here", "");
}

#[test]
fn words_of_other_languages_have_a_hint() {
    refused("true »and« false", "`and` is not expected here", "write `&&`");
    refused("true »or« false", "`or` is not expected here", "write `||`");
    refused("not »true«", "`true` is not expected here", "write `!`");
    refused("1 == »=« 1", "`=` means nothing here", "write `==`");
    refused("true »|« false", "`|` means nothing here", "write `||`");
}

#[test]
fn conditions_narrow_what_is_behind_them() {
    for source in [
        "has(input.ratio) && input.ratio > 0.5",
        "!has(input.ratio) || input.ratio > 0.5",
        "!(has(input.ratio) && input.count > 0) || input.ratio > 0.5",
        "has(input.ratio) && input.count > 0 && input.name != '' && input.ratio > 0.5",
        "has(input.ratio) ? input.ratio > 0.5 : true",
        "!has(input.ratio) ? true : input.ratio > 0.5",
        "input.maybe != null && input.maybe.to == 'x'",
        "null != input.maybe && input.maybe['to'] == 'x'",
        "input.maybe == null || input.maybe.to == 'x'",
        "!(input.maybe != null) || input.maybe.to == 'x'",
        "input.maybe != null && has(input.maybe.note) && input.maybe.note == 'x'",
        "input.lines.all(l, !has(l.n) || l.n > 0)",
        "input.lines.filter(l, has(l.n)).size() == 0",
        "input.lines.map(l, has(l.n), l.n) == [1]",
        "input.lines.all(l, has(l.n) && input.lines.all(m, l.n > 0))",
        "input.by.all(k, !has(input.by[k].n))",
    ] {
        accepted(source);
    }
}

#[test]
fn conditions_narrow_nothing_else() {
    let guard = "guard it: `has(….ratio) && …`, or `has(….ratio) ? ….ratio : …`";
    refused("»input.ratio« > 0.5", "`ratio` may be missing", guard);
    refused("has(input.ratio) || »input.ratio« > 0.5", "`ratio` may be missing", guard);
    refused("!has(input.ratio) && »input.ratio« > 0.5", "`ratio` may be missing", guard);
    refused("»input.ratio« > 0.5 && has(input.ratio)", "`ratio` may be missing", guard);
    refused("(has(input.ratio) && true) == true && »input.ratio« > 0.5", "`ratio` may be missing", guard);
    refused("has(input.ratio) ? true : »input.ratio« > 0.5", "`ratio` may be missing", guard);
    let guard = "guard it: `has(….n) && …`, or `has(….n) ? ….n : …`";
    // Another variable of the same name is another item.
    refused("input.lines.all(l, has(l.n) && input.lines.all(l, »l.n« > 0))", "`n` may be missing", guard);
    refused("input.lines.all(l, has(l.n)) && input.lines.all(l, »l.n« > 0)", "`n` may be missing", guard);
    refused("has(input.lines[0].n) && »input.lines[1].n« > 0", "`n` may be missing", guard);
    refused("»input.maybe.to« == 'x'", "this may be null", "guard it: `x != null && …`");
    refused(
        "input.maybe != null || »input.maybe.to« == 'x'",
        "this may be null",
        "guard it: `x != null && …`",
    );
}

#[test]
fn a_rule_is_a_boolean() {
    let error = Expr::compile_rule("input.count + 1", &scope()).unwrap_err();
    assert_eq!(error.message, "a rule is true or false, this is an integer");
    assert!(Expr::compile_rule("input.any", &scope()).is_ok());
}

/// The evaluation of `source` fails at the marked text.
#[track_caller]
fn fails(marked: &str, kind: EvalErrorKind) {
    let start = marked.find('»').unwrap();
    let end = marked.find('«').unwrap() - '»'.len_utf8();
    let source = marked.replace(['»', '«'], "");
    let scope = scope();
    let input = r#"{"name":"é","count":0,"maybe":null,"by":{},"lines":[{"sku":"a"}],"any":{"list":[1,"a",null],"n":1.5}}"#;
    let input = parse(input.as_bytes()).unwrap();
    let mut bindings = Bindings::new(&scope);
    bindings.set(scope.slot("input").unwrap(), &input);
    let error = Expr::compile(&source, &scope).unwrap().eval(&bindings).unwrap_err();
    assert_eq!(error.kind, kind, "{source}");
    let span = error.span.0 as usize..error.span.1 as usize;
    assert_eq!(source.get(span.clone()), source.get(start..end), "{source}, span {span:?}");
}

#[test]
fn an_evaluation_fails_at_its_place() {
    use EvalErrorKind::{DivisionByZero, Function, NoItem, NoKey, Overflow, Type};
    fails("input.name == 'é' && »1 / input.count« == 1", DivisionByZero);
    fails("»1.5 / input.count« > 1.0", DivisionByZero);
    fails("»1 % input.count« == 1", DivisionByZero);
    fails("»mulDiv( 1, 1, (input.count) )« == 1", DivisionByZero);
    fails("-1 + (»9007199254740991 + 1«) * 1 > 0", Overflow);
    fails("»-9007199254740991 - 1« > 0", Overflow);
    fails("»9007199254740991 * 9007199254740991« > 0", Overflow);
    fails("»9007199254740991.0 * 2.5« > 0.0", Overflow);
    fails("»sum([9007199254740991, 1])« > 0", Overflow);
    fails("»input.by['x']« == {}", NoKey("x".to_owned()));
    fails("»input.any.missing«.deeper", NoKey("missing".to_owned()));
    fails("»input.lines[ 1 ]«.sku == ''", NoItem { index: 1, length: 1 });
    fails("»input.any.list['a']«", Type { expected: "an object", found: "array" });
    fails("»input.any.n['a']«", Type { expected: "an object", found: "number" });
    fails(
        "»input.any.n[0]«",
        Type { expected: "a list with an integer or a map with a string", found: "number" },
    );
    fails("»1 in input.any.n«", Type { expected: "a list, or a map and a string", found: "number" });
    fails("»-input.any.list« == 1", Type { expected: "a number", found: "array" });
    fails("»input.any.n % 2« == 1", Type { expected: "two integers", found: "integer" });
    fails("»input.any.list < 2«", Type { expected: "two values that have an order", found: "integer" });
    fails("!»input.any.list«", Type { expected: "a boolean", found: "array" });
    fails("»input.any.list.sort()« == []", Type { expected: "values that have an order", found: "string" });
    fails(
        "input.any.list.sortBy(x, »x«) == []",
        Type { expected: "values that have an order", found: "string" },
    );
    fails("»max(input.any.list)« == 1", Type { expected: "values that have an order", found: "string" });
    fails("»input.any.list.join()« == ''", Type { expected: "a string", found: "integer" });
    fails("»input.any.n.all(x, true)«", Type { expected: "a list or a map", found: "number" });
    fails("»input.any.n.matches('a')«", Type { expected: "a string", found: "number" });
    fails(
        "{'a' + input.name: 1, »'a' + 'é'«: 2} == {}",
        Function("the key \"aé\" is there twice".to_owned()),
    );
    fails("»int(input.name)« == 1", Function("\"é\" is not an integer".to_owned()));
}

/// Compile `lets`, each building on those before, and then `source`.
fn with_lets(lets: &[String], source: &str) -> Result<(Scope, Expr), ExprError> {
    let mut scope = scope();
    for (at, text) in lets.iter().enumerate() {
        let expr = Expr::compile(text, &scope)?;
        scope.derive(&format!("x{at}"), expr).unwrap();
    }
    let expr = Expr::compile(source, &scope)?;
    Ok((scope, expr))
}

#[test]
fn lets_are_evaluated_once_and_only_if_needed() {
    let lets = ["1 + 1".to_owned(), "1 / 0".to_owned(), "x0 * x0".to_owned()];
    let (scope, expr) = with_lets(&lets, "x2 + x0").unwrap();
    let bindings = Bindings::new(&scope);
    assert_eq!(*expr.eval(&bindings).unwrap(), Value::Int(6));
    assert_eq!(bindings.derived(), [("x0", &Value::Int(2)), ("x2", &Value::Int(4))]);
    assert!(expr.uses().is_empty());

    let (scope, expr) = with_lets(&lets, "x0 + x1").unwrap();
    let error = expr.eval(&Bindings::new(&scope)).unwrap_err();
    assert_eq!(error.to_string(), "`x1`: division by zero");
    assert_eq!(error.span, (5, 7));

    let (scope, expr) = with_lets(&["input.count".to_owned()], "x0 == 1").unwrap();
    assert_eq!(scope.names_of(expr.uses()), ["input"]);
    let error = expr.eval(&Bindings::new(&scope)).unwrap_err();
    assert_eq!(error.to_string(), "`x0`: `input` has no value here");
}

#[test]
fn cost_is_bounded() {
    let loops = |depth: usize| {
        (0..depth).rev().fold("true".to_owned(), |body, at| format!("input.lines.all(v{at}, {body})"))
    };
    accepted(&loops(2));
    let error = refusal(&loops(3));
    assert!(error.message.starts_with("this may take "), "{error:?}");
    assert!(Expr::compile(&loops(2), &scope()).unwrap().cost() <= COST_MAX);
    // Comparing long lists in a loop is as dear as another loop, and so is making long texts.
    refusal("input.lines.all(a, input.lines.all(b, input.lines == input.lines))");
    refusal("input.lines.all(a, input.lines.all(b, unique(input.lines)))");
    refusal("input.name.replace('', input.name).replace('', input.name).size() == 0");
    refusal(
        "[input.any, input.any].map(x, string(x)).join(input.name).replace('', input.name).replace('', input.name) == ''",
    );
}

/// Values that share their parts are small in memory and endless when written.
#[test]
fn values_cannot_grow_without_bound() {
    let doubled = |start: &str, again: &dyn Fn(usize) -> String| -> Vec<String> {
        [start.to_owned()].into_iter().chain((0..50).map(again)).collect()
    };
    let too_large = |lets: Vec<String>| with_lets(&lets, "true").unwrap_err().message;
    let parts = too_large(doubled("[1, 2]", &|at| format!("[x{at}, x{at}]")));
    assert!(parts.starts_with("this may take "), "{parts}");
    let parts = too_large(doubled("{'a': input.any}", &|at| format!("{{'a': x{at}, 'b': x{at}}}")));
    assert!(parts.starts_with("this may "), "{parts}");
    let copies = vec!["input.any"; 40].join(", ");
    let parts = refusal(&format!("input.lines.map(a, input.lines.map(b, [{copies}]))")).message;
    assert!(parts.starts_with("this may make a value of "), "{parts}");
    // Dynamic values hide their size, so what would put them back into themselves is refused.
    for (grow, message) in [
        ("true ? [input.any, 1] : input.any", "one side is a list, the other any JSON"),
        ("[[input.any], input.any][0]", "the items before are a list, this is any JSON"),
        ("[input.any] + input.any", "a list and any JSON do not make one list"),
        ("{input.name: [input.any], 'b': input.any}", "the values before are a list, this is any JSON"),
    ] {
        assert_eq!(refusal(grow).message, message, "{grow}");
    }
    // Concatenation alone is stopped when it happens.
    let lets: Vec<String> = doubled("input.any + input.any", &|at| format!("x{at} + x{at}"))[..11].to_vec();
    let (scope, expr) = with_lets(&lets, "x10").unwrap();
    let evaluated = |any: Value| {
        let input = Value::object([("any", any)]);
        let mut bindings = Bindings::new(&scope);
        bindings.set(scope.slot("input").unwrap(), &input);
        expr.eval(&bindings).map_or_else(|error| error.to_string(), |value| value.to_string())
    };
    assert_eq!(evaluated(Value::Int(1)), "2048");
    let list = evaluated(Value::list((0..10).map(Value::Int)));
    assert!(list.ends_with("the joined list is too long"), "{list}");
    let text = evaluated(Value::text("0123456789".repeat(100)));
    assert!(text.ends_with("the joined text is too long"), "{text}");
}

/// The stack of a worker thread: what compiles must also run there, in a development build too.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn nesting_is_bounded() {
    let texts = [
        "(".repeat(2_000) + "1" + &")".repeat(2_000),
        "(".repeat(4_000),
        "!".repeat(4_000) + "true",
        "-".repeat(4_000) + "1",
        "[".repeat(2_000) + &"]".repeat(2_000),
        "{'a':".repeat(600) + "1" + &"}".repeat(600),
        "true ? 1 : ".repeat(370) + "1",
        "1+".repeat(2_000) + "1",
        "1==".repeat(1_300) + "1",
        "input".to_owned() + &"[0]".repeat(1_300),
        "input".to_owned() + &".a".repeat(1_900),
        "size(".repeat(600) + "1" + &")".repeat(600),
        "'a'".to_owned() + &".trim()".repeat(500),
        "1 in ".repeat(800) + "[]",
        "(1+".repeat(1_000) + "1" + &")".repeat(1_000),
    ];
    on_a_small_stack(move || {
        for text in texts {
            let error = refusal(&text);
            assert_eq!(error.message, "this nests deeper than 96 levels; split it with `let`", "{text}");
        }
        // The parser balances these.
        accepted(&("true&&".repeat(600) + "true"));
        accepted(&("false||".repeat(500) + "true"));
    });
}

#[test]
fn what_nests_as_deep_as_it_may_is_evaluated() {
    let nested = |depth: usize, inner: &str| "(".repeat(depth) + inner + &")".repeat(depth);
    let texts = [
        nested(40, "1 + 1"),
        "1+".repeat(94) + "1",
        "!".repeat(94) + "true",
        "[".repeat(46) + "1" + &"]".repeat(46),
        "true ? 1 : ".repeat(90) + "1",
        (0..20).fold("1".to_owned(), |inner, at| format!("[1].map(v{at}, {inner})")),
    ];
    on_a_small_stack(move || {
        let scope = scope();
        for text in &texts {
            let expr = Expr::compile(text, &scope).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            expr.eval(&Bindings::new(&scope)).unwrap();
        }
        // Each `let` as deep as it may be, each reading the one before at its deepest.
        let deep = |inner: &str| format!("{}{inner}", "1+".repeat(90));
        let lets: Vec<String> =
            (0..60).map(|at| if at == 0 { deep("1") } else { deep(&format!("x{}", at - 1)) }).collect();
        let error = with_lets(&lets, "true").unwrap_err();
        assert_eq!(error.message, "with what it refers to this nests deeper than 384 levels");
        let (scope, expr) = with_lets(&lets[..4], "x3").unwrap();
        assert_eq!(*expr.eval(&Bindings::new(&scope)).unwrap(), Value::Int(361));
        // And each function, calling the one before at its deepest.
        let (scope, refused) = with_functions(60, deep);
        assert_eq!(refused.as_deref(), Some("with what it refers to this nests deeper than 384 levels"));
        let expr = Expr::compile("f3(1)", &scope).unwrap();
        assert_eq!(*expr.eval(&Bindings::new(&scope)).unwrap(), Value::Int(361));
    });
}

/// As many of `count` functions as nest no deeper than they may, each calling the one before in `body`.
fn with_functions(count: usize, body: impl Fn(&str) -> String) -> (Scope, Option<String>) {
    let mut base = Scope::new();
    for at in 0..count {
        let mut inner = base.clone();
        inner.bind("n", Type::Int).unwrap();
        let call = if at == 0 { "n".to_owned() } else { format!("f{}(n)", at - 1) };
        match Expr::compile(&body(&call), &inner) {
            Ok(expr) => {
                let name = format!("f{at}");
                let digest = Digest::of(name.as_bytes());
                base.define(Arc::new(Definition::new(&name, "here", digest, inner, expr)));
            }
            Err(error) => return (base, Some(error.message)),
        }
    }
    (base, None)
}

#[test]
fn length_is_bounded() {
    let error = refusal(&("1 ".to_owned() + &" ".repeat(5_000)));
    assert_eq!(error.message, "an expression has at most 4096 bytes; split it with `let`");
    assert_eq!(refusal(" \n ").message, "an expression is missing here");
}

#[test]
fn an_explanation_shows_both_sides() {
    let scope = scope();
    let input = parse(br#"{"name":"x","count":3,"lines":[]}"#).unwrap();
    let mut bindings = Bindings::new(&scope);
    bindings.set(scope.slot("input").unwrap(), &input);
    let explain = |source: &str| {
        let terms = Expr::compile(source, &scope).unwrap().explain(&bindings);
        terms.iter().map(|term| format!("{} = {}", term.text, term.value)).collect::<Vec<_>>()
    };
    assert_eq!(
        explain("input.name == 'x' && (input.count + 1) * 2 == size( input.lines )"),
        ["(input.count + 1) * 2 = 8", "size( input.lines ) = 0"]
    );
    assert_eq!(explain("input.count in [1, 2]"), ["input.count = 3", "[1, 2] = [1,2]"]);
    assert_eq!(explain("input.count > 5"), ["input.count = 3"]);
    assert_eq!(explain("has(input.ratio)"), Vec::<String>::new());
}
