//! `mote up`: check, build, verify, serve, and do so again whenever a file changes.

mod activate;
mod unrun;
mod watch;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use mote_contract::RecordingSettings;
use mote_engine::{LocalRouter, Sampling, Table};
use mote_log::{Log as _, Snapshots as _};
use mote_server::http::{Front, Health};
use mote_server::{
    Freshness, Gauge, Listen, PublisherKeeper, Recorded, Recorder, Server, ServerPorts, ViewKeeper,
    WatchedLog,
};
use mote_store::{OpenError, SqliteLog, SqliteViews};
use tokio::sync::watch as ending;

use self::activate::Activation;
use crate::cli::{Cli, Up};
use crate::output::{BOLD_GREEN, RESET, hint, tell};
use crate::{recordings, system};

pub(crate) fn run(cli: &Cli, arguments: &Up) -> anyhow::Result<ExitCode> {
    let folder = system::open(&cli.folder(arguments.system.as_deref()))?;
    // The log is taken first: a second `up` on the same folder ends before it does any work.
    let log = SqliteLog::open(folder.state("log")?, mote_store::Options::default());
    if let Err(OpenError::Owned { .. }) = &log {
        hint("another `mote up` serves this system: call it with `mote call`, or end it first");
    }
    let log = log?;
    let rows = SqliteViews::open(folder.state("views")?)?;
    // What changes from here on is noticed, unless the lock alone says what serves.
    let watch = (!arguments.locked).then(|| watch::Watch::start(&folder));
    let (kept, mask) = (folder.state(recordings::FOLDER)?, mote_forge::mask(&folder)?);
    let mut activation = Activation::open(folder)?;
    let table = match arguments.locked {
        true => activation.locked(&arguments.trusted)?,
        false => activation.prepare(&Table::default())?,
    };
    let Some(table) = table else { return Ok(ExitCode::FAILURE) };
    let RecordingSettings { bytes, sample } = activation.recordings();
    let sampling = Sampling { share: sample, ..Sampling::default() };
    let recorder =
        (bytes > 0).then(|| Arc::new(Recorder::start(Recorded { folder: kept, bytes, sampling, mask })));
    let runtime = tokio::runtime::Runtime::new().context("the runtime cannot start")?;
    runtime.block_on(serve(activation, watch, table, Stores { log, rows, recorder }, arguments))
}

/// Where a serving process keeps things.
struct Stores {
    log: SqliteLog,
    rows: SqliteViews,
    /// None: nothing is recorded.
    recorder: Option<Arc<Recorder>>,
}

async fn serve(
    activation: Activation,
    watch: Option<watch::Watch>,
    table: Table<activate::Code>,
    stores: Stores,
    arguments: &Up,
) -> anyhow::Result<ExitCode> {
    let Stores { log, rows, recorder } = stores;
    let system = activation.system_name().to_owned();
    let laws: Vec<_> = activation.laws().cloned().collect();
    let watched = WatchedLog::new(log.clone());
    let views = ViewKeeper::start(watched.clone(), rows.clone(), &tokio::runtime::Handle::current());
    // Nothing is answered from rows that are behind what was promised before the last end.
    views.keep(table.views()).await?;
    // Snapshots that nobody folds on from any more go when a table takes over. Nobody waits for that.
    drop(watched.forget_snapshots(&activation.folds(&table)));
    let ports = ServerPorts::new(watched.clone(), rows);
    let ports = match &recorder {
        Some(recorder) => ports.recorded_by(recorder.clone()),
        None => ports,
    };
    let router = Arc::new(LocalRouter::new(ports, table));
    let publishers =
        PublisherKeeper::start(router.clone(), watched.clone(), &tokio::runtime::Handle::current());
    publishers.serve(router.table().publishers());
    let publishers = Arc::new(publishers);
    let health = Box::new(Vitals {
        log: log.clone(),
        freshness: views.freshness(),
        sandbox: activation.sandbox(),
        recorder: recorder.clone(),
    });
    let front = Front::new(&system, router.clone(), &laws, views.freshness(), health);
    let front = Arc::new(front.with_progress(publishers.progress()));
    let listen = Listen { public: arguments.listen, admin: arguments.admin };
    let server = match Server::bind(front.clone(), listen).await {
        Ok(server) => server,
        Err(error) => {
            hint("choose other addresses: `--listen 127.0.0.1:0 --admin 127.0.0.1:0` takes free ones");
            return Err(error.into());
        }
    };
    let (public, admin) = server.addresses()?;
    tell(format!("{BOLD_GREEN}serving{RESET} {system} on http://{public}, admin on http://{admin}"));
    announce(&laws);
    let (end, ended) = ending::channel(false);
    let runtime = tokio::runtime::Handle::current();
    let serves = watch::Serves { router, front, views, publishers: publishers.clone(), runtime };
    let watching = watch.map(|watch| watch.follow(activation, serves, ended.clone()));
    let serving = tokio::spawn(server.run(ended));
    tokio::select! {
        stopped = stopped() => stopped?,
        why = watched.broken() => {
            // Nothing may be promised any more, so nobody is kept waiting: the next start reads what
            // is really on disk.
            anyhow::bail!("the log failed while writing, and ends this process: {why}");
        }
    }
    tell("finishing the calls that were accepted; Ctrl-C again to end at once");
    let _ = end.send(true);
    tokio::select! {
        _ = serving => {}
        again = stopped() => again?,
    }
    publishers.end().await;
    if let Some(recorder) = recorder {
        recorder.end();
    }
    log.close();
    // A verification under way is not worth waiting for: nothing of it is kept until it is done.
    drop(watching);
    Ok(ExitCode::SUCCESS)
}

fn announce(laws: &[Arc<mote_contract::Law>]) {
    for law in laws {
        for route in &law.contract.routes {
            tell(format!("  {:6} {:32} {}", route.method.name(), route.path_text(), law.contract.name));
        }
    }
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

/// What the process can tell of itself.
struct Vitals {
    log: SqliteLog,
    freshness: Freshness,
    sandbox: mote_host::Host,
    recorder: Option<Arc<Recorder>>,
}

impl Health for Vitals {
    fn failure(&self) -> Option<String> {
        self.log.failure().map(str::to_owned)
    }

    fn gauges(&self) -> Vec<Gauge> {
        let gauge = |name, help, value| Gauge { name, help, value };
        let (end, reached) = (self.log.end().ordinal(), self.freshness.reached().ordinal());
        let sandbox = self.sandbox.counts();
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let mut gauges = vec![
            gauge("mote_log_position", "The newest durable commit of the log.", end),
            gauge("mote_views_position", "The commit that all views reach.", reached),
            gauge("mote_views_behind", "How far the views are behind the log.", end.saturating_sub(reached)),
            gauge(
                "mote_sandbox_calls",
                "Calls of services since the start, verification among them.",
                sandbox.calls,
            ),
            gauge("mote_sandbox_artifacts", "Artifacts that can be called.", count(sandbox.known)),
            gauge(
                "mote_sandbox_artifacts_loaded",
                "Artifacts whose code is in memory.",
                count(sandbox.loaded),
            ),
            gauge(
                "mote_sandbox_instances_max",
                "Instances that can run at once; 0 where only memory limits them.",
                u64::from(self.sandbox.pool().unwrap_or(0)),
            ),
        ];
        gauges.extend(self.recorder.iter().flat_map(|recorder| recorder.gauges()));
        gauges
    }
}
