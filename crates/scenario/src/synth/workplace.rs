//! When a property works: its market, its hours and the days on which it closes.

use chrono::{Datelike, NaiveDate};

use super::random::RandomStream;
use super::zones::{Closing, MARKETS, Market, national_day};
use lamplighter_core::model::{DAY_MINUTES, Interval, WeekHours};

/// A calendar date, in days since 1970-01-01.
pub(super) type Day = i64;

/// Hours of work in minutes of the day on which they start; past midnight the end is above 1440.
pub(super) type WorkSpan = (u16, u16);

/// What a property's week looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trade {
    /// Monday to Friday in one stretch.
    Office,
    /// Monday to Friday with an hour's break.
    Split,
    /// Monday to Friday, and a shorter Saturday.
    Shop,
    /// Monday to Friday into the evening.
    Late,
    /// Nights, from Sunday evening to Friday morning.
    Night,
    /// Saturday and Sunday alone.
    Weekend,
    /// Around the clock, every day.
    Always,
}

/// The hours of a trade with how common they are: the opening, the length, both in minutes.
type Custom = (u32, Trade, u16, u16);

const COMMON: [Custom; 12] = [
    (30, Trade::Office, 9 * 60, 8 * 60),
    (12, Trade::Office, 9 * 60, 9 * 60),
    (9, Trade::Office, 8 * 60, 8 * 60),
    (6, Trade::Office, 8 * 60 + 30, 8 * 60 + 30),
    (5, Trade::Office, 10 * 60, 8 * 60),
    (3, Trade::Office, 7 * 60, 8 * 60),
    (8, Trade::Split, 8 * 60 + 30, 9 * 60 + 30),
    (5, Trade::Split, 9 * 60, 9 * 60),
    (10, Trade::Shop, 9 * 60, 9 * 60),
    (7, Trade::Shop, 10 * 60, 9 * 60),
    (3, Trade::Shop, 8 * 60, 10 * 60),
    (2, Trade::Office, 8 * 60, 10 * 60),
];

const ODD: [Custom; 6] = [
    (25, Trade::Always, 0, 24 * 60),
    (20, Trade::Night, 22 * 60, 8 * 60),
    (10, Trade::Night, 20 * 60, 10 * 60),
    (20, Trade::Late, 14 * 60, 8 * 60),
    (15, Trade::Weekend, 10 * 60, 8 * 60),
    (10, Trade::Weekend, 9 * 60, 10 * 60),
];

/// A short day has so many minutes.
const SHORT_DAY_MINUTES: u16 = 3 * 60;
/// The Saturday of a shop.
const SATURDAY_MINUTES: u16 = 6 * 60;
/// Within so many days from the run's start a property has days off of its own.
pub(super) const OWN_CLOSING_DAYS: u32 = 28;
/// Days of a nation are written down so far ahead of the run's start.
const WRITTEN_DAYS: Day = 45;

/// Where and when a property works, scheduler or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Workplace {
    market: u8,
    /// The kind of business, which decides its working weekdays.
    pub trade: Trade,
    open_minute: u16,
    length_minutes: u16,
    keeps_holidays: bool,
    own_closings: [Option<(i32, Closing)>; 2],
}

impl Workplace {
    /// A workplace with hours of its own, at one of [`MARKETS`].
    pub(super) fn draw(stream: &mut RandomStream, odd_hours_percent: u32) -> Self {
        let market = stream.weighted(&MARKETS, |market| market.weight);
        let market = MARKETS.iter().position(|other| other == market).unwrap_or_default();
        let customs = if stream.chance(odd_hours_percent) { &ODD[..] } else { &COMMON[..] };
        let &(_, trade, open_minute, length_minutes) = stream.weighted(customs, |custom| custom.0);
        Self {
            market: market as u8,
            trade,
            open_minute,
            length_minutes,
            keeps_holidays: false,
            own_closings: [None; 2],
        }
    }

    /// Gives it holidays: those of its nation, and often a day or two of its own.
    pub(super) fn keep_holidays(&mut self, stream: &mut RandomStream, first_day: Day) {
        self.keeps_holidays = true;
        for closing in &mut self.own_closings {
            let day = first_day + Day::from(stream.below(OWN_CLOSING_DAYS));
            let kind = if stream.chance(60) { Closing::Closed } else { Closing::Short };
            *closing = stream.chance(40).then_some((day as i32, kind));
        }
    }

    /// The same market and holidays with other hours, as another widget of a property has them.
    pub(super) fn with_hours_of(&self, other: &Self) -> Self {
        let Self { trade, open_minute, length_minutes, .. } = *other;
        Self { trade, open_minute, length_minutes, ..self.clone() }
    }

    /// The index of its market.
    pub(super) fn market_index(&self) -> usize {
        self.market.into()
    }

