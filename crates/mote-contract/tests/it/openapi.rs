//! The OpenAPI document: whole for the examples, of the shape that the specification gives it.

use std::path::{Path, PathBuf};

use mote_contract::{Files, System, check, openapi};
use serde_json::Value as Json;

use crate::diagnostics::add;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn system(folder: &Path) -> System {
    let mut files = Files::new();
    add(folder, folder, &mut files);
    let report = check(&files);
    report.system.unwrap_or_else(|| panic!("{}: {:?}", folder.display(), report.diagnostics))
}

fn document(system: &System) -> Json {
    let laws = system.laws.values().map(|law| &**law);
    serde_json::from_slice(&openapi(&system.manifest.name, laws).canonical()).unwrap()
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

/// What the specification demands of the parts that are written, and nothing else in them.
fn check_shape(document: &Json) {
    let shape: Json = serde_json::from_str(include_str!("openapi.shape.json")).unwrap();
    let shape = jsonschema::draft202012::new(&shape).unwrap();
    let errors: Vec<String> =
        shape.iter_errors(document).map(|error| format!("{} {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
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
        check_shape(&document);
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

/// With `UPDATE_EXPECT=1` the document is written anew.
#[test]
fn a_system_as_others_read_it() {
    let folder = root().join("cases/openapi");
    let document = document(&system(&folder));
    check_shape(&document);
    let found = format!("{document:#}\n");
    let expected = folder.join("expected.json");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&expected, &found).unwrap();
    }
    assert!(std::fs::read_to_string(&expected).unwrap() == found, "{found}");
}
