//! Verification, from nothing and after a change: what somebody waits for who writes a contract or a service.
//!
//! Owns the figures of `place-order` of `examples/shop`, with 1,000 generated and 1,000 sealed cases, and
//! of the whole shop. Wall time, CPU and memory are those of the `mote` binary, as people run it; the
//! stages are timed in this process, through the same workshop.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tempfile::TempDir;
use tokio::process::Command;

use crate::figures::median;
use crate::process::{self, Serving};
use crate::stages;
use crate::systems::copied;

/// How often each figure is measured.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) rounds: u64,
}

/// How long somebody may wait for the counterexample of a wrong service.
const TOLD_WITHIN: Duration = Duration::from_secs(60);

/// A handler that is wrong, and where that comes out.
struct Mistake {
    what: &'static str,
    right: &'static str,
    wrong: &'static str,
}

const MISTAKES: [Mistake; 3] = [
    Mistake { what: "an example shows it", right: "total: subtotal - discount", wrong: "total: subtotal" },
    Mistake { what: "a boundary shows it", right: "subtotal >= 100000", wrong: "subtotal > 100000" },
    Mistake {
        what: "a second call shows it",
        right: "const subtotal = lines",
        wrong: "if (CATALOGUE.size < 9) CATALOGUE.set(`${CATALOGUE.size}`, 1); else lines.pop();\n  const subtotal = lines",
    },
];

/// What one run of `mote` took.
struct Took {
    seconds: f64,
    cpu: f64,
    megabytes: f64,
}

pub(crate) async fn run(root: &Path, mote: &Path, plan: Plan) -> anyhow::Result<()> {
    let rounds = plan.rounds.max(1);
    stages::print(&stages::medians(&shop, root, rounds)?);

    println!("\n{:52} {:>9} {:>9} {:>9}", "", "wall s", "CPU s", "MB");
    let mut cold = Vec::new();
    for _ in 0..rounds {
        let shop = shop(root)?;
        cold.push(verify(mote, shop.path(), &["place-order"], true).await?);
    }
    print("`mote verify place-order`, from nothing", &cold);

    let (mut whole, mut again) = (Vec::new(), Vec::new());
    let mut verified = None;
    for _ in 0..rounds {
        let shop = shop(root)?;
        whole.push(verify(mote, shop.path(), &[], true).await?);
        again.push(verify(mote, shop.path(), &[], true).await?);
        verified = Some(shop);
    }
    print("`mote verify`, the whole shop, from nothing", &whole);
    print("`mote verify`, nothing has changed", &again);

    let shop = verified.context("a shop that was verified")?;
    let handler = shop.path().join("services/orders/place-order.ts");
    let right = fs::read_to_string(&handler).context("the handler of `place-order`")?;
    let wrong = |mistake: &Mistake, round| -> anyhow::Result<String> {
        let text = right.replace(mistake.right, mistake.wrong);
        anyhow::ensure!(text != right, "`{}` is not in the handler", mistake.right);
        // Another text each time, or what was built before would be found.
        Ok(format!("{text}// {round}\n"))
    };
    for mistake in &MISTAKES {
        let mut told = Vec::new();
        for round in 0..rounds {
            fs::write(&handler, wrong(mistake, round)?)?;
            told.push(verify(mote, shop.path(), &["place-order"], false).await?);
        }
        print(&format!("`mote verify place-order`, wrong: {}", mistake.what), &told);
        fs::write(&handler, &right)?;
    }
    let mut up = Command::new(mote);
    up.arg("up").arg(shop.path()).args(["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
    let mut serving = Serving::start(up).await.context("mote up")?;
    for mistake in &MISTAKES {
        let mut told = Vec::new();
        for round in 0..rounds {
            let saved = Instant::now();
            let cpu = serving.cpu_seconds()?;
            fs::write(&handler, wrong(mistake, 100 + round)?)?;
            serving.hear("refused", TOLD_WITHIN).await?;
            let seconds = saved.elapsed().as_secs_f64();
            let (cpu, megabytes) = (serving.cpu_seconds()? - cpu, serving.megabytes()?);
            told.push(Took { seconds, cpu, megabytes });
            serving.hear(" operations", TOLD_WITHIN).await?;
            fs::write(&handler, &right)?;
            serving.hear(" operations", TOLD_WITHIN).await?;
        }
        print(&format!("saved while `mote up` watches, wrong: {}", mistake.what), &told);
    }
    Ok(())
}

/// The shop in a folder of its own, with as many generated cases of `place-order` as sealed ones.
pub(crate) fn shop(root: &Path) -> anyhow::Result<TempDir> {
    let folder = copied(&root.join("examples/shop"))?;
    let contract = folder.path().join("contracts/ordering/place-order.yaml");
    let text = fs::read_to_string(&contract).context("the contract of `place-order`")?;
    let asked = text.replace("verify: {cases: 300}", "verify: {cases: 1000}");
    anyhow::ensure!(asked != text, "`place-order` asks for other cases than it did");
    fs::write(&contract, asked)?;
    Ok(folder)
}

/// Run `mote verify` in `system` to its end, and see that it `passes`.
async fn verify(mote: &Path, system: &Path, names: &[&str], passes: bool) -> anyhow::Result<Took> {
    let mut command = Command::new(mote);
    command.arg("-C").arg(system).arg("verify").args(names).stdout(Stdio::null()).stderr(Stdio::null());
    let (before, started) = (process::children_cpu_seconds()?, Instant::now());
    let mut child = command.kill_on_drop(true).spawn()?;
    let id = child.id().context("it runs")?;
    let mut megabytes: f64 = 0.0;
    let status = loop {
        // The most it held so far; the last look is a few milliseconds before its end.
        megabytes = process::megabytes(id).unwrap_or(0.0).max(megabytes);
        match tokio::time::timeout(Duration::from_millis(5), child.wait()).await {
            Ok(status) => break status?,
            Err(_) => continue,
        }
    };
    let seconds = started.elapsed().as_secs_f64();
    anyhow::ensure!(status.success() == passes, "`mote verify {}` ended with {status}", names.join(" "));
    Ok(Took { seconds, cpu: process::children_cpu_seconds()? - before, megabytes })
}

fn print(what: &str, took: &[Took]) {
    let of = |part: fn(&Took) -> f64| median(&took.iter().map(part).collect::<Vec<_>>());
    println!(
        "{what:52} {:>9.2} {:>9.2} {:>9.0}",
        of(|took| took.seconds),
        of(|took| took.cpu),
        of(|took| took.megabytes)
    );
}
