//! The systems under test: `examples/hello` as it is, and with its function served in other ways.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use tempfile::TempDir;
use tokio::process::Command;

use crate::process::Serving;

/// How `greet` answers.
#[derive(Clone, Copy)]
pub(crate) enum Greeting {
    /// As the example has it: TypeScript, a new instance for each call.
    Fresh,
    /// TypeScript, in instances that are used again.
    Reused,
    /// Derived from its contract: there is no code.
    Contract,
}

/// A system that is up, in a folder of its own.
pub(crate) struct System {
    pub(crate) serving: Serving,
    _folder: TempDir,
}

impl System {
    /// Copy the example below `root`, have its function answer like `greeting`, and serve it with `mote`.
    pub(crate) async fn up(mote: &Path, root: &Path, greeting: Greeting) -> anyhow::Result<System> {
        let folder = copied(&root.join("examples/hello"))?;
        let system = folder.path();

        let contract = system.join("contracts/greet.yaml");
        let text = fs::read_to_string(&contract).context("the contract of `greet`")?;
        let line = match greeting {
            Greeting::Fresh => "",
            Greeting::Reused => "isolation: reused\n",
            Greeting::Contract => "implementation: contract\n",
        };
        fs::write(&contract, format!("{text}{line}"))?;
        if let Greeting::Contract = greeting {
            fs::remove_dir_all(system.join("services/greet"))?;
        }

        let mut up = Command::new(mote);
        up.arg("up").arg(system).args(["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
        Ok(System { serving: Serving::start(up).await.context("mote up")?, _folder: folder })
    }
}

/// A copy of an example, without anything that was ever made of it.
pub(crate) fn copied(example: &Path) -> anyhow::Result<TempDir> {
    let folder = tempfile::tempdir()?;
    let copied =
        std::process::Command::new("cp").arg("-r").arg(example.join(".")).arg(folder.path()).status();
    anyhow::ensure!(copied?.success(), "the example cannot be copied");
    let _ = fs::remove_dir_all(folder.path().join(".mote"));
    let _ = fs::remove_file(folder.path().join("mote.lock"));
    Ok(folder)
}
