//! Every example of `docs/schemas.md`.

use mote_expr::{Schema, parse};

use crate::page::{blocks, differs};

const PAGE: &str = include_str!("../../../../docs/schemas.md");

fn refusals(source: &str) -> String {
    let errors = Schema::compile(&parse(source.as_bytes()).unwrap(), &mut ()).err().unwrap_or_default();
    joined(errors.iter().map(|error| {
        if error.at.0.is_empty() { error.message.clone() } else { format!("{} {}", error.at, error.message) }
    }))
}

fn joined(lines: impl Iterator<Item = String>) -> String {
    let text = lines.collect::<Vec<_>>().join("; ");
    if text.is_empty() { "ok".to_owned() } else { text }
}

#[test]
fn the_page_is_true() {
    let mut schema = None;
    let (mut wrong, mut count) = (String::new(), 0);
    for block in blocks(PAGE) {
        if block.info == "json schema" {
            let compiled = Schema::compile(&block.value(), &mut ());
            schema = Some(compiled.unwrap_or_else(|errors| panic!("line {}: {errors:?}", block.line)));
            continue;
        }
        for (line, text, expected) in block.examples() {
            count += 1;
            let value = || parse(text.as_bytes()).unwrap_or_else(|error| panic!("line {line}: {error}"));
            let found = match block.info {
                "values" => {
                    joined(schema.as_ref().unwrap().violations(&value()).iter().map(ToString::to_string))
                }
                "normalised" => schema.as_ref().unwrap().normalise(value()).to_string(),
                // The reasons of the regular expression crate are not ours to promise.
                _ => refusals(text)
                    .chars()
                    .take(if expected.ends_with("expression") { expected.chars().count() } else { 1_000 })
                    .collect(),
            };
            wrong.extend(differs(line, text, expected, &found));
        }
    }
    assert!(count > 130, "only {count} examples were found");
    assert!(wrong.is_empty(), "\n{wrong}");
}
