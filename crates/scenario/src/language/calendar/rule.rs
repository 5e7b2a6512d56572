//! Rules by which something comes again (RRULE). They are expanded by the clock of what they are about, so
//! that no other zone data than ours has a say.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use ical::recur::expand::IcalRecurExpand;
use ical::recur::validate::IcalRecurRuleProblem;
use ical::recur::{IcalRecurDateTime, IcalRecurFreq, IcalRecurRule, IcalRecurRuleError};

use super::error::CalendarError;

/// What comes without an end is taken up to this year.
const YEAR_MAX: i32 = 2_099;

/// One rule may name so many times.
const TIMES_MAX: usize = u16::MAX as usize;

/// The parts of a rule (RFC 5545, 3.3.10; RFC 7529).
const PARTS: [&str; 16] = [
    "FREQ",
    "UNTIL",
    "COUNT",
    "INTERVAL",
    "BYSECOND",
    "BYMINUTE",
    "BYHOUR",
    "BYDAY",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYMONTH",
    "BYSETPOS",
    "WKST",
    "RSCALE",
    "SKIP",
];

/// What a clock reads when UTC is something; `None` outside of the years.
pub type ByClock<'c> = &'c dyn Fn(NaiveDateTime) -> Option<NaiveDateTime>;

/// The readings that a rule names, from a first one on. `by_clock` tells what the clock reads when UTC
/// is something, in which the end of a rule is said.
///
/// # Errors
/// When the rule is none, names more than can be taken, or names nothing.
pub fn named(
    first: NaiveDateTime,
    line: usize,
    text: &str,
    by_clock: ByClock<'_>,
) -> Result<Vec<NaiveDateTime>, CalendarError> {
    let wrong = |why: String| CalendarError::new(line, why);
    let rule = read(text, by_clock).map_err(|why| wrong(format!("this RRULE is none: {why}")))?;
    if !matches!(
        rule.freq,
        IcalRecurFreq::Yearly
            | IcalRecurFreq::Monthly
            | IcalRecurFreq::Weekly
            | IcalRecurFreq::Daily
    ) {
        return Err(wrong(
            "a rule by the hour, minute or second is not taken: hours are told by days".to_owned(),
        ));
    }
    let start = of_chrono(first);
    if rule.until.is_some_and(|until| until < start) {
        return Err(wrong(
            "this RRULE ends before its event begins: leave it out, or give it a later `UNTIL`"
                .to_owned(),
        ));
    }
    let is_endless = rule.until.is_none();
    let last = end_of(IcalRecurDateTime::date(YEAR_MAX, 12, 31));
    let rule =
        IcalRecurRule { until: Some(rule.until.map_or(last, |until| until.min(last))), ..rule };
    let times = IcalRecurExpand::new(rule, start).take(TIMES_MAX + 1);
    let times: Vec<_> = times.map_while(to_chrono).collect();
    // What was cut short is not all there is.
    match times.len() {
        0 if is_endless && start <= last => {
            Err(wrong(format!("this RRULE names no time up to the year {YEAR_MAX}")))
        }
        0..=TIMES_MAX => Ok(times),
        _ => Err(wrong("this RRULE names more times than can be taken: give it an end".to_owned())),
    }
}

/// Reads a rule, with its end as the event's own clock reads it; otherwise why it is none.
fn read(text: &str, by_clock: ByClock<'_>) -> Result<IcalRecurRule, String> {
    let mut met: Vec<String> = Vec::new();
    let mut until = None;
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, value) = part
            .split_once('=')
            .map(|(name, value)| (name.trim().to_ascii_uppercase(), value.trim()))
            .ok_or_else(|| format!("`{part}` is no part such as `COUNT=3`"))?;
        // The reader of rules passes over what it does not know: a slip of the pen would change the hours unseen.
        if !PARTS.contains(&&*name) {
            return Err(format!("`{name}` is no part of a rule"));
        }
        if value.split(',').any(|one| one.trim().is_empty()) {
            return Err(format!("`{name}` lacks a value"));
        }
        if met.contains(&name) {
            return Err(format!("`{name}` is said twice"));
        }
        if name == "UNTIL" {
            until = until_by_the_clock(value, by_clock);
        }
        met.push(name);
    }
    let rule = IcalRecurRule::parse(text.trim()).map_err(|error| in_a_sentence(&error))?;
    // `FREQ=WEEKLY;BYDAY=1MO` is written by some, and every program passes over the 1.
    let passed_over = IcalRecurRuleProblem::OrdinalFreq { freq: IcalRecurFreq::Weekly };
    let is_told = |problem: &_| *problem != passed_over;
    if let Some(problem) = rule.problems().into_iter().find(is_told) {
        return Err(problem.to_string());
    }
    if let Some(scale) = rule.scale.as_ref().filter(|scale| *scale != "GREGORIAN") {
        return Err(format!("it counts by the calendar `{scale}`, and only `GREGORIAN` is taken"));
    }
    Ok(IcalRecurRule { until: until.or(rule.until), ..rule })
}

/// The end of a rule, which is said in UTC, as the event's own clock reads it.
fn until_by_the_clock(value: &str, by_clock: ByClock<'_>) -> Option<IcalRecurDateTime> {
    let digits = value.trim_end_matches(['Z', 'z']);
    let read = IcalRecurDateTime::parse(digits).ok()?;
    // A date counts to its end.
    let until = if digits.contains(['T', 't']) { read } else { end_of(read) };
    match digits == value {
        true => Some(until),
        false => by_clock(to_chrono(until)?).map(of_chrono),
    }
}

/// The last second of a date.
fn end_of(date: IcalRecurDateTime) -> IcalRecurDateTime {
    IcalRecurDateTime { hour: 23, minute: 59, second: 59, ..date }
}

/// What is wrong with a rule, to be told behind a colon.
fn in_a_sentence(error: &IcalRecurRuleError) -> String {
    let mut told = error.to_string();
    if let Some(first) = told.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    told
}

fn of_chrono(at: NaiveDateTime) -> IcalRecurDateTime {
    let small = |number: u32| u8::try_from(number).expect("days and hours are few");
    IcalRecurDateTime {
        year: at.year(),
        month: small(at.month()),
        day: small(at.day()),
        hour: small(at.hour()),
        minute: small(at.minute()),
        second: small(at.second()),
    }
}

fn to_chrono(at: IcalRecurDateTime) -> Option<NaiveDateTime> {
    let day = NaiveDate::from_ymd_opt(at.year, at.month.into(), at.day.into())?;
    // A minute with a second more ends with it.
    day.and_hms_opt(at.hour.into(), at.minute.into(), at.second.min(59).into())
}
