//! Instants as RFC 3339 writes them: those of nearly all rows at once, any other as every text is read.

use chrono::{NaiveDate, NaiveTime};

use crate::model::Instant;
use crate::model::text::instant_of_a_trace;

const SECOND_MS: i64 = 1_000;

/// Reads instants that are written as `2026-03-09T13:55:00Z`, with `.mmm` or without. Rows come in
/// the order of time, so the minute is mostly that of the row before, and the day nearly always.
pub struct UsualInstants {
    minute: [u8; MINUTE],
    /// When that begins.
    minute_at: Instant,
    day: [u8; DAY],
    day_ms: i64,
}

/// How long `2026-03-09T13:55` is.
const MINUTE: usize = 16;
/// How long `2026-03-09T` is.
const DAY: usize = 11;
/// How long `2026-03-09T13:55:00Z` is, and with another end as much of it.
const SECONDS: usize = 20;
/// How long `2026-03-09T13:55:00.250Z` is.
pub const MILLISECONDS: usize = 24;

impl UsualInstants {
    /// Remembers no minute that rows have yet but the first of 1970.
    pub fn new() -> Self {
        let minute_at = Instant::from_millis(0).expect("1970 is a year");
        Self { minute: *b"1970-01-01T00:00", minute_at, day: *b"1970-01-01T", day_ms: 0 }
    }

    /// The instant at the start of a text, and its length; `None` where it is written otherwise.
    #[inline(always)]
    pub fn read(&mut self, text: &[u8]) -> Option<(Instant, usize)> {
        let seconds = text.first_chunk()?;
        match self.read_seconds(seconds) {
            Some(at) => Some((at, SECONDS)),
            None => Some((self.read_milliseconds(text.first_chunk()?)?, MILLISECONDS)),
        }
    }

    /// The instant that is written as `2026-03-09T13:55:00Z`.
    #[inline(always)]
    fn read_seconds(&mut self, text: &[u8; SECONDS]) -> Option<Instant> {
        let (minute, rest) = text.split_first_chunk::<MINUTE>()?;
        let minute_at = self.minute(minute)?;
        let seconds = digits(u32::from_le_bytes(*rest.first_chunk()?), *b":00Z", [0, 5, 9, 0])?;
        Some(minute_at.into_minute(second_ms(seconds)))
    }

    /// The instant that is written as `2026-03-09T13:55:00.250Z`.
    #[inline]
    fn read_milliseconds(&mut self, text: &[u8; MILLISECONDS]) -> Option<Instant> {
        let (minute, rest) = text.split_first_chunk::<MINUTE>()?;
        let minute_at = self.minute(minute)?;
        let (seconds, rest) = rest.split_first_chunk::<4>()?;
        let seconds = digits(u32::from_le_bytes(*seconds), *b":00.", [0, 5, 9, 0])?;
        let rest = digits(u32::from_le_bytes(*rest.first_chunk()?), *b"000Z", [9, 9, 9, 0])?;
        let [a, b, c, _] = rest.to_le_bytes().map(u16::from);
        Some(minute_at.into_minute(second_ms(seconds) + a * 100 + b * 10 + c))
    }

    /// When a minute begins that is written as `2026-03-09T13:55`.
    #[inline(always)]
    fn minute(&mut self, minute: &[u8; MINUTE]) -> Option<Instant> {
        if u128::from_le_bytes(*minute) != u128::from_le_bytes(self.minute) {
            self.go_to(minute)?;
        }
        Some(self.minute_at)
    }

    /// Goes to another minute.
    #[inline(never)]
    fn go_to(&mut self, minute: &[u8; MINUTE]) -> Option<()> {
        let (day, time) = minute.split_first_chunk::<DAY>()?;
        if !is_same_day(day, &self.day) {
            self.day_ms = day_ms(day)?;
            self.day = *day;
        }
        let &[h1, h2, colon, m1, m2] = time.first_chunk()?;
        let ms = time_of_day_ms([h1, h2, colon, m1, m2, b':', b'0', b'0'])?;
        self.minute_at = Instant::from_millis(self.day_ms + ms)?;
        self.minute = *minute;
        Some(())
    }
}

/// What each of four bytes is over its lowest, if none is more than that by as much as it may be.
#[inline(always)]
fn digits(text: u32, lowest: [u8; 4], most: [u8; 4]) -> Option<u32> {
    const HIGH: u32 = u32::from_le_bytes([0x80; 4]);
    // Of each byte, how much it may grow before its high bit is set: none carries over that is not high itself.
    let room = u32::from_le_bytes(most.map(|most| 0x7f - most));
    let digits = text ^ u32::from_le_bytes(lowest);
    ((digits | digits.wrapping_add(room)) & HIGH == 0).then_some(digits)
}

