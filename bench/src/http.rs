//! A function and a command over HTTP beside bare axum and the log alone, in turns.

use std::path::Path;

use anyhow::Context as _;
use tokio::process::Command;

use crate::figures::Figures;
use crate::process::Serving;
use crate::systems::{Greeting, System};
use crate::{load, log};

/// How long and how hard to measure.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) seconds: u64,
    pub(crate) rounds: u64,
    pub(crate) clients: u64,
}

pub(crate) async fn run(root: &Path, mote: &Path, plan: Plan) -> anyhow::Result<()> {
    let fresh = System::up(mote, root, Greeting::Fresh).await?;
    let reused = System::up(mote, root, Greeting::Reused).await?;
    let derived = System::up(mote, root, Greeting::Contract).await?;
    let mut plain = Command::new(std::env::current_exe()?);
    plain.arg("bare");
    let bare = Serving::start(plain).await.context("bare axum")?;

    let many = plan.clients;
    let mut functions: [(&Serving, &str, Figures); 4] = [
        (&bare, "bare axum", Figures::default()),
        (&fresh.serving, "function, TypeScript fresh", Figures::default()),
        (&reused.serving, "function, TypeScript reused", Figures::default()),
        (&derived.serving, "function, derived from its contract", Figures::default()),
    ];
    let mut commands = [(many, Figures::default()), (1, Figures::default())];
    let mut logs = [(many, Figures::default()), (1, Figures::default())];
    for round in 0..plan.rounds {
        for (server, _, figures) in &mut functions {
            measure(figures, server, many, plan.seconds, |_, _| {
                ("/greetings".to_owned(), "{\"name\": \"Ada\", \"language\": \"fr\"}".to_owned())
            })
            .await?;
        }
        for (clients, figures) in &mut commands {
            let clients = *clients;
            // Every book takes one guest, so that no book fills up: another stream each time.
            measure(figures, &fresh.serving, clients, plan.seconds, move |client, count| {
                let path = format!("/guestbooks/{clients}-{round}-{client}-{count}/guests");
                (path, "{\"guest\": \"Ada\", \"message\": \"hi\"}".to_owned())
            })
            .await?;
        }
        for (clients, figures) in &mut logs {
            let (seen, cpu) = log::run(*clients, plan.seconds).await?;
            figures.add(&seen, cpu);
        }
    }

    Figures::print_head();
    for (_, what, figures) in &functions {
        figures.print(&format!("{what}, {many} clients"));
    }
    for (what, both) in [("durable command, TypeScript fresh", &commands), ("the log alone", &logs)] {
        for (clients, figures) in both {
            figures.print(&format!("{what}, {clients} client{}", if *clients == 1 { "" } else { "s" }));
        }
    }
    let (_, _, bare) = &functions[0];
    for (_, what, figures) in &functions[1..] {
        let rate = figures.per_second() / bare.per_second();
        println!(
            "{what} / bare axum: {rate:.2} a second, {:.1} of the CPU",
            figures.cpu_micros() / bare.cpu_micros()
        );
    }
    for ((clients, command), (_, log)) in commands.iter().zip(&logs) {
        println!(
            "durable command / the log alone, {clients} in flight: {:.2} a second",
            command.per_second() / log.per_second()
        );
    }
    Ok(())
}

async fn measure(
    figures: &mut Figures,
    server: &Serving,
    clients: u64,
    seconds: u64,
    request: impl Fn(u64, u64) -> (String, String) + Clone + Send + 'static,
) -> anyhow::Result<()> {
    let before = server.cpu_seconds()?;
    let seen = load::run(&server.address, clients, seconds, request).await?;
    figures.add(&seen, server.cpu_seconds()? - before);
    Ok(())
}
