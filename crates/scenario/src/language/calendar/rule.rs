//! Rules by which something comes again (RRULE). They are expanded by the clock of what they are about,
//! as if that were UTC, so that no other zone data than ours has a say.

use chrono::{NaiveDate, NaiveDateTime};
use rrule::{Frequency, RRule, RRuleSet, Tz, Unvalidated};

use super::error::CalendarError;

/// What comes without an end is taken up to this year.
const YEAR_MAX: i32 = 2_099;

/// What a clock reads when UTC is something; `None` outside of the years.
pub type ByClock<'c> = &'c dyn Fn(NaiveDateTime) -> Option<NaiveDateTime>;

/// The readings that a rule names, from a first one on. `by_clock` tells what the clock reads when UTC
/// is something, in which the end of a rule is said.
///
/// # Errors
/// When the rule is none, or names more than can be taken.
pub fn named(
    first: NaiveDateTime,
    line: usize,
    rule: &str,
    by_clock: ByClock<'_>,
) -> Result<Vec<NaiveDateTime>, CalendarError> {
    let wrong = |why: String| CalendarError::new(line, why);
    // Between letters of other scripts the reader of rules would cut one in two.
    if !rule.is_ascii() {
        return Err(wrong(format!("this RRULE is none: `{rule}` has letters that no rule has")));
    }
    let rule = with_until_by_the_clock(rule, by_clock);
    let rule: RRule<Unvalidated> =
        rule.parse().map_err(|error| wrong(format!("this RRULE is none: {error}")))?;
    if !matches!(
        rule.get_freq(),
        Frequency::Yearly | Frequency::Monthly | Frequency::Weekly | Frequency::Daily
    ) {
        return Err(wrong(
            "a rule by the hour, minute or second is not taken: hours are told by days".to_owned(),
        ));
    }
    let utc = |local: NaiveDateTime| local.and_utc().with_timezone(&Tz::UTC);
    let first = utc(first);
    let rule =
        rule.validate(first).map_err(|error| wrong(format!("this RRULE is none: {error}")))?;
    let horizon =
        NaiveDate::from_ymd_opt(YEAR_MAX + 1, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0));
    let horizon = horizon.expect("the year has a first day");
    let all = RRuleSet::new(first).rrule(rule).before(utc(horizon)).all(u16::MAX);
    // What was cut short is not all there is.
    match all.limited {
        true => Err(wrong(
            "this RRULE names more times than can be taken, or none within reach: give it an end"
                .to_owned(),
        )),
        false => Ok(all.dates.iter().map(|at| at.naive_utc()).collect()),
    }
}

/// The rule with its `UNTIL`, which is said in UTC, as the event's own clock reads it.
fn with_until_by_the_clock(rule: &str, by_clock: ByClock<'_>) -> String {
    let part = |part: &str| {
        let (name, value) = part.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("UNTIL") {
            return None;
        }
        let digits = value.trim().trim_end_matches('Z');
        let until = match digits.contains('T') {
            true => NaiveDateTime::parse_from_str(digits, "%Y%m%dT%H%M%S").ok()?,
            // A date counts to its end.
            false => NaiveDate::parse_from_str(digits, "%Y%m%d").ok()?.and_hms_opt(23, 59, 59)?,
        };
        let is_utc = value.trim().ends_with('Z');
        let until = if is_utc { by_clock(until)? } else { until };
        Some(format!("UNTIL={}", until.format("%Y%m%dT%H%M%SZ")))
    };
    let parts = rule.trim().split(';').map(|text| part(text).unwrap_or_else(|| text.to_owned()));
    parts.collect::<Vec<_>>().join(";")
}
