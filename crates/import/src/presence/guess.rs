//! Hours guessed from when people were there.
//!
//! A quarter of an hour is open if somebody was there on at least half of the days of its weekday. What
//! is shorter than half an hour is taken for chance, be it open or closed.

use std::ops::Range;

use super::week::QUARTERS;

/// Hours of the week, from Monday: each day's intervals, in minutes.
pub type GuessedHours = [Vec<Range<u16>>; 7];

/// Shorter runs of quarters are taken for chance.
const RUN_MIN: usize = 2;
const QUARTERS_A_DAY: usize = QUARTERS / 7;

/// Guesses hours, given on how many days somebody was there in each quarter, and how many days of each
/// weekday there were.
pub fn guess(days: &[u32], weekdays: [u32; 7]) -> GuessedHours {
    let is_open = |quarter: usize| {
        let of = weekdays[quarter / QUARTERS_A_DAY];
        days[quarter] > 0 && days[quarter] * 2 >= of
    };
    let mut open: Vec<bool> = (0..QUARTERS).map(is_open).collect();
    // First short gaps are closed, then short openings; so a lunch that half of them take at another
    // time does not cut a day into pieces.
    for what in [false, true] {
        without_short_runs(&mut open, what);
    }
    std::array::from_fn(|day| {
        let day = &open[day * QUARTERS_A_DAY..(day + 1) * QUARTERS_A_DAY];
        let mut intervals: Vec<Range<u16>> = Vec::new();
        for (quarter, _) in day.iter().enumerate().filter(|(_, open)| **open) {
            let start = quarter as u16 * 15;
            match intervals.last_mut() {
                Some(last) if last.end == start => last.end += 15,
                _ => intervals.push(start..start + 15),
            }
        }
        intervals
    })
}

/// Turns short runs of `what` into their opposite. The week goes round.
fn without_short_runs(open: &mut [bool], what: bool) {
    let count = open.len();
    // A week that is all alike has no runs; else one begins where the value changes.
    let Some(start) = (0..count).find(|&at| open[at] != open[(at + count - 1) % count]) else {
        return;
    };
    let mut at = 0;
    while at < count {
        let value = open[(start + at) % count];
        let run = (at..count).take_while(|&next| open[(start + next) % count] == value).count();
        if value == what && run < RUN_MIN {
            (at..at + run).for_each(|at| open[(start + at) % count] = !what);
        }
        at += run;
    }
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "a day has a list of spans")]
mod tests {
    use super::*;

    /// Days on which somebody was there, from lines such as `0 09:00-17:00 4`.
    fn days(lines: &[(usize, u16, u16, u32)]) -> Vec<u32> {
        let mut days = vec![0; QUARTERS];
        for &(day, from, to, count) in lines {
            for quarter in from / 15..to / 15 {
                days[day * QUARTERS_A_DAY + usize::from(quarter)] += count;
            }
        }
        days
    }

    #[test]
    fn a_quarter_is_open_if_somebody_was_there_on_half_of_the_days() {
        let week = days(&[(0, 540, 1020, 4), (1, 540, 1020, 2), (2, 540, 1020, 1)]);
        let hours = guess(&week, [4; 7]);
        assert_eq!(hours[0], [540..1020]);
        assert_eq!(hours[1], [540..1020]);
        assert!(hours[2..].iter().all(Vec::is_empty));
    }

    #[test]
    fn short_gaps_and_short_openings_are_chance() {
        let week = days(&[(0, 540, 720, 4), (0, 735, 1020, 4), (1, 600, 615, 4), (2, 0, 60, 4)]);
        let hours = guess(&week, [4; 7]);
        assert_eq!(hours[0], [540..1020]);
        assert!(hours[1].is_empty());
        assert_eq!(hours[2], [0..60]);
        let lunch = days(&[(0, 540, 720, 4), (0, 780, 1020, 4)]);
        assert_eq!(guess(&lunch, [4; 7])[0], [540..720, 780..1020]);
    }

    #[test]
    fn nights_go_on_over_midnight_and_over_the_end_of_the_week() {
        let week = days(&[(6, 1320, 1440, 3), (0, 0, 120, 3)]);
        let hours = guess(&week, [3; 7]);
        assert_eq!((&hours[6], &hours[0]), (&vec![1320..1440], &vec![0..120]));
        let always = days(&(0..7).map(|day| (day, 0, 1440, 3)).collect::<Vec<_>>());
        assert!(guess(&always, [3; 7]).iter().all(|day| *day == [0..1440]));
        assert!(guess(&days(&[]), [0; 7]).iter().all(Vec::is_empty));
    }
}
