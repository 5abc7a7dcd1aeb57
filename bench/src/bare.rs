//! What Mote is compared with: axum reading and writing the same JSON, with no contract at all.

use std::io::Write as _;

use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Input {
    name: String,
    #[serde(default = "english")]
    language: String,
}

fn english() -> String {
    "en".to_owned()
}

#[derive(Serialize)]
struct Output {
    greeting: String,
    length: usize,
}

async fn greet(Json(input): Json<Input>) -> Json<Output> {
    let word = match input.language.as_str() {
        "de" => "Hallo",
        "fr" => "Bonjour",
        _ => "Hello",
    };
    let greeting = format!("{word}, {}!", input.name);
    let length = greeting.chars().count();
    Json(Output { greeting, length })
}

/// Serve on a free port and print where.
pub(crate) async fn serve() -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("serving bare on http://{}, nothing else", listener.local_addr()?);
    std::io::stdout().flush()?;
    axum::serve(listener, Router::new().route("/greetings", post(greet))).await?;
    Ok(())
}
