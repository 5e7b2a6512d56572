//! Figures as people read them: lengths of time to three digits, shares in percent, and numbers with
//! their thousands apart.

pub use lamplighter_scenario::figures::{counted, thousands};

/// A length of time in microseconds, to three digits: `840µs`, `12.3ms`, `2.05s`; from two minutes on
/// to the second: `3m05s`, `1h02m`.
pub fn duration(us: f64) -> String {
    match us {
        ..999.5 => format!("{}µs", us.round()),
        ..999_500.0 => format!("{}ms", three_digits(us / 1e3)),
        ..119_500_000.0 => format!("{}s", three_digits(us / 1e6)),
        ..3_599_500_000.0 => {
            let seconds = (us / 1e6).round() as u64;
            format!("{}m{:02}s", seconds / 60, seconds % 60)
        }
        _ => {
            let minutes = (us / 60e6).round() as u64;
            format!("{}h{:02}m", minutes / 60, minutes % 60)
        }
    }
}

/// Three digits of a number, or all before the point where there are more.
fn three_digits(number: f64) -> String {
    match number {
        ..9.995 => format!("{number:.2}"),
        ..99.95 => format!("{number:.1}"),
        _ => format!("{number:.0}"),
    }
}

/// A share in percent, never rounded to nothing or to all: `0.02%`, `99.98%`, `<0.01%`, `12%`.
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 || part == 0 {
        return "0%".to_owned();
    }
    if part == whole {
        return "100%".to_owned();
    }
    match part as f64 / whole as f64 * 100.0 {
        ..0.005 => "<0.01%".to_owned(),
        99.995..100.0 => ">99.99%".to_owned(),
        share @ (..9.995 | 90.0..100.0) => format!("{share:.2}%"),
        share => format!("{share:.1}%"),
    }
}

/// A rate of so many in so many milliseconds: `1,000/s`, `8.25/s`.
pub fn rate(count: u64, length_ms: u64) -> String {
    if length_ms == 0 {
        return "0/s".to_owned();
    }
    match count as f64 * 1e3 / length_ms as f64 {
        0.0 => "0/s".to_owned(),
        rate @ ..99.95 => format!("{}/s", three_digits(rate)),
        rate => format!("{}/s", thousands(rate.round() as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_have_three_digits_and_the_unit_that_fits() {
        for (us, text) in [
            (0.0, "0µs"),
            (840.0, "840µs"),
            (999.4, "999µs"),
            (999.6, "1.00ms"),
            (12_345.0, "12.3ms"),
            (999_700.0, "1.00s"),
            (2_047_000.0, "2.05s"),
            (119_000_000.0, "119s"),
            (185_000_000.0, "3m05s"),
            (3_599_900_000.0, "1h00m"),
            (7_200_000_000.0, "2h00m"),
        ] {
            assert_eq!(duration(us), text);
        }
    }

    #[test]
    fn a_share_is_all_or_nothing_only_where_it_is() {
        for (part, whole, text) in [
            (0, 0, "0%"),
            (0, 7, "0%"),
            (7, 7, "100%"),
            (1, 1_000_000, "<0.01%"),
            (999_999, 1_000_000, ">99.99%"),
            (1, 1_000, "0.10%"),
            (998, 1_000, "99.80%"),
            (1, 3, "33.3%"),
        ] {
            assert_eq!(share(part, whole), text);
        }
    }

    #[test]
    fn rates_and_numbers_are_readable() {
        assert_eq!(rate(300_000, 300_000), "1,000/s");
        assert_eq!(rate(33, 4_000), "8.25/s");
        assert_eq!(rate(33, 0), "0/s");
        assert_eq!(counted(1, "call"), "1 call");
        assert_eq!(counted(1_234_567, "call"), "1,234,567 calls");
    }
}
