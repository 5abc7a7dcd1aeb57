//! `mote up`: check, build, verify, serve.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use mote_contract::System;
use mote_engine::{LocalRouter, Table};
use mote_forge::{Lock, Prepared, SystemFolder, Workshop};
use mote_server::http::{Front, Health};
use mote_server::{Listen, Server, ServerPorts, release};
use mote_store::SqliteLog;
use tokio::sync::watch;

use crate::cli::{Cli, Up};
use crate::command::verify::threads;
use crate::output::{BOLD_GREEN, NewsPrinter, RESET, hint, print_failure, tell};
use crate::system;

pub(crate) fn run(cli: &Cli, arguments: &Up) -> anyhow::Result<ExitCode> {
    let folder = system::open(&cli.folder(arguments.system.as_deref()))?;
    // The log is taken first: a second `up` on the same folder ends before it does any work.
    let log = SqliteLog::open(folder.state("log")?, mote_store::Options::default());
    if let Err(mote_store::OpenError::Owned { .. }) = &log {
        hint("another `mote up` serves this system: call it with `mote call`, or end it first");
    }
    let log = log?;
    let Some(system) = system::checked(&folder)? else { return Ok(ExitCode::FAILURE) };
    let (prepared, lock) = prepare(&folder, &system)?;
    if !prepared.failures.is_empty() {
        prepared.failures.iter().for_each(|failure| print_failure(failure, &folder));
        return Ok(ExitCode::FAILURE);
    }
    let mut releases = Vec::new();
    for candidate in prepared.candidates {
        let name = candidate.law.contract.name.clone();
        let release = release(candidate.law, candidate.component, &candidate.verdict, &lock.trusted);
        releases.push(Arc::new(release.with_context(|| format!("`{name}` may not serve"))?));
    }
    let runtime = tokio::runtime::Runtime::new().context("the runtime cannot start")?;
    runtime.block_on(serve(&system, Table::new(releases), log, arguments))
}

fn prepare(folder: &SystemFolder, system: &System) -> anyhow::Result<(Prepared, Lock)> {
    let mut lock = Lock::read(&folder.lock())?;
    let before = lock.clone();
    let workshop = Workshop::open(folder.clone(), threads())?;
    let printer = NewsPrinter::new();
    let time = mote_server::now().to_string();
    let prepared = workshop.prepare(system, &mut lock, &time, &|_| true, &|news| printer.print(&news));
    printer.clear();
    // A release whose contract is gone has nothing to say any more.
    lock.releases.retain(|name, _| system.laws.contains_key(name));
    if lock != before {
        lock.write(&folder.lock())?;
    }
    Ok((prepared, lock))
}

async fn serve(
    system: &System,
    table: Table<<ServerPorts as mote_engine::Ports>::Code>,
    log: SqliteLog,
    arguments: &Up,
) -> anyhow::Result<ExitCode> {
    let router = Arc::new(LocalRouter::new(ServerPorts::new(log.clone()), table));
    let front = Arc::new(Front::new(router, system.laws.values(), Box::new(LogHealth(log.clone()))));
    let listen = Listen { public: arguments.listen, admin: arguments.admin };
    let server = match Server::bind(front, listen).await {
        Ok(server) => server,
        Err(error) => {
            hint("choose other addresses: `--listen 127.0.0.1:0 --admin 127.0.0.1:0` takes free ones");
            return Err(error.into());
        }
    };
    announce(system, &server)?;
    let (end, ended) = watch::channel(false);
    let serving = tokio::spawn(server.run(ended));
    stopped().await?;
    tell("finishing the calls that were accepted; Ctrl-C again to end at once");
    let _ = end.send(true);
    tokio::select! {
        _ = serving => {}
        again = stopped() => again?,
    }
    log.close();
    Ok(ExitCode::SUCCESS)
}

fn announce<R: mote_engine::Router + 'static>(system: &System, server: &Server<R>) -> anyhow::Result<()> {
    let (public, admin) = server.addresses()?;
    tell(format!(
        "{BOLD_GREEN}serving{RESET} {} on http://{public}, admin on http://{admin}",
        system.manifest.name
    ));
    for law in system.laws.values() {
        for route in &law.contract.routes {
            tell(format!("  {:6} {:32} {}", route.method.name(), route.path_text(), law.contract.name));
        }
    }
    Ok(())
}

/// Wait until somebody asks the process to end.
async fn stopped() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted?,
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}

struct LogHealth(SqliteLog);

impl Health for LogHealth {
    fn failure(&self) -> Option<String> {
        self.0.failure().map(str::to_owned)
    }
}
