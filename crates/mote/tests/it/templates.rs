//! `mote template`: what services begin with can be seen, replaced and checked, and acts on what is built from it.

use std::fs;
use std::path::Path;

use crate::making::{done, mote, refused, shop};
use crate::running::said;

const LIST: &str = "\
operation/aggregate.yaml       built in
operation/command-of-new.ts    built in
operation/command-of-new.yaml  built in
operation/command.ts           built in
operation/command.yaml         built in
operation/function.ts          templates/operation/function.ts
operation/function.yaml        built in
operation/publisher.ts         built in
operation/publisher.yaml       built in
operation/query.yaml           built in
typescript/adapter.js.j2       built in
typescript/mote.d.ts.j2        built in
typescript/prelude.js          built in
";

fn edit(root: &Path, path: &str, from: &str, to: &str) {
    let path = root.join(path);
    let text = fs::read_to_string(&path).expect("it is there");
    assert!(text.contains(from), "`{from}` is not in {text}");
    fs::write(path, text.replace(from, to)).expect("it can be written");
}

#[test]
fn templates_are_named_shown_and_ejected() {
    let shop = shop();
    let root = shop.path();
    let ejected = mote(root, &["template", "eject", "operation/function.ts"]);
    assert_eq!(String::from_utf8_lossy(&ejected.stdout), "templates/operation/function.ts\n");
    assert_eq!(said(&ejected), "hint: edit templates/operation/function.ts, then `mote template check`\n");
    assert_eq!(done(root, &["template", "list"]), LIST);
    let first = done(root, &["template", "list", "--json"]);
    assert_eq!(first.lines().next(), Some(r#"{"name":"operation/aggregate.yaml","origin":"built-in"}"#));
    let shown = done(root, &["template", "show", "operation/function.ts"]);
    assert_eq!(shown, fs::read_to_string(root.join("templates/operation/function.ts")).expect("it is there"));
    refused(
        root,
        &["template", "show", "operation/funktion.ts"],
        "error: there is no template `operation/funktion.ts`\nhint: did you mean `operation/function.ts`?\n",
    );
    refused(
        root,
        &["template", "eject", "operation/function.ts"],
        "error: `templates/operation/function.ts` is there already, and nothing is overwritten\n",
    );

    let head = "// What shop's operations begin with: {{ name }}.\n";
    edit(root, "templates/operation/function.ts", "import type", &format!("{head}import type"));
    assert_eq!(said(&mote(root, &["template", "check"])), "ok templates of this system: 1\n");
    done(root, &["add", "function", "round-up"]);
    let made = fs::read_to_string(root.join("services/round-up/round-up.ts")).expect("it is made");
    assert!(made.starts_with("// What shop's operations begin with: round-up.\n"), "{made}");
    assert_ne!(done(root, &["template", "show", "operation/function.ts", "--built-in"]), shown + head);
}

#[test]
fn a_template_that_cannot_be_used_is_an_error_of_the_system() {
    let shop = shop();
    let root = shop.path();
    done(root, &["template", "eject", "operation/publisher.yaml"]);
    edit(root, "templates/operation/publisher.yaml", "to: {{ sink }}", "to: {{ sinc }}");
    let expected = "\
error[M075]: there is no variable `sinc` in `operation/publisher.yaml`
  --> templates/operation/publisher.yaml:14:8
   |
14 | to: {{ sinc }}
   |        ^^^^
   |
hint: did you mean `sink`?

1 error
";
    refused(root, &["template", "check"], expected);
    refused(root, &["check"], expected);
    refused(root, &["verify"], expected);
    let json = mote(root, &["template", "check", "--json"]);
    assert_eq!(
        String::from_utf8_lossy(&json.stdout),
        "{\"code\":\"M075\",\"column\":8,\"endColumn\":12,\"endLine\":14,\"file\":\"templates/operation/publisher.yaml\",\
         \"hint\":\"did you mean `sink`?\",\"line\":14,\"message\":\"there is no variable `sinc` in `operation/publisher.yaml`\",\
         \"severity\":\"error\"}\n"
    );
    fs::rename(root.join("templates/operation/publisher.yaml"), root.join("templates/publisher.yaml"))
        .expect("it can be moved");
    let moved = mote(root, &["check"]);
    assert!(
        said(&moved).starts_with("error[M074]: no template is called `publisher.yaml`"),
        "{}",
        said(&moved)
    );
    assert!(said(&mote(root, &["fmt", "--check"])).contains(" files to lay out"), "templates are no YAML");
}

#[test]
fn with_another_adapter_services_are_built_and_judged_anew() {
    let shop = shop();
    let root = shop.path();
    let verify = || {
        let verified = mote(root, &["verify", "split-bill"]);
        assert!(verified.status.success(), "{}", said(&verified));
        said(&verified)
    };
    let template = || {
        let shown = done(root, &["verdict", "show", "split-bill"]);
        shown.lines().find(|line| line.starts_with("template ")).map(str::to_owned).expect("it is named")
    };
    assert!(verify().starts_with("verified split-bill 1.0.0 in "));
    assert_eq!(verify(), "verified split-bill before, nothing has changed\n");
    let before = template();
    done(root, &["template", "eject", "typescript/adapter.js.j2"]);
    // The same text is the same template.
    assert_eq!(verify(), "verified split-bill before, nothing has changed\n");
    edit(root, "templates/typescript/adapter.js.j2", "{{ prelude }}", "{{ prelude }}\n// Made for the shop.");
    let stale = mote(root, &["verdict", "check", "split-bill"]);
    assert!(said(&stale).contains("or the template and the toolchain did"), "{}", said(&stale));
    assert!(verify().starts_with("verified split-bill 1.0.0 in "));
    assert_ne!(template(), before);
}
