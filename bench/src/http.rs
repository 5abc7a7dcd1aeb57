//! A function and a command over HTTP beside bare axum, in turns.

use std::path::Path;

use anyhow::Context as _;
use tokio::process::Command;

use crate::load::{self, Seen};
use crate::process::Serving;

/// How long and how hard to measure.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) seconds: u64,
    pub(crate) rounds: u64,
    pub(crate) clients: u64,
}

/// One kind of work in all rounds.
#[derive(Default)]
struct Figures {
    per_second: Vec<f64>,
    cpu_micros: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
}

pub(crate) async fn run(plan: Plan) -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let own = std::env::current_exe()?;
    let mote = own.with_file_name("mote");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "-p", "mote"])
        .current_dir(&root)
        .status()
        .await?;
    anyhow::ensure!(built.success(), "mote does not build");

    let folder = tempfile::tempdir()?;
    let copied =
        Command::new("cp").arg("-r").arg(root.join("examples/hello")).arg(folder.path()).status().await?;
    anyhow::ensure!(copied.success(), "the example cannot be copied");
    let system = folder.path().join("hello");
    let _ = std::fs::remove_dir_all(system.join(".mote"));

    let mut up = Command::new(&mote);
    up.arg("up").arg(&system).args(["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
    let served = Serving::start(up).await.context("mote up")?;
    let mut plain = Command::new(&own);
    plain.arg("bare");
    let bare = Serving::start(plain).await.context("bare axum")?;

    let greeting = |_, _| ("/greetings".to_owned(), "{\"name\": \"Ada\", \"language\": \"fr\"}".to_owned());
    let (mut one, mut two, mut three, mut lone) = <(Figures, Figures, Figures, Figures)>::default();
    for round in 0..plan.rounds {
        one.measure(&bare, plan.clients, plan.seconds, greeting).await?;
        two.measure(&served, plan.clients, plan.seconds, greeting).await?;
        let sign = move |clients: &'static str| {
            // Every book takes one guest, so that no book fills up: another stream each time.
            move |client: u64, count: u64| {
                let path = format!("/guestbooks/{clients}-{round}-{client}-{count}/guests");
                (path, "{\"guest\": \"Ada\", \"message\": \"hi\"}".to_owned())
            }
        };
        three.measure(&served, plan.clients, plan.seconds, sign("m")).await?;
        lone.measure(&served, 1, plan.seconds, sign("s")).await?;
    }
    println!("{:44} {:>10} {:>12} {:>9} {:>9}", "", "req/s", "CPU us/req", "p50 ms", "p99 ms");
    one.print(&format!("bare axum, {} clients", plan.clients));
    two.print(&format!("function, TypeScript fresh, {} clients", plan.clients));
    three.print(&format!("durable command, {} clients", plan.clients));
    lone.print("durable command, 1 client");
    println!(
        "function / bare axum: {:.2} of the requests per second",
        median(&two.per_second) / median(&one.per_second)
    );
    Ok(())
}

impl Figures {
    async fn measure(
        &mut self,
        server: &Serving,
        clients: u64,
        seconds: u64,
        request: impl Fn(u64, u64) -> (String, String) + Clone + Send + 'static,
    ) -> anyhow::Result<()> {
        let before = server.cpu_seconds()?;
        let seen: Seen = load::run(&server.address, clients, seconds, request).await?;
        let cpu = server.cpu_seconds()? - before;
        self.per_second.push(seen.requests as f64 / seen.seconds);
        self.cpu_micros.push(cpu * 1e6 / seen.requests as f64);
        self.p50.push(seen.quantile(0.5));
        self.p99.push(seen.quantile(0.99));
        Ok(())
    }

    fn print(&self, what: &str) {
        println!(
            "{what:44} {:>10.0} {:>12.1} {:>9.2} {:>9.2}",
            median(&self.per_second),
            median(&self.cpu_micros),
            median(&self.p50),
            median(&self.p99)
        );
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}
