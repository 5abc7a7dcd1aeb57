//! What a version has to say about a change that breaks.
//! Owns the rule: the first number grows; below 1.0.0 the second will do.

/// A change that breaks under a version that does not say so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this breaks what {before} promised, and its version is {now}")]
pub struct NeedsMajor {
    /// The version that was released.
    pub before: String,
    /// The version now.
    pub now: String,
    /// The least version that says so.
    pub write: String,
}

/// Whether `now` tells everybody that it breaks what `before` promised.
pub(super) fn major(before: &str, now: &str) -> Result<(), NeedsMajor> {
    let numbers = |version: &str| {
        let mut numbers = version.split('.').map(|number| number.parse::<u64>().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        (next(), next())
    };
    let ((major, minor), told) = (numbers(before), numbers(now));
    let least = if major == 0 { (0, minor.saturating_add(1)) } else { (major.saturating_add(1), 0) };
    if told >= least {
        return Ok(());
    }
    let write = format!("{}.{}.0", least.0, least.1);
    Err(NeedsMajor { before: before.to_owned(), now: now.to_owned(), write })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_break_needs_a_greater_first_number() {
        let write = |before: &str, now: &str| major(before, now).map_err(|needs| needs.write);
        for (before, now) in [("1.0.0", "2.0.0"), ("1.9.9", "3.1.0"), ("0.1.0", "0.2.0"), ("0.1.0", "1.0.0")]
        {
            assert_eq!(write(before, now), Ok(()), "{before} to {now}");
        }
        assert_eq!(write("1.0.0", "1.0.0"), Err("2.0.0".to_owned()));
        assert_eq!(write("1.2.3", "1.3.0"), Err("2.0.0".to_owned()));
        assert_eq!(write("2.0.0", "1.0.0"), Err("3.0.0".to_owned()));
        assert_eq!(write("0.1.4", "0.1.5"), Err("0.2.0".to_owned()));
    }
}