/// The milliseconds of the digits of `:07`, the first of which is none.
#[inline(always)]
fn second_ms(digits: u32) -> u16 {
    let [_, tens, ones, _] = digits.to_le_bytes().map(u16::from);
    (tens * 10 + ones) * 1_000
}

/// Whether two days are written alike, eight bytes at a time.
#[inline]
fn is_same_day(a: &[u8; DAY], b: &[u8; DAY]) -> bool {
    a.first_chunk::<8>() == b.first_chunk() && a.last_chunk::<8>() == b.last_chunk()
}

fn day_ms(text: &[u8; DAY]) -> Option<i64> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T'] = text else { return None };
    let number = |digits: &[u8]| number(digits).and_then(|number| u32::try_from(number).ok());
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)?;
    Some(date.and_time(NaiveTime::MIN).and_utc().timestamp() * SECOND_MS)
}

/// The milliseconds of `13:55:00` since midnight, all digits at once.
#[inline]
fn time_of_day_ms(text: [u8; 8]) -> Option<i64> {
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    /// Of each byte, how much it may grow before its high bit is set.
    const ROOM: u64 = HIGH - EACH - u64::from_le_bytes([2, 9, 0, 5, 9, 0, 5, 9]);
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    // What each byte is over its lowest, and how far that is from what it must not be.
    let digits = u64::from_le_bytes(text) ^ u64::from_le_bytes(*b"00:00:00");
    if (digits | digits.wrapping_add(ROOM)) & HIGH != 0 {
        return None;
    }
    // Each pair of digits in the place of its first: no sum is more than a byte.
    let pairs = (digits * 10).wrapping_add(digits >> 8);
    let pair = |at: u32| (pairs >> (8 * at) & 0xff) as i64;
    let (hours, minutes, seconds) = (pair(0), pair(3), pair(6));
    (hours < 24).then_some(((hours * 60 + minutes) * 60 + seconds) * SECOND_MS)
}

#[inline]
fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |number, digit| match digit {
        b'0'..=b'9' => Some(number * 10 + i64::from(digit - b'0')),
        _ => None,
    })
}

/// An instant as RFC 3339 writes it; what is finer than a millisecond is cut off (rule T4).
pub fn rfc_3339(text: &str) -> Option<Instant> {
    match UsualInstants::new().read(text.as_bytes()) {
        Some((at, len)) if len == text.len() => Some(at),
        _ => instant_of_a_trace(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_usual_is_read_and_what_is_not_is_left() {
        let long = |text: &str| UsualInstants::new().read(text.as_bytes()).map(|(_, len)| len);
        assert_eq!(long("2026-03-09T13:55:00Z,ann"), Some(20));
        assert_eq!(long("2026-03-09T13:55:00.250Z"), Some(24));
        for other in [
            "2026-03-09T13:55:00+00:00",
            "2026-03-09t13:55:00Z",
            "2026-03-09T13:55:60Z",
            "2026-03-09T24:00:00Z",
            "2026-02-29T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "2026-03-09T13:55:00.25Z",
            "2026-03-09T13:55:00",
            "2026-03-09T13:55:00,",
            "",
        ] {
            assert_eq!(long(other), None, "{other}");
        }
    }

    fn digits_of(len: usize) -> impl Strategy<Value = String> {
        prop::collection::vec(prop_oneof![9 => b'0'..=b'9', 1 => b'.'..=b':'], len)
            .prop_map(|digits| String::from_utf8(digits).expect("ASCII"))
    }

    proptest! {
        #[test]
        fn an_instant_read_at_once_is_that_of_any_other_text(
            ms in Instant::MIN.as_millis()..=Instant::MAX.as_millis(),
            before in Instant::MIN.as_millis()..=Instant::MAX.as_millis(),
            near in prop::bool::ANY,
        ) {
            let mut usual = UsualInstants::new();
            let before = if near { ms - ms.rem_euclid(40_000) } else { before };
            for ms in [before, ms] {
                let Some(at) = Instant::from_millis(ms) else { continue };
                let text = at.to_string();
                prop_assert_eq!(usual.read(text.as_bytes()), Some((at, text.len())));
                prop_assert_eq!(instant_of_a_trace(&text), Some(at));
            }
        }

        #[test]
        fn what_is_no_instant_is_none_either_way(
            (year, month, day, time) in (digits_of(4), digits_of(2), digits_of(2), digits_of(8)),
            end in prop::sample::select(vec!["Z", ".5Z", ".123Z", ".1234Z", "+01:00", "z", ""]),
        ) {
            let (h, rest) = time.split_at(2);
            let (m, rest) = rest.split_at(2);
            let text = format!("{year}-{month}-{day}T{h}:{m}:{}{end}", &rest[..2]);
            prop_assert_eq!(rfc_3339(&text), instant_of_a_trace(&text));
        }
    }
}
