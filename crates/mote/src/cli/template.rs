//! The words of `mote template`.

use clap::{Args, Subcommand};

/// Show what services begin with, or replace a part of it
#[derive(Args, Debug)]
#[command(disable_help_subcommand = true)]
#[command(after_help = "Examples:
  mote template list            Name all templates, and say which are this system's own
  mote template show operation/function.ts
  mote template eject operation/function.ts
  mote template check           Say what is wrong with this system's own

A file of the system's folder templates/ replaces the built-in template of its name, or is included
by one. What makes artifacts is part of what they are: with another template every service is built
and judged anew. `check` exits with 1 if a template cannot be used.")]
pub(crate) struct Template {
    #[command(subcommand)]
    pub(crate) command: TemplateCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TemplateCommand {
    /// Name all templates, and where each comes from
    List {
        /// Print the result as JSON, one template a line
        #[arg(long)]
        json: bool,
    },
    /// Print a template
    Show {
        /// The template
        name: String,
        /// Print the one that is built in, even where the system has its own
        #[arg(long)]
        built_in: bool,
    },
    /// Write a built-in template into templates/, to be edited
    Eject {
        /// The template
        name: String,
    },
    /// Say what is wrong with the system's own templates
    Check {
        /// Print the problems as JSON, one a line
        #[arg(long)]
        json: bool,
    },
}
