//! Texts of a format: dates, times, decimals, UUIDs, URIs.
//! Owns the awkward ones: leap days, the ends of a year, offsets, fractions.

use jiff::Timestamp;
use mote_expr::schema::Format;

use crate::random::Random;

/// A text that has this format.
pub(super) fn text(format: Format, random: &mut Random) -> String {
    match format {
        Format::Date => instant(random)[..10].to_owned(),
        Format::DateTime => date_time(random),
        Format::Decimal => decimal(random),
        Format::Uuid => uuid(random),
        Format::Uri => uri(random),
    }
}

/// The simplest text of this format: what a counterexample shows where it does not matter.
pub(crate) fn simplest(format: Format) -> &'static str {
    match format {
        Format::Date => "2026-01-01",
        Format::DateTime => "2026-01-01T00:00:00Z",
        Format::Decimal => "0",
        Format::Uuid => "00000000-0000-0000-0000-000000000000",
        Format::Uri => "a:a",
    }
}

/// A point in time, as the host writes `context.now`.
pub(crate) fn now(random: &mut Random) -> String {
    let text = instant(random);
    if random.chance(70) { format!("{}.{:03}Z", &text[..19], random.below(1_000)) } else { text }
}

/// `2026-01-01T00:00:00Z`, to the second, often at an edge of the calendar.
fn instant(random: &mut Random) -> String {
    const EDGES: &[&str] = &[
        "1970-01-01T00:00:00Z",
        "1999-12-31T23:59:59Z",
        "2000-02-29T12:00:00Z",
        "2024-02-29T00:00:00Z",
        "2025-12-31T23:59:59Z",
        "2026-01-01T00:00:00Z",
        "2026-03-29T01:30:00Z",
        "2038-01-19T03:14:08Z",
        "9999-12-29T22:00:00Z",
    ];
    if random.chance(40) {
        return EDGES[random.index(EDGES.len())].to_owned();
    }
    // From 1970 to 2100: jiff holds every second of it.
    let second = random.within(0, 4_102_444_799);
    Timestamp::from_second(second).map_or_else(|_| EDGES[0].to_owned(), |time| time.to_string())
}

fn date_time(random: &mut Random) -> String {
    let text = instant(random);
    match random.below(10) {
        0..6 => text,
        6..8 => format!("{}.{:03}Z", &text[..19], random.below(1_000)),
        8 => format!("{}+02:00", &text[..19]),
        _ => format!("{}-11:30", &text[..19]),
    }
}

fn decimal(random: &mut Random) -> String {
    let sign = if random.chance(20) { "-" } else { "" };
    let largest = 10i64.pow(random.within(0, 15).unsigned_abs() as u32);
    let whole = random.within(0, largest);
    match random.below(4) {
        0 => format!("{sign}{whole}"),
        1 => format!("{sign}{whole}.{}", random.below(10)),
        2 => format!("{sign}{whole}.{:02}", random.below(100)),
        _ => format!("{}.{:02}", 0, random.below(100)),
    }
}

fn uuid(random: &mut Random) -> String {
    let (high, low) = (random.bits(), random.bits());
    let text = format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0xfff,
        low & 0xffff_ffff_ffff
    );
    if random.chance(10) { text.to_uppercase() } else { text }
}

fn uri(random: &mut Random) -> String {
    const STARTS: &[&str] =
        &["https://example.com", "http://[::1]:8080", "urn:isbn:", "mailto:a@example.com", "x:"];
    const ENDS: &[&str] = &["/", "/a/b%20c", "?q=1&r=%C3%A9", "#top", "/0", ""];
    let start = STARTS[random.index(STARTS.len())];
    let end = ENDS[random.index(ENDS.len())];
    if start.ends_with(':') && end.is_empty() { format!("{start}0") } else { format!("{start}{end}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;

    #[test]
    fn every_text_has_its_format() {
        let mut random = Random::of(&Seed::from(3), "formats", 0);
        for (_, format) in Format::ALL {
            assert!(format.accepts(simplest(format)), "{format:?}");
            for _ in 0..500 {
                let made = text(format, &mut random);
                assert!(format.accepts(&made), "{format:?} {made}");
            }
        }
        assert!((0..100).all(|_| Format::DateTime.accepts(&now(&mut random))));
    }
}
