//! Measures the rows of views: rows written a second, and the time of a read by an index and of a page.
//!
//! Run with `cargo run --release -p mote-store --example rows [ROWS]`. Each row is of 150 bytes, with
//! two indexes, and written in batches of 1,000, as one step of a follower writes them.

#![allow(clippy::print_stdout)] // An example prints.

use std::error::Error;
use std::time::{Duration, Instant};

use mote_expr::Value;
use mote_expr::rows::{Order, Row, Selection};
use mote_expr::{Digest, parse};
use mote_log::conformance::block_on;
use mote_log::{Batch, KeptView, Position, ViewId, Views};
use mote_store::SqliteViews;

const CUSTOMERS: u64 = 10_000;

/// As many as one step of a follower folds.
const BATCH: u64 = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let rows: u64 = std::env::args().nth(1).map_or(Ok(100_000), |count| count.parse())?;
    let folder = tempfile::tempdir()?;
    let views = SqliteViews::open(folder.path())?;
    let id = ViewId { name: "orders".to_owned(), digest: Digest::of(b"orders") };
    let view = KeptView { id: id.clone(), index: vec!["customer".to_owned(), "placed".to_owned()] };
    block_on(views.keep(&[view]))?;

    let began = Instant::now();
    for first in (0..rows).step_by(usize::try_from(BATCH)?) {
        let through = (first + BATCH).min(rows);
        let changes = (first..through).map(|number| Ok((number.to_string(), Some(row(number)?))));
        let batch = Batch {
            view: id.clone(),
            from: Position::from_ordinal(first),
            through: Position::from_ordinal(through),
            changes: changes.collect::<Result<_, Box<dyn Error>>>()?,
        };
        block_on(Views::write(&views, &[batch]))?;
    }
    println!("{:.0} rows written a second", rows as f64 / began.elapsed().as_secs_f64());

    let newest = || vec![Order { field: "placed".to_owned(), descending: true }];
    let of_customer = |number: u64, count| Selection {
        matching: vec![("customer".to_owned(), Value::text(format!("customer-{}", number % CUSTOMERS)))],
        order: newest(),
        after: None,
        count,
    };
    let took = time(|number| find(&views, &id, &of_customer(number * 7_919, 101)))?;
    println!("{took:?} for the rows of one customer, in order");
    let took = time(|_| {
        find(&views, &id, &Selection { matching: Vec::new(), order: newest(), after: None, count: 51 })
    })?;
    println!("{took:?} for the newest 50 of all");
    Ok(())
}

fn row(number: u64) -> Result<Row, Box<dyn Error>> {
    // Customers come in no order, as they do.
    let customer = number.wrapping_mul(2_654_435_761) % CUSTOMERS;
    let json = format!(
        r#"{{"orderId":"{number}","customer":"customer-{customer}","status":"placed","placed":{number},"note":"{}"}}"#,
        "n".repeat(60)
    );
    Ok(Row::sound(parse(json.as_bytes())?))
}

fn find(views: &SqliteViews, view: &ViewId, selection: &Selection) -> Result<(), Box<dyn Error>> {
    block_on(views.select(view, selection))?;
    Ok(())
}

/// The mean time of one of many calls.
fn time(mut call: impl FnMut(u64) -> Result<(), Box<dyn Error>>) -> Result<Duration, Box<dyn Error>> {
    const CALLS: u32 = 5_000;
    let began = Instant::now();
    for number in 0..CALLS {
        call(u64::from(number))?;
    }
    Ok(began.elapsed() / CALLS)
}
