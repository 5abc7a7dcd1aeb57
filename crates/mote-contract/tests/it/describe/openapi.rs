//! The OpenAPI document.

use mote_contract::{System, openapi};
use serde_json::Value as Json;

use super::{check_expected, check_shape, json, laws, root, system};

fn document(system: &System) -> Json {
    let document = json(&openapi(&system.manifest.name, laws(system)));
    check_shape(include_str!("openapi.shape.json"), &document);
    check_operations(&document);
    document
}

/// Every operation: its path, method, and what is said of it.
fn operations(document: &Json) -> Vec<(String, String, &Json)> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            operations.push((path.clone(), method.clone(), operation));
        }
    }
    operations
}

/// What a shape cannot say: that parameters are those of the path, and that operations have ids of their own.
#[track_caller]
fn check_operations(document: &Json) {
    for (path, method, operation) in operations(document) {
        let place = format!("{method} {path}");
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let named: Vec<&str> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        let in_path: Vec<&str> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        assert_eq!(named.len(), in_path.len(), "{place}");
        assert!(named.iter().all(|name| in_path.contains(name)), "{place}");
        let mut schemas: Vec<&Json> = parameters.iter().map(|parameter| &parameter["schema"]).collect();
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{place}");
        let bodies = responses.values().chain(operation.get("requestBody"));
        for media in bodies.flat_map(|body| body["content"].as_object().unwrap().values()) {
            schemas.push(&media["schema"]);
        }
        for schema in schemas {
            assert!(jsonschema::draft202012::meta::is_valid(schema), "{place}: {schema}");
        }
    }
    let ids: Vec<&Json> =
        operations(document).iter().map(|(_, _, operation)| &operation["operationId"]).collect();
    let mut distinct = ids.clone();
    distinct.dedup();
    assert_eq!(ids.len(), distinct.len(), "an operationId is there twice");
}

#[test]
fn every_route_of_the_examples_is_told() {
    for example in ["hello", "shop"] {
        let system = system(&root().join("examples").join(example));
        let document = document(&system);
        for law in system.laws.values() {
            for route in &law.contract.routes {
                let operation = &document["paths"][route.path_text()][route.method.name().to_lowercase()];
                let responses = operation["responses"].as_object().unwrap();
                assert!(responses.contains_key(&route.status.to_string()), "{}", law.contract.name);
                for error in &law.errors {
                    let response = &responses[&error.status.to_string()];
                    let description = response["description"].as_str().unwrap();
                    assert!(description.contains(&format!("`{}`", error.code)), "{description}");
                }
            }
        }
    }
}

#[test]
fn a_system_as_callers_read_it() {
    let folder = root().join("cases/openapi");
    check_expected(&folder, &document(&system(&folder)));
}
