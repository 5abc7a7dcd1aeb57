//! `mote fmt`: files laid out in one way, in place.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use mote_contract::{Files, format};
use mote_expr::Value;
use mote_forge::template;

use crate::cli::{Cli, Fmt};
use crate::output::{BOLD_GREEN, RESET, diagnostic_value, hint, print_diagnostics, refused, result, tell};
use crate::system;

pub(crate) fn run(cli: &Cli, arguments: &Fmt) -> anyhow::Result<ExitCode> {
    let mut told = Told::default();
    let here = [PathBuf::new()];
    let paths = if arguments.paths.is_empty() { &here } else { arguments.paths.as_slice() };
    for path in paths {
        let (root, files) = read(&cli.folder((!path.as_os_str().is_empty()).then_some(path)), path)?;
        lay_out(&root, &files, arguments, &mut told)?;
    }
    if arguments.check && told.changed > 0 && !arguments.json {
        hint("`mote fmt` lays them out");
    }
    if !arguments.json {
        let what = if arguments.check { "to lay out" } else { "laid out" };
        tell(format!("{BOLD_GREEN}{}{RESET} of {} files {what}", told.changed, told.files));
    }
    let fine = told.unreadable == 0 && !(arguments.check && told.changed > 0);
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[derive(Default)]
struct Told {
    files: usize,
    changed: usize,
    unreadable: usize,
}

/// The files at `path`, which the command line names as `named`: those of a system, or one. Their paths begin at
/// the folder that comes with them.
fn read(path: &Path, named: &Path) -> anyhow::Result<(PathBuf, Files)> {
    if path.is_dir() {
        let folder = system::open(path)?;
        return Ok((folder.root().to_owned(), folder.read()?));
    }
    let path = path.canonicalize().with_context(|| format!("cannot read `{}`", path.display()))?;
    if path.extension().is_none_or(|extension| extension != "yaml") {
        let error = anyhow!("`{}` is no YAML file of a system", named.display());
        return Err(refused(error, "name a file that ends with `.yaml`, or a system's folder"));
    }
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let mut files = Files::new();
    // What is absolute stays so when it is joined to a folder.
    files.add(path.to_string_lossy(), text);
    Ok((PathBuf::new(), files))
}

fn lay_out(root: &Path, files: &Files, arguments: &Fmt, told: &mut Told) -> anyhow::Result<()> {
    // What services begin with is no YAML before it is filled in.
    let is_template = |path: &&str| path.split('/').next() == Some(template::FOLDER);
    let paths: Vec<&str> =
        files.paths().filter(|path| path.ends_with(".yaml") && !is_template(path)).collect();
    for path in paths {
        let Some(file) = files.find(path) else { continue };
        told.files += 1;
        let formatted = match format(files, file) {
            Ok(formatted) => formatted,
            Err(diagnostics) => {
                told.unreadable += 1;
                if arguments.json {
                    diagnostics.iter().for_each(|found| result(diagnostic_value(found, files)));
                } else {
                    print_diagnostics(&diagnostics, files);
                }
                continue;
            }
        };
        if formatted == files.text(file) {
            continue;
        }
        told.changed += 1;
        if !arguments.check {
            replace(&root.join(path), &formatted)?;
        }
        if arguments.json {
            result(Value::object([("changed", Value::Bool(!arguments.check)), ("file", Value::text(path))]));
        } else {
            result(path);
        }
    }
    Ok(())
}

/// Write the whole file or leave it as it is: a full disk must not cost anybody their text.
fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = || format!("cannot write `{}`", path.display());
    let beside = path.with_extension("yaml.new");
    let written = (|| {
        fs::write(&beside, text)?;
        fs::set_permissions(&beside, fs::metadata(path)?.permissions())?;
        fs::rename(&beside, path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written.with_context(cannot)
}
