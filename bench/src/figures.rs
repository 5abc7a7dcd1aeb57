//! What the rounds of one kind of work came to, as medians.

use crate::load::Seen;

/// One kind of work in all rounds.
#[derive(Default)]
pub(crate) struct Figures {
    per_second: Vec<f64>,
    cpu_micros: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
}

impl Figures {
    /// Add a round that took `cpu` seconds of the system under test.
    pub(crate) fn add(&mut self, seen: &Seen, cpu: f64) {
        self.per_second.push(seen.requests as f64 / seen.seconds);
        self.cpu_micros.push(cpu * 1e6 / seen.requests as f64);
        self.p50.push(seen.quantile(0.5));
        self.p99.push(seen.quantile(0.99));
    }

    /// How many a second.
    pub(crate) fn per_second(&self) -> f64 {
        median(&self.per_second)
    }

    /// Microseconds of CPU for each.
    pub(crate) fn cpu_micros(&self) -> f64 {
        median(&self.cpu_micros)
    }

    /// The line above the lines of [`Figures::print`].
    pub(crate) fn print_head() {
        println!("{:44} {:>10} {:>12} {:>9} {:>9}", "", "a second", "CPU us each", "p50 ms", "p99 ms");
    }

    pub(crate) fn print(&self, what: &str) {
        println!(
            "{what:44} {:>10.0} {:>12.1} {:>9.2} {:>9.2}",
            self.per_second(),
            self.cpu_micros(),
            median(&self.p50),
            median(&self.p99)
        );
    }
}

/// The one in the middle.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}
