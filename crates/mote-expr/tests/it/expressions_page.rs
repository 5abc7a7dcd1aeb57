//! Every example of `docs/expressions.md`.

use mote_expr::{Bindings, Expr, Schema, Scope, Template, Type, Value};

use crate::page::{Block, blocks, differs};

const PAGE: &str = include_str!("../../../../docs/expressions.md");

struct World {
    scope: Scope,
    values: Vec<(String, Value)>,
}

impl World {
    fn of(page: &[Block<'_>]) -> World {
        let mut scope = Scope::new();
        let named = |kind: &str| {
            page.iter()
                .filter_map(|block| Some((block.named(kind)?.to_owned(), block.value())))
                .collect::<Vec<_>>()
        };
        for (name, schema) in named("json schema=") {
            let schema = Schema::compile(&schema, &mut ()).unwrap();
            scope.bind(&name, Type::of(&schema)).unwrap();
        }
        World { scope, values: named("json value=") }
    }

    fn bindings(&self) -> Bindings<'_> {
        let mut bindings = Bindings::new(&self.scope);
        for (name, value) in &self.values {
            bindings.set(self.scope.slot(name).unwrap(), value);
        }
        bindings
    }

    fn expression(&self, source: &str) -> String {
        let expr = match Expr::compile(source, &self.scope) {
            Ok(expr) => expr,
            Err(error) => return format!("error: {}", error.message),
        };
        match expr.eval(&self.bindings()) {
            Ok(value) => value.to_string(),
            Err(error) => format!("error: {error}"),
        }
    }

    fn template(&self, data: &str) -> String {
        let data = mote_expr::parse(data.as_bytes()).unwrap();
        match Template::compile(&data, &self.scope) {
            Ok(template) => template.eval(&self.bindings()).unwrap().to_string(),
            Err(errors) => format!("error: {}", errors[0].error.message),
        }
    }
}

#[test]
fn the_page_is_true() {
    let page = blocks(PAGE);
    let world = World::of(&page);
    let mut wrong = String::new();
    let mut count = 0;
    for block in &page {
        if !matches!(block.info, "cel" | "template") {
            continue;
        }
        for (line, text, expected) in block.examples() {
            count += 1;
            let found = if block.info == "template" { world.template(text) } else { world.expression(text) };
            wrong.extend(differs(line, text, expected, &found));
        }
    }
    assert!(count > 200, "only {count} examples were found");
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// A function that the page does not show is a function nobody can find.
#[test]
fn every_function_is_on_the_page() {
    for form in Expr::functions() {
        let before = form.split_inclusive('(').next().unwrap();
        let call = before.rsplit_once('.').map_or(before, |(_, name)| name);
        assert!(PAGE.contains(call), "`{form}` is not on the page");
    }
}
