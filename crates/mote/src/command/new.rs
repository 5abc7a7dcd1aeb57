//! `mote new`: a folder with a system that runs at once.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};

use crate::cli::{Cli, New};
use crate::output::{BOLD_GREEN, RESET, hint, refused, result, tell, written};
use crate::{scaffold, system};

pub(crate) fn run(cli: &Cli, arguments: &New) -> anyhow::Result<ExitCode> {
    scaffold::check_name("a system", &arguments.name)?;
    let here = cli.folder(None);
    let root = match (arguments.here, here.as_os_str() == ".") {
        (true, _) => here,
        (false, true) => PathBuf::from(&arguments.name),
        (false, false) => here.join(&arguments.name),
    };
    if root.exists() {
        check_empty(&root)?;
    }
    std::fs::create_dir_all(&root).with_context(|| format!("cannot make `{}`", root.display()))?;
    let texts = scaffold::system(&arguments.name);
    scaffold::write(&root, &texts)?;
    if arguments.json {
        texts.keys().for_each(|path| result(written(path)));
    }
    // So that the first thing an editor opens has its types.
    system::checked(&system::open(&root)?)?;
    if arguments.json {
        return Ok(ExitCode::SUCCESS);
    }
    tell(format!("{BOLD_GREEN}made{RESET} the system {} in {}", arguments.name, root.display()));
    let enter = if arguments.here { String::new() } else { format!("cd {} && ", root.display()) };
    hint(format!("`{enter}mote up` serves it; README.md tells the first five minutes"));
    Ok(ExitCode::SUCCESS)
}

/// A folder that holds anything but version control belongs to somebody.
fn check_empty(root: &Path) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(root).with_context(|| format!("cannot read `{}`", root.display()))?;
    for entry in entries {
        let name = entry?.file_name();
        if name != ".git" {
            let error = anyhow!("`{}` is not empty: it has `{}`", root.display(), name.display());
            return Err(refused(
                error,
                "choose another name, or an empty folder with `mote -C DIR new NAME --here`",
            ));
        }
    }
    Ok(())
}
