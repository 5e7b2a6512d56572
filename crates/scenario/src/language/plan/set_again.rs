//! Weekdays that several lines give hours, and the lines that say the same with each day once.

use super::super::ast::HoursLine;
use super::super::code::Code;
use super::super::diagnostic::Diagnostic;
use super::super::span::Span;
use lamplighter_core::model::text::WEEKDAYS;
use lamplighter_core::model::{Interval, Weekdays};

/// The lines of weekdays so far.
#[derive(Default)]
pub struct WeekdayLines {
    /// The days that each line names, in its order, and its hours.
    lines: Vec<(Vec<usize>, Vec<Interval>)>,
}

impl WeekdayLines {
    /// Takes down a line that names these days, in the order in which it names them.
    pub fn add(&mut self, days: Vec<usize>, line: &HoursLine) {
        self.lines.push((days, line.intervals.iter().map(|interval| interval.node).collect()));
    }

    /// The hours that are meant on a day: where several lines give it some, all of them together, or those
    /// of the line that is about fewer days.
    fn meant(&self, day: usize) -> Vec<Interval> {
        let of_day = self.lines.iter().flat_map(|(days, hours)| {
            let named = days.iter().filter(move |named| **named == day);
            named.map(|_| (hours.clone(), days.len()))
        });
        of_day.reduce(together).map(|(hours, _)| hours).unwrap_or_default()
    }

    /// The fault of the line that was added last, which gives days at a place hours again.
    pub fn set_again(&self, days: &[usize], line: &HoursLine, span: Span) -> Diagnostic {
        let words: Vec<&str> = days.iter().map(|day| WEEKDAYS[*day].0).collect();
        let message = match words.split_last() {
            None | Some((_, [])) => format!("{} is set twice", words.concat()),
            Some((last, rest)) => format!("{} and {last} are set twice", rest.join(", ")),
        };
        Diagnostic::new(span, message, "a weekday can be set once")
            .code(Code::SetTwice)
            .help(self.advice(days, line))
    }

    /// The lines to write in place of the one that was added last, and of those that share a day with it.
    fn advice(&self, again: &[usize], line: &HoursLine) -> String {
        let days = |named: &[usize]| {
            named.iter().fold(Weekdays::default(), |days, day| days.and(one(*day)))
        };
        let mut before = self.lines.iter().map(|(named, _)| days(named));
        let last = before.next_back().unwrap_or_default();
        let (mut all, mut shared) = (last, 0);
        for other in before {
            if other.iter().any(|day| last.contains(day)) {
                all = all.and(other);
                shared += 1;
            }
        }
        let is_whole = shared > 0 && all.iter().all(|day| again.contains(&day));
        if is_whole && line.intervals.is_empty() {
            return "leave out one of the lines".to_owned();
        }
        // Days of the same hours stand in one line.
        let mut lines: Vec<(Weekdays, Vec<Interval>)> = Vec::new();
        for day in all.iter() {
            let hours = self.meant(day);
            match lines.iter_mut().find(|(_, other)| *other == hours) {
                Some((days, _)) => *days = days.and(one(day)),
                None => lines.push((one(day), hours)),
            }
        }
        let texts: Vec<String> = lines.iter().map(|(days, hours)| text(*days, hours)).collect();
        match texts.split_last() {
            None | Some((_, [])) => format!("write all hours in one line: {}", texts.concat()),
            Some((last, rest)) => {
                format!("name each day in one line: {} and {last}", rest.join(", "))
            }
        }
    }
}

fn one(day: usize) -> Weekdays {
    Weekdays::of(WEEKDAYS[day].1)
}

fn text(days: Weekdays, hours: &[Interval]) -> String {
    let hours: Vec<String> = hours.iter().map(ToString::to_string).collect();
    let hours = if hours.is_empty() { "closed".to_owned() } else { hours.join(" ") };
    format!("`{days} {hours}`")
}

/// The hours of two lines: all of them, or where the two do not go together those of the line that is about
/// fewer days, of two alike the later ones.
fn together(
    (before, before_days): (Vec<Interval>, usize),
    (later, later_days): (Vec<Interval>, usize),
) -> (Vec<Interval>, usize) {
    let overlap = |a: &Interval, b: &Interval| {
        let ((a_start, a_end), (b_start, b_end)) = (a.span(), b.span());
        a_start < b_end && b_start < a_end
    };
    let is_apart = !before.iter().any(|a| later.iter().any(|b| overlap(a, b)));
    if before.is_empty() || later.is_empty() || !is_apart {
        return match before_days < later_days {
            true => (before, before_days),
            false => (later, later_days),
        };
    }
    let mut both = [before, later].concat();
    both.sort();
    (both, later_days)
}

#[cfg(test)]
mod tests {
    use super::super::super::ast::BlockLine;
    use super::super::super::parse;
    use super::super::settings::HoursBuilder;

    /// What is said of lines of hours, if anything is.
    fn advice(lines: &[&str]) -> Option<String> {
        let text = format!("scenario Hours\nproperty acme\nscheduler UTC\n{}\n", lines.join("\n"));
        let parsed = parse(text.as_bytes());
        assert_eq!(parsed.diagnostics, [], "{lines:?}");
        let (mut builder, mut found) = (HoursBuilder::default(), Vec::new());
        for line in &parsed.document.blocks[0].lines {
            if let BlockLine::Hours(line) = &line.node {
                builder.add(line, &mut found);
            }
        }
        found.pop().and_then(|last| last.help)
    }

    #[test]
    fn advice_about_weekdays_set_again_works_when_it_is_followed() {
        for (lines, followed) in [
            (
                &["mon-fri 09:00-12:00", "fri 13:00-17:00"][..],
                &["mon-thu 09:00-12:00", "fri 09:00-12:00 13:00-17:00"][..],
            ),
            (&["mon-fri 09:00-12:00", "mon-fri 13:00-17:00"], &["mon-fri 09:00-12:00 13:00-17:00"]),
            (
                &["mon-fri 09:00-17:00", "wed 10:00-12:00"],
                &["mon-tue,thu-fri 09:00-17:00", "wed 10:00-12:00"],
            ),
            (
                &["wed 10:00-12:00", "daily 09:00-17:00"],
                &["mon-tue,thu-sun 09:00-17:00", "wed 10:00-12:00"],
            ),
            (&["daily 10:00-12:00", "fri closed"], &["mon-thu,sat-sun 10:00-12:00", "fri closed"]),
            (&["mon,wed,mon-tue 09:00-17:00"], &["mon-wed 09:00-17:00"]),
            (
                &["sat 09:00-10:00", "mon-tue 09:00-12:00", "tue-wed 13:00-14:00"],
                &["mon 09:00-12:00", "tue 09:00-12:00 13:00-14:00", "wed 13:00-14:00"],
            ),
            (&["fri 18:00-02:00", "fri 13:00-17:00"], &["fri 13:00-17:00 18:00-02:00"]),
            (
                &["mon 09:00-10:00", "mon 11:00-12:00", "mon 13:00-14:00"],
                &["mon 09:00-10:00 11:00-12:00 13:00-14:00"],
            ),
        ] {
            let help = advice(lines).expect("a day is set again");
            let said: Vec<&str> = help.split('`').skip(1).step_by(2).collect();
            assert_eq!(said, followed, "{lines:?}: {help}");
            assert_eq!(advice(&said), None, "{help}");
        }
        let twice = ["mon-fri 09:00-12:00", "mon-fri closed"];
        assert_eq!(advice(&twice).as_deref(), Some("leave out one of the lines"));
    }
}