    /// The market in which the workplace is: its zone and its customs.
    pub fn market(&self) -> &'static Market {
        &MARKETS[self.market_index()]
    }

    /// The hours that start on a weekday, Monday being 0.
    fn spans_on_weekday(&self, weekday: usize) -> [Option<WorkSpan>; 2] {
        let (open, close) = (self.open_minute, self.open_minute + self.length_minutes);
        let whole = [Some((open, close)), None];
        match (self.trade, weekday) {
            (Trade::Office | Trade::Late, 0..5) | (Trade::Shop, 0..5) => whole,
            (Trade::Split, 0..5) => [Some((open, open + 4 * 60)), Some((open + 5 * 60, close))],
            (Trade::Shop, 5) => [Some((open, open + SATURDAY_MINUTES)), None],
            (Trade::Night, 6 | 0..4) => whole,
            (Trade::Weekend, 5..) | (Trade::Always, _) => whole,
            _ => [None; 2],
        }
    }

    /// What is special about a date, if anything.
    fn closing_on(&self, day: Day) -> Option<Closing> {
        if !self.keeps_holidays {
            return None;
        }
        let own = self.own_closings.iter().flatten().find(|(own, _)| Day::from(*own) == day);
        own.map(|&(_, closing)| closing).or_else(|| {
            let date = date_of(day);
            national_day(self.market().nation, date.month(), date.day())
        })
    }

    /// The hours that start on a date.
    pub(super) fn spans_on(&self, day: Day) -> [Option<WorkSpan>; 2] {
        let spans = self.spans_on_weekday(weekday_of(day));
        let Some((open, _)) = spans[0] else { return spans };
        match self.closing_on(day) {
            None => spans,
            // Nobody is there around the clock for a short day.
            Some(Closing::Short) if self.trade != Trade::Always => {
                [Some((open, open + SHORT_DAY_MINUTES)), None]
            }
            _ => [None; 2],
        }
    }

    /// The hours as a scheduler has them. `different` makes them like no other: each weekday opens and
    /// closes at minutes of its own.
    pub(super) fn week_hours(
        &self,
        (first_day, end_day): (Day, Day),
        mut different: Option<RandomStream>,
    ) -> WeekHours {
        let mut hours = WeekHours::default();
        for (weekday, intervals) in hours.weekdays.iter_mut().enumerate() {
            for (start, end) in self.spans_on_weekday(weekday).into_iter().flatten() {
                let (later, earlier) = match &mut different {
                    Some(stream) => (stream.below(30), stream.below(30)),
                    None => (0, 0),
                };
                intervals.extend(interval(start + later as u16, end - earlier as u16));
            }
        }
        if !self.keeps_holidays {
            return hours;
        }
        let written_end = end_day.max(first_day + WRITTEN_DAYS);
        for day in first_day - 1..=written_end {
            if self.spans_on_weekday(weekday_of(day))[0].is_some() && self.closing_on(day).is_some()
            {
                let spans = self.spans_on(day).into_iter().flatten();
                let intervals = spans.filter_map(|(start, end)| interval(start, end)).collect();
                hours.dates.insert(date_of(day), intervals);
            }
        }
        hours
    }
}

fn interval(start: u16, end: u16) -> Option<Interval> {
    let end = if end > DAY_MINUTES { end - DAY_MINUTES } else { end };
    Interval::new(start, end)
}

/// Monday is 0.
pub(super) fn weekday_of(day: Day) -> usize {
    // 1970-01-01 was a Thursday.
    (day + 3).rem_euclid(7) as usize
}

fn date_of(day: Day) -> NaiveDate {
    i32::try_from(day)
        .ok()
        .and_then(NaiveDate::from_epoch_days)
        .expect("a run lies within the years 1970 to 9999")
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamplighter_core::hours::wall;

    /// 2026-03-02, a Monday.
    const MONDAY: Day = 20_514;

    fn workplace(trade: Trade, open_minute: u16, length_minutes: u16) -> Workplace {
        Workplace {
            market: 0,
            trade,
            open_minute,
            length_minutes,
            keeps_holidays: false,
            own_closings: [None; 2],
        }
    }

    #[test]
    fn days_have_the_weekdays_of_the_calendar() {
        for day in [MONDAY, 0, -1, 100_000] {
            assert_eq!(weekday_of(day), date_of(day).weekday().num_days_from_monday() as usize);
        }
    }

    #[test]
    fn nights_belong_to_the_evening_on_which_they_start() {
        let hours = workplace(Trade::Night, 1_320, 480).week_hours((MONDAY, MONDAY + 1), None);
        let shown: Vec<String> = hours
            .weekdays
            .iter()
            .map(|day| day.iter().map(ToString::to_string).collect())
            .collect();
        let night = "22:00-06:00";
        assert_eq!(shown, [night, night, night, night, "", "", night]);
    }

    #[test]
    fn a_day_off_closes_and_a_short_day_ends_early() {
        let mut workplace = workplace(Trade::Shop, 540, 540);
        workplace.keeps_holidays = true;
        workplace.own_closings =
            [Some((MONDAY as i32, Closing::Closed)), Some((MONDAY as i32 + 1, Closing::Short))];
        assert_eq!(workplace.spans_on(MONDAY), [None, None]);
        assert_eq!(workplace.spans_on(MONDAY + 1), [Some((540, 720)), None]);
        assert_eq!(workplace.spans_on(MONDAY + 2), [Some((540, 1_080)), None]);
        let hours = workplace.week_hours((MONDAY, MONDAY + 1), None);
        assert_eq!(hours.dates.entries().len(), 2);
        assert_eq!(wall::starting_on(&hours, date_of(MONDAY)), []);
    }

    #[test]
    fn a_nation_keeps_its_days() {
        let mut workplace = workplace(Trade::Office, 540, 480);
        workplace.keeps_holidays = true;
        // 2027-01-01, a Friday; MARKETS[0] is in the US.
        assert_eq!(workplace.spans_on(20_819), [None, None]);
        assert_eq!(workplace.spans_on(20_818), [Some((540, 720)), None]);
    }
}
