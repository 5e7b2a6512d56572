//! Formats of nothing but numbers of fixed width and what stands between them, such as `%d/%m/%Y %H:%M:%S`:
//! those of most logs that are not written as ISO 8601 has it, so they are read without ado. Whatever is not
//! written quite so is for chrono.

use chrono::NaiveDate;
use chrono::format::{Fixed, Item, Numeric};
use lamplighter_core::model::LocalTime;

/// A format of numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Plain {
    parts: Vec<Part>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    /// What stands between numbers.
    Text(String),
    /// A number of two digits; a whole year has four.
    Number(Number),
}

/// What a number says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Number {
    Year,
    /// Of the years 1970 to 2069.
    YearOfCentury,
    Month,
    Day,
    Hour,
    HourOfHalf,
    Minute,
    Second,
    /// `AM` or `PM`, as 0 or 1.
    Half,
}

const NUMBERS: usize = Number::Half as usize + 1;

impl Plain {
    /// The format of these items; `None` where they are anything else, or say something twice.
    pub(super) fn new(items: &[Item<'_>]) -> Option<Self> {
        let parts: Vec<Part> = items.iter().map(Part::new).collect::<Option<_>>()?;
        let count = |number| parts.iter().filter(|part| **part == Part::Number(number)).count();
        let counts = [
            count(Number::Year) + count(Number::YearOfCentury),
            count(Number::Month),
            count(Number::Day),
            count(Number::Hour) + count(Number::HourOfHalf),
            count(Number::Minute),
        ];
        let is_once = counts == [1; 5] && count(Number::Second) <= 1;
        (is_once && count(Number::HourOfHalf) == count(Number::Half)).then_some(Self { parts })
    }

    /// What a text says that is written quite so.
    pub(super) fn read(&self, text: &str) -> Option<LocalTime> {
        let mut rest = text.as_bytes();
        let mut numbers = [0; NUMBERS];
        let mut is_of_century = false;
        let mut is_of_half = false;
        for part in &self.parts {
            let number = match part {
                Part::Text(text) => {
                    rest = rest.strip_prefix(text.as_bytes())?;
                    continue;
                }
                Part::Number(number) => *number,
            };
            is_of_century |= number == Number::YearOfCentury;
            is_of_half |= number == Number::HourOfHalf;
            let value;
            (value, rest) = number.read(rest)?;
            numbers[number as usize] = value;
        }
        let [year, of_century, month, day, hour, of_half, minute, second, half] = numbers;
        let year = match (is_of_century, of_century) {
            (false, _) => year,
            (true, 70..) => 1_900 + of_century,
            (true, _) => 2_000 + of_century,
        };
        let hour = match (is_of_half, of_half) {
            (false, _) => hour,
            (true, 1..=12) => of_half % 12 + half * 12,
            (true, _) => return None,
        };
        let date = NaiveDate::from_ymd_opt(year.cast_signed(), month, day)?;
        if rest.is_empty() { date.and_hms_opt(hour, minute, second) } else { None }
    }
}

impl Part {
    fn new(item: &Item<'_>) -> Option<Self> {
        Some(Self::Number(match item {
            Item::Literal(text) | Item::Space(text) => return Some(Self::Text((*text).to_owned())),
            Item::OwnedLiteral(text) | Item::OwnedSpace(text) => {
                return Some(Self::Text(text.to_string()));
            }
            Item::Numeric(Numeric::Year, _) => Number::Year,
            Item::Numeric(Numeric::YearMod100, _) => Number::YearOfCentury,
            Item::Numeric(Numeric::Month, _) => Number::Month,
            Item::Numeric(Numeric::Day, _) => Number::Day,
            Item::Numeric(Numeric::Hour, _) => Number::Hour,
            Item::Numeric(Numeric::Hour12, _) => Number::HourOfHalf,
            Item::Numeric(Numeric::Minute, _) => Number::Minute,
            Item::Numeric(Numeric::Second, _) => Number::Second,
            Item::Fixed(Fixed::UpperAmPm | Fixed::LowerAmPm) => Number::Half,
            _ => return None,
        }))
    }
}

impl Number {
    /// The number at the beginning of a text, and what stands behind it.
    #[inline]
    fn read(self, text: &[u8]) -> Option<(u32, &[u8])> {
        let (&[first, second], rest) = text.split_first_chunk()?;
        if self == Self::Half {
            let half = match [first, second].map(|byte| byte.to_ascii_lowercase()) {
                [b'a', b'm'] => 0,
                [b'p', b'm'] => 1,
                _ => return None,
            };
            return Some((half, rest));
        }
        let two = pair(first, second)?;
        if self != Self::Year {
            return Some((two, rest));
        }
        let (&[third, fourth], rest) = rest.split_first_chunk()?;
        Some((two * 100 + pair(third, fourth)?, rest))
    }
}

fn pair(first: u8, second: u8) -> Option<u32> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| u32::from(byte - b'0'));
    Some(digit(first)? * 10 + digit(second)?)
}
