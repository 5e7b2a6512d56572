//! Lengths, shares and instants in the words of people.

use chrono::{Datelike, Timelike};

use crate::report::format::{counted, thousands};
use lamplighter_core::hours::Zone;
use lamplighter_core::model::Instant;
use lamplighter_core::model::text::{WEEKDAYS, write_date};
use lamplighter_coverage::figures::{Estimate, Span, VisitorsOutside};

/// A length of time as people say it: `3 h 12 min`, `42 s`.
pub fn length(ms: u64) -> String {
    let (hours, minutes) = (ms / 3_600_000, ms / 60_000 % 60);
    let (seconds, rest) = (ms / 1_000 % 60, ms % 1_000);
    match (hours, minutes, seconds, rest) {
        (0, 0, 0, 0) => "0 s".to_owned(),
        (0, 0, 0, rest) => format!("{rest} ms"),
        (0, 0, seconds, 0) => format!("{seconds} s"),
        (0, 0, seconds, rest) => format!("{seconds}.{rest:03} s"),
        (0, minutes, 0, _) => format!("{minutes} min"),
        (0, minutes @ 0..10, seconds, _) => format!("{minutes} min {seconds} s"),
        (0, minutes, ..) => format!("{minutes} min"),
        (hours, 0, ..) => format!("{} h", thousands(hours)),
        (hours, minutes, ..) => format!("{} h {minutes} min", thousands(hours)),
    }
}

/// A share as people say it: `7.1 %`; what is not all is not 100, and what is not nothing is not 0.
pub fn percent(share: f64) -> String {
    let tenths = (share * 1_000.0).round();
    match tenths {
        1_000.0.. if share < 1.0 => "99.9 %".to_owned(),
        0.0 if share > 0.0 => "<0.1 %".to_owned(),
        _ => format!("{:.1} %", tenths / 10.0),
    }
}

/// A share that may be of nothing.
pub fn percent_or_dash(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), percent)
}

/// A length with its part of a whole: `3 h 12 min, 7.1 %`.
pub fn length_of(ms: u64, whole_ms: u64) -> String {
    match lamplighter_coverage::figures::share(ms, whole_ms) {
        Some(share) => format!("{}, {}", length(ms), percent(share)),
        None => length(ms),
    }
}

/// What a zone's wall clock reads: `Mon 2026-03-09 17:02`.
pub fn when(at: Instant, zone: &Zone) -> String {
    let local = zone.local(at);
    let day = WEEKDAYS[local.weekday().num_days_from_monday() as usize].0;
    let mut text = format!(
        "{} {} {:02}:{:02}",
        capital(day),
        write_date(local.date()),
        local.hour(),
        local.minute()
    );
    if local.second() > 0 {
        text.push_str(&format!(":{:02}", local.second()));
    }
    text
}

/// The end of a stretch: a time of day where it is the same date, else with its date. Where clocks were put
/// meanwhile it says so, since what they read does not tell how long it was.
pub fn until(span: Span, zone: &Zone) -> String {
    let end = when(span.to, zone);
    let (from, to) = (zone.local(span.from), zone.local(span.to));
    if from.date() != to.date() {
        return end;
    }
    let time = &end[end.len() - if to.second() > 0 { 8 } else { 5 }..];
    let put_ms = (to - from).num_milliseconds() - span.length_ms() as i64;
    match put_ms.signum() {
        -1 => format!("{time} (clocks went back by {})", length(put_ms.unsigned_abs())),
        1 => format!("{time} (clocks went forward by {})", length(put_ms.unsigned_abs())),
        _ => time.to_owned(),
    }
}

/// Visitors of a file who came when the report had not begun, or was over; `None` where nobody did.
pub fn visitors_outside(outside: VisitorsOutside) -> Option<String> {
    let VisitorsOutside { before, behind } = outside;
    if before + behind == 0 {
        return None;
    }
    let parts = [(before, "came before the report begins"), (behind, "when it was over")];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> =
        parts.map(|(count, when)| format!("{} {when}", thousands(*count))).collect();
    let visitors = counted(before + behind, "visitor");
    Some(format!("{visitors} of the file count nowhere: {}", parts.join(", ")))
}

/// A weekday's name with a capital: `Mon`.
pub fn capital(day: &str) -> String {
    let (first, rest) = day.split_at(1);
    first.to_uppercase() + rest
}

/// The weekday of a day of the week, from 0 for `Mon`.
pub fn weekday(day: usize) -> String {
    capital(WEEKDAYS[day].0)
}

/// An estimate with its interval, each written in the same way: `80.1 % ± 0.4 %`.
pub fn estimate(estimate: Estimate, write: impl Fn(f64) -> String) -> String {
    let mean = write(estimate.mean);
    match estimate.plus_minus {
        Some(plus_minus) => format!("{mean} ± {}", write(plus_minus)),
        None => mean,
    }
}

/// An estimate that may be of nothing.
pub fn estimate_or_dash(of: Option<Estimate>, write: impl Fn(f64) -> String) -> String {
    of.map_or_else(|| "-".to_owned(), |of| estimate(of, write))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_as_people_tell_them() {
        let said: Vec<String> =
            [0, 250, 42_000, 61_000, 754_000, 3_600_000, 11_520_000, 4_338_000_000]
                .into_iter()
                .map(length)
                .collect();
        assert_eq!(
            said,
            ["0 s", "250 ms", "42 s", "1 min 1 s", "12 min", "1 h", "3 h 12 min", "1,205 h"]
        );
    }

    #[test]
    fn a_stretch_within_which_clocks_were_put_says_so() {
        let zone =
            lamplighter_core::hours::Zones::bundled().get("America/New_York").expect("a zone");
        let at = |text: &str| text.parse::<Instant>().expect("an instant");
        for (from, to, told) in [
            ("2026-11-01T05:45:00Z", "2026-11-01T06:15:00Z", "01:15 (clocks went back by 1 h)"),
            ("2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z", "03:30 (clocks went forward by 1 h)"),
            ("2026-03-09T06:30:00Z", "2026-03-09T07:30:05Z", "03:30:05"),
            ("2026-03-08T03:30:00Z", "2026-03-08T07:30:00Z", "Sun 2026-03-08 03:30"),
        ] {
            assert_eq!(until(Span { from: at(from), to: at(to) }, &zone), told);
        }
    }

    #[test]
    fn what_is_not_all_is_not_told_as_all() {
        assert_eq!(
            [percent(0.9999), percent(1.0), percent(0.0714), percent(0.0004), percent(0.0)],
            ["99.9 %", "100.0 %", "7.1 %", "<0.1 %", "0.0 %"]
        );
    }
}
