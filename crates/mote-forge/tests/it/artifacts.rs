//! The store of artifacts: unchanged sources are not built again, damaged files are.

use std::fs;

use mote_forge::artifacts::{Artifacts, GetError};
use mote_forge::typescript::ServiceSource;

fn read(folder: &std::path::Path, handler: &str) -> ServiceSource {
    let service = folder.join("services/answer");
    fs::create_dir_all(service.join("lib")).unwrap();
    fs::write(service.join("answer.ts"), handler).unwrap();
    fs::write(service.join("lib/forty.ts"), "export const forty = 40;\n").unwrap();
    fs::write(service.join("README.md"), "not a module").unwrap();
    ServiceSource::read(&service, "answer", &["answer".to_owned()]).unwrap()
}

const HANDLER: &str =
    "import { forty } from \"./lib/forty\";\nexport default () => ({ output: forty + 2 });\n";

#[test]
fn built_once_per_source() {
    let folder = tempfile::tempdir().unwrap();
    let store = Artifacts::open(&folder.path().join("artifacts")).unwrap();
    let source = read(folder.path(), HANDLER);
    assert_eq!(source.modules.keys().collect::<Vec<_>>(), ["answer.ts", "lib/forty.ts"]);

    let digest = store.build(&source).unwrap();
    assert_eq!(store.build(&source).unwrap(), digest, "a second build would give other bytes");
    assert_eq!(store.built(&source.hash()), Some(digest));

    let changed = read(folder.path(), &HANDLER.replace('2', "3"));
    assert_ne!(changed.hash(), source.hash());
    assert_eq!(store.built(&changed.hash()), None);

    fs::write(store.path(&digest), b"other bytes").unwrap();
    assert!(matches!(store.get(&digest), Err(GetError::Damaged { .. })));
    let rebuilt = store.build(&source).unwrap();
    assert!(store.get(&rebuilt).is_ok());

    fs::remove_file(store.path(&rebuilt)).unwrap();
    assert!(matches!(store.get(&rebuilt), Err(GetError::Missing { .. })));
}

#[test]
fn what_is_put_can_be_got_and_repaired() {
    let folder = tempfile::tempdir().unwrap();
    let store = Artifacts::open(folder.path()).unwrap();
    let digest = store.put(b"a component").unwrap();
    assert_eq!(store.get(&digest).unwrap(), b"a component");
    fs::write(store.path(&digest), b"").unwrap();
    assert_eq!(store.put(b"a component").unwrap(), digest);
    assert_eq!(store.get(&digest).unwrap(), b"a component");
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 2, "the component and the folder of sources, no drafts");
}
