//! `mote template`: what services begin with, in this system.

use std::process::ExitCode;

use anyhow::anyhow;
use mote_expr::{Value, suggest};
use mote_forge::SystemFolder;
use mote_forge::template::{FOLDER, Origin, Template, check};

use crate::cli::{Cli, Template as Arguments, TemplateCommand};
use crate::output::{BOLD_GREEN, RESET, diagnostic_value, hint, print_diagnostics, refused, result, tell};
use crate::scaffold::{self, Texts};
use crate::system;

pub(crate) fn run(cli: &Cli, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let folder = system::open(&cli.folder(None))?;
    match &arguments.command {
        TemplateCommand::List { json } => list(&Template::read(&folder)?, *json),
        TemplateCommand::Show { name, built_in } => {
            let template = if *built_in { Template::default() } else { Template::read(&folder)? };
            let text = text(&template, name)?;
            // Its last line has its end already.
            result(text.strip_suffix('\n').unwrap_or(text));
        }
        TemplateCommand::Eject { name } => eject(&folder, name)?,
        TemplateCommand::Check { json } => return checked(&folder, *json),
    }
    Ok(ExitCode::SUCCESS)
}

fn list(template: &Template, json: bool) {
    let width = template.names().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, origin) in template.names() {
        let (word, said) = match origin {
            Origin::BuiltIn => ("built-in", "built in".to_owned()),
            Origin::Replaced => ("replaced", format!("{FOLDER}/{name}")),
            Origin::Added => ("added", format!("{FOLDER}/{name}, added")),
        };
        if json {
            result(Value::object([("name", Value::text(name)), ("origin", Value::text(word))]));
        } else {
            result(format!("{name:<width$}  {said}"));
        }
    }
    if !json {
        tell(format!("artifacts are made with the template {}", template.digest()));
    }
}

fn text<'t>(template: &'t Template, name: &str) -> anyhow::Result<&'t str> {
    // What lies in the folder may be named as it lies there.
    let name = name.strip_prefix(FOLDER).and_then(|name| name.strip_prefix('/')).unwrap_or(name);
    template.text(name).ok_or_else(|| {
        let hint = match suggest(name, template.names().map(|(name, _)| name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`mote template list` names them".to_owned(),
        };
        refused(anyhow!("there is no template `{name}`"), hint)
    })
}

fn eject(folder: &SystemFolder, name: &str) -> anyhow::Result<()> {
    let built_in = Template::default();
    let text = text(&built_in, name)?;
    let path = if name.starts_with(FOLDER) { name.to_owned() } else { format!("{FOLDER}/{name}") };
    scaffold::write(folder.root(), &Texts::from([(path.clone(), text.to_owned())]))?;
    result(&path);
    hint(format!("edit {path}, then `mote template check`"));
    Ok(())
}

fn checked(folder: &SystemFolder, json: bool) -> anyhow::Result<ExitCode> {
    let files = folder.read()?;
    let diagnostics = check(&files);
    if json {
        diagnostics.iter().for_each(|found| result(diagnostic_value(found, &files)));
    } else {
        print_diagnostics(&diagnostics, &files);
    }
    if !diagnostics.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    if !json {
        let template = Template::of(&files);
        let own = template.names().filter(|(_, origin)| *origin != Origin::BuiltIn).count();
        tell(format!("{BOLD_GREEN}ok{RESET} templates of this system: {own}"));
    }
    Ok(ExitCode::SUCCESS)
}
