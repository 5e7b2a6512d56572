//! Scalars as people write them: each is read here and printed here, and nowhere else. The scenario
//! language, JSON documents, options of the command line and traces all take these texts.
//!
//! | file | scalars |
//! | --- | --- |
//! | `time` | instants, dates, times of day |
//! | `length` | lengths of time |
//! | `hours` | weekdays and intervals of hours |
//! | `dates` | the dates of entries, and several weekdays |
//! | `meant`, `dates_meant` | hours, days, lengths of time and dates as people write them elsewhere |
//! | `countries` | the codes of ISO 3166-1, and those that people write in their place |
//! | `words` | names, countries and page patterns |
//! | `documents` | all of them as values of documents |
//! | `error`, `fields` | why a text is none of them; the numbers in a text of a known shape |

mod countries;
mod dates;
mod dates_meant;
mod documents;
mod error;
mod fields;
mod hours;
mod length;
mod meant;
mod time;
mod words;

pub use countries::{CountryMeant, country_codes, country_meant_by_code, country_name};
pub use dates::{MONTHS, no_days};
pub use dates_meant::dates_meant;
pub use error::TextError;
pub use hours::{WEEKDAYS, every_weeks_expected, weekday, weekday_word};
pub use length::two_units;
pub use meant::{days_meant, hours_meant, is_dash, length_meant};
pub use time::{
    INSTANT_YEARS, date, fixed_offset_s, instant_of_a_trace, time_of_day, write_date, write_local,
    write_time_of_day,
};
pub use words::{Country, NAMES, PagePattern, name};
