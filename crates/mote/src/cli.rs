//! The words of the command line.

mod recordings;
mod template;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use mote_log::{Position, StreamName};
use mote_verify::PublicKey;

pub(crate) use recordings::{Against, List, Recordings, RecordingsCommand, Replay};
pub(crate) use template::{Template, TemplateCommand};

/// Run nanoservices: single operations, each behind a contract complete enough that nobody has to
/// read the code.
#[derive(Debug, Parser)]
#[command(name = "mote", version, about, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = "Examples:
  mote new shop                 Make a system that runs at once
  mote up examples/hello        Check, build, verify and serve a system
  mote check                    Check the system in this folder
  mote call greet '{\"name\": \"Ada\"}'")]
pub(crate) struct Cli {
    /// Work on the system in this folder
    #[arg(short = 'C', long = "directory", value_name = "DIR", default_value = ".", global = true)]
    directory: PathBuf,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    New(New),
    Add(Add),
    Fmt(Fmt),
    Check(Check),
    Build(Build),
    Verify(Verify),
    Verdict(Verdict),
    Compat(Compat),
    Up(Up),
    Call(Call),
    Events(Events),
    Views(Views),
    Graph(Graph),
    Recordings(Recordings),
    Template(Template),
    Render(Render),
    Completions(Completions),
}

/// Make a folder with a system that runs at once
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mote new shop
  mote new shop --here          Make it in this folder, which is empty

Exits with 1 if the folder is not empty.")]
pub(crate) struct New {
    /// The system's name, and its folder's
    pub(crate) name: String,
    /// Make it in this folder instead of a new one
    #[arg(long)]
    pub(crate) here: bool,
    /// Print the files that were written as JSON, one a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Add an operation: a contract, and a service where it needs one, to be edited
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mote add function round-up
  mote add command close-purse --aggregate purse
  mote add command place-order --aggregate order --capability ordering
  mote add query list-orders --view orders-by-customer
  mote add publisher announce-order --subscribes OrderPlaced --to orders

The contract passes `mote check` as it is, and the service `mote verify`. An aggregate that
is not there yet is made; a query answers by its rules alone. Nothing is overwritten. Prints the
files that were written.")]
pub(crate) struct Add {
    /// What it is
    #[arg(value_enum)]
    pub(crate) kind: AddKind,
    /// The operation's name
    pub(crate) name: String,
    /// The aggregate that a command touches
    #[arg(long, value_name = "NAME")]
    pub(crate) aggregate: Option<String>,
    /// The capability it belongs to: a folder below contracts/
    #[arg(long, value_name = "NAME")]
    pub(crate) capability: Option<String>,
    /// The view that a query shows
    #[arg(long, value_name = "NAME")]
    pub(crate) view: Option<String>,
    /// An event that a publisher follows; of several, each or all with commas
    #[arg(long, value_name = "EVENT", value_delimiter = ',')]
    pub(crate) subscribes: Vec<String>,
    /// The sink that takes a publisher's messages
    #[arg(long, value_name = "SINK")]
    pub(crate) to: Option<String>,
    /// Print the files that were written as JSON, one a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// What can be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AddKind {
    /// Input to output, nothing else
    Function,
    /// Changes one instance of one aggregate
    Command,
    /// Shows rows of a view
    Query,
    /// Tells the outside what happened
    Publisher,
}

impl AddKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            AddKind::Function => "function",
            AddKind::Command => "command",
            AddKind::Query => "query",
            AddKind::Publisher => "publisher",
        }
    }
}

/// Lay files out in one way: keys in order, two spaces, quotes where YAML would bite
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mote fmt                      Lay out every file of the system in this folder
  mote fmt contracts/greet.yaml
  mote fmt --check              Name the files that would change, and change none

