//! Where expressions are found in data, and where their errors are.

use mote_expr::{Bindings, Scope, Template, Type, Value, parse};

fn scope() -> Scope {
    let mut scope = Scope::new();
    scope.bind("n", Type::Int).unwrap();
    scope.bind("t", Type::TEXT).unwrap();
    scope
}

/// `data` becomes `expected`, or every error is `place [text] message`.
#[track_caller]
fn check(data: &str, expected: &[&str]) {
    let scope = scope();
    let (n, t) = (Value::Int(7), Value::text("é"));
    let mut bindings = Bindings::new(&scope);
    bindings.set(scope.slot("n").unwrap(), &n);
    bindings.set(scope.slot("t").unwrap(), &t);
    let data = parse(data.as_bytes()).unwrap();
    let found: Vec<String> = match Template::compile(&data, &scope) {
        Ok(template) => vec![
            template
                .eval(&bindings)
                .map_or_else(|error| format!("error: {error}"), |value| value.to_string()),
        ],
        Err(errors) => errors
            .iter()
            .map(|wrong| {
                let text = wrong.at.find(&data).and_then(Value::as_text).unwrap();
                format!("{} [{}] {}", wrong.at, &text[wrong.error.span.clone()], wrong.error.message)
            })
            .collect(),
    };
    assert_eq!(found, expected, "{data}");
}

#[test]
fn alone_an_expression_keeps_its_type() {
    check(r#""${n}""#, &["7"]);
    check(r#""${ n }""#, &["7"]);
    check(r#"" ${n}""#, &[r#"" 7""#]);
    check(r#""${n}${n}""#, &[r#""77""#]);
    check(r#"{"a":["${n + 1}","${t}"],"b":null}"#, &[r#"{"a":[8,"é"],"b":null}"#]);
    check(r#""n is ${[{'t': t}]}""#, &[r#""n is [{\"t\":\"é\"}]""#]);
}

#[test]
fn an_expression_ends_at_its_own_brace() {
    check(r#""${{'a': {'b': n}}}""#, &[r#"{"a":{"b":7}}"#]);
    check(r#""${'}'}${\"{\"}""#, &[r#""}{""#]);
    check(r#""${'it\\'s }'}!""#, &[r#""it's }!""#]);
    check(r#""${r'\\'}}""#, &[r#""\\}""#]);
    check(r#""${'''it's }'''}!""#, &[r#""it's }!""#]);
    check(r#""${n // not the } end\n}!""#, &[r#""7!""#]);
}

#[test]
fn a_doubled_dollar_is_text() {
    check(r#""$${n}""#, &[r#""${n}""#]);
    check(r#""${n}$${n}""#, &[r#""7${n}""#]);
    check(r#""a $${ b""#, &[r#""a ${ b""#]);
    check(r#""$5 $ {} $n""#, &[r#""$5 $ {} $n""#]);
    check(r#""$$""#, &[r#""$$""#]);
}

#[test]
fn keys_are_not_templates() {
    check(r#"{"${n}":1}"#, &[r#"{"${n}":1}"#]);
}

#[test]
fn every_error_has_its_place() {
    check(
        r#"{"a":["é ${m}","${n}"],"b/c":"é ${n} ${t + n}"}"#,
        &["/a/0 [m] there is no `m` here", "/b~1c [t + n] `+` does not take a string and an integer"],
    );
    check(r#""é ${n +} x""#, &[" [] the expression ends too early"]);
    check(r#""é ${n""#, &[" [${n] `${` without a closing `}`"]);
    check(r#""${'open}""#, &[" [${'open}] `${` without a closing `}`"]);
    check(r#""é ${}""#, &[" [] an expression is missing here"]);
    check(r#""${1 / (n - 7)}""#, &["error: division by zero"]);
}

#[test]
fn a_template_has_a_type_and_uses() {
    let scope = scope();
    let data = parse(r#"{"a":"${n}","b":"x ${t}","c":["${n}",1.5]}"#.as_bytes()).unwrap();
    let template = Template::compile(&data, &scope).unwrap();
    let Type::Object(fields) = template.ty() else { panic!("an object") };
    let types: Vec<String> = fields.iter().map(|field| field.ty.to_string()).collect();
    assert_eq!(types, ["an integer", "a string", "a list"]);
    assert_eq!(scope.names_of(template.uses()), ["n", "t"]);
}