Prints the files that were changed. What a file means never changes, and comments stay. A file that
cannot be read is left alone. Exits with 1 if there is one, or if --check names a file.")]
pub(crate) struct Fmt {
    /// Systems' folders, and files; the system in this folder if none is named
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Name the files that would change, and change none
    #[arg(long)]
    pub(crate) check: bool,
    /// Print files and problems as JSON, one a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Check every file of a system, and everything between them
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mote check
  mote check examples/hello --json
  mote check --explain          Show every schema with all its bounds and defaults
  mote check --failures fulfil-order
                                Show each way a workflow can fail, and where that leads

Exits with 1 if there is an error.")]
pub(crate) struct Check {
    /// The system's folder
    #[arg(value_name = "DIR")]
    pub(crate) system: Option<PathBuf>,
    /// Show what every schema really accepts, with the bounds and defaults that files leave out
    #[arg(long)]
    pub(crate) explain: bool,
    /// Show each way this workflow or contract can fail, where that leads and what is taken back; of the whole system
    /// if none is named
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    pub(crate) failures: Option<String>,
    /// Print the problems as JSON, one a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Build services without judging them
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mote build                    Build every service whose source has changed
  mote build greet              Build the service of one contract

Exits with 1 if a service cannot be built.")]
pub(crate) struct Build {
    /// The services to build, or contracts of theirs; all of them if none is named
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Print the result as JSON, one service a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Build services and judge them against their contracts
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mote verify                   Verify everything that has no verdict yet
  mote verify greet --again     Verify one contract, whatever the lock says
  mote verify --html report.html greet
                                Write what was tried, and what came of it, for people
  mote verify --aggregate order Try sequences of commands from nothing on

Exits with 1 if a service is refused.")]
pub(crate) struct Verify {
    /// The contracts to verify; all of them if none is named
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Verify also what has a verdict
    #[arg(long)]
    pub(crate) again: bool,
    /// Try the services of this aggregate's commands together, in sequences; no verdict comes of it
    #[arg(long, value_name = "NAME", conflicts_with_all = ["names", "again"])]
    pub(crate) aggregate: Option<String>,
    /// Write a report for people, one page of HTML; verifies also what has a verdict
    #[arg(long, value_name = "FILE", conflicts_with = "aggregate")]
    pub(crate) html: Option<PathBuf>,
    /// Print the result as JSON, one contract a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Show the verdict on a contract, or check that verdicts hold
#[derive(Args, Debug)]
#[command(disable_help_subcommand = true)]
#[command(after_help = "Examples:
  mote verdict show greet
  mote verdict check            Check the verdict on every contract
  mote verdict check --json

A verdict holds if it is signed with a key that mote.lock trusts, and the contract, the source and
the artifact on disk are those that were judged. `check` exits with 1 if one does not.")]
pub(crate) struct Verdict {
    #[command(subcommand)]
    pub(crate) command: VerdictCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VerdictCommand {
    /// Show what the verdict on a contract says
    Show {
        /// The contract
        name: String,
        /// Print the statement as JSON
        #[arg(long)]
        json: bool,
    },
    /// Check that verdicts hold for what is on disk
    Check {
        /// The contracts; all of them if none is named
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// Print the result as JSON, one contract a line
        #[arg(long)]
        json: bool,
    },
}

/// Say what breaks from a contract's release to the contract as it is now
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mote compat                   Compare every contract with its release in mote.lock
  git show main:mote.lock > /tmp/main.lock
  mote compat place-order --against /tmp/main.lock

Exits with 1 if a contract breaks what its release promised and its version does not say so.")]
pub(crate) struct Compat {
    /// The contracts to compare; all of them if none is named
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Compare with the releases in this lock file
    #[arg(long, value_name = "FILE")]
    pub(crate) against: Option<PathBuf>,
    /// Print the result as JSON, one contract a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Check, build, verify and serve a system
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mote up
  mote up examples/hello --listen 127.0.0.1:8080
  mote up --locked              Build and judge nothing: serve what mote.lock names

Ends with Ctrl-C, after finishing the calls it accepted.")]
pub(crate) struct Up {
    /// The system's folder
    #[arg(value_name = "DIR")]
    pub(crate) system: Option<PathBuf>,
    /// Serve the triggers' routes on this address; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7070")]
    pub(crate) listen: SocketAddr,
    /// Serve every operation, health and what serves on this address; keep it on loopback
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7071")]
    pub(crate) admin: SocketAddr,
    /// Serve what mote.lock names or nothing, and do not watch the files
    #[arg(long)]
    pub(crate) locked: bool,
    /// With --locked: let verdicts of this public key count, and not of those that mote.lock trusts;
    /// repeat for several
    #[arg(long = "trust", value_name = "KEY", requires = "locked")]
    pub(crate) trusted: Vec<PublicKey>,
}

/// Call an operation of a system that is up
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mote call greet '{\"name\": \"Ada\"}'
  mote call sign-guestbook @request.json --key first-try
  echo '{\"name\": \"Ada\"}' | mote call greet -

Exits with 1 if the call is refused.")]
pub(crate) struct Call {
    /// The operation
    pub(crate) operation: String,
    /// The input as JSON; `@FILE` reads a file, `-` standard input
    #[arg(default_value = "{}")]
    pub(crate) input: String,
    /// Where the system's admin listener is
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7071")]
    pub(crate) admin: SocketAddr,
    /// Make the call idempotent under this key
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Call as this caller
    #[arg(long = "as", value_name = "CALLER")]
    pub(crate) caller: Option<String>,
    /// Call with this role; repeat for several
    #[arg(long = "role", value_name = "ROLE")]
    pub(crate) roles: Vec<String>,
}

/// List what happened: the events of a system that is up or down, oldest first
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mote events
  mote events --stream guestbook/lobby --follow
  mote events --after p000000000000002a --limit 100 --json

A line has the event's position in the log, its time, its stream, its version in the stream, its
type and its data. A commit is never divided: --limit may show a few more. What a schema calls
sensitive is masked, and so is an event that no file declares.")]
pub(crate) struct Events {
    /// The system's folder
    #[arg(value_name = "DIR")]
    pub(crate) system: Option<PathBuf>,
    /// List the events of one instance of an aggregate
    #[arg(long, value_name = "AGGREGATE/KEY")]
    pub(crate) stream: Option<StreamName>,
    /// List what happened after this position
    #[arg(long, value_name = "POSITION")]
    pub(crate) after: Option<Position>,
    /// List this many events
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// Wait for more, and list it as it happens
    #[arg(long)]
    pub(crate) follow: bool,
    /// Print events as JSON, one a line, with all of their data
    #[arg(long)]
    pub(crate) json: bool,
    /// Show what is sensitive too
    #[arg(long)]
    pub(crate) unmasked: bool,
}

/// List the views of a system that is up or down, or show the rows of one
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mote views                    List the views: how far they reach, how many rows they have
  mote views orders-by-customer --where customerId=c-7
  mote views price-list --key tea-01 --json

A row is shown with its key. A row that could not be folded is marked, and says why: no query relies
on it. --where compares with what a row holds: a text, a number, true, false or null.")]
pub(crate) struct Views {
    /// The view whose rows are shown
    #[arg(value_name = "VIEW")]
    pub(crate) view: Option<String>,
    /// Show the row with this key
    #[arg(long, value_name = "KEY", requires = "view")]
    pub(crate) key: Option<String>,
    /// Show rows that hold this value in this field
    #[arg(long = "where", value_name = "FIELD=VALUE", requires = "view", value_parser = field_and_value)]
    pub(crate) matching: Option<(String, String)>,
    /// Show rows after this key
    #[arg(long, value_name = "KEY", requires = "view")]
    pub(crate) after: Option<String>,
    /// Show this many rows
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: usize,
    /// Print views, or rows, as JSON, one a line
    #[arg(long)]
    pub(crate) json: bool,
}

fn field_and_value(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("write a field and a value: status=placed")?;
    Ok((field.to_owned(), value.to_owned()))
}

/// Draw the system, or one of its workflows, as a Mermaid flowchart
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mote graph                    Draw what starts, changes, reads and tells what
  mote graph fulfil-order       Draw the steps of a workflow

Exits with 1 if the system has errors.")]
pub(crate) struct Graph {
    /// The workflow to draw; the whole system if none is named
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
}

/// Print what others read: a description of the system in a format of theirs
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mote render openapi > openapi.json
  mote -C examples/shop render asyncapi

A system that is up serves the same at /openapi.json and /asyncapi.json of its admin listener.")]
pub(crate) struct Render {
    /// The format
    #[arg(value_enum)]
    pub(crate) format: RenderFormat,
}

/// What a system can be rendered as.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum RenderFormat {
    /// The HTTP routes, as an OpenAPI 3.1 document
    Openapi,
    /// The messages of publishers, as an AsyncAPI 3.0 document
    Asyncapi,
}

/// Print a script that completes these words in a shell
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mote completions bash > ~/.local/share/bash-completion/completions/mote
  mote completions zsh > ~/.zfunc/_mote
  mote completions fish > ~/.config/fish/completions/mote.fish")]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

/// The shells that `mote completions` knows.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Cli {
    /// The folder that a command works on: its own argument, below `-C`.
    pub(crate) fn folder(&self, argument: Option<&Path>) -> PathBuf {
        argument.map_or_else(|| self.directory.clone(), |argument| self.directory.join(argument))
    }
}
