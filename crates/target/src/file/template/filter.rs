//! What a template can do to a value on its way into a call (rule T20 of target files).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Number, Value};

use crate::file::value::{as_instant, as_text};

/// Everything but what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One filter. All but [`Num`](Self::Num) give text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Filter {
    /// Percent-encoded, as a segment of a path.
    Path,
    /// Percent-encoded, as a value of a query: blanks are `+`.
    Url,
    /// The inside of a JSON string.
    Json,
    /// The JSON text of the value, quotes included.
    Dump,
    /// A number, from a text that is one.
    Num,
    /// Escaped for XML, in text and attributes.
    Xml,
    /// Base64 of the text's UTF-8, with padding.
    B64,
    /// A time of day as `0930`.
    Hhmm,
    /// A time in minutes since midnight, those of the days behind it added.
    Minutes,
    /// An instant in seconds since 1970.
    Unix,
    /// An instant in milliseconds since 1970.
    UnixMs,
    /// The text in small letters.
    Lower,
}

impl Filter {
    /// Every filter by its word in a template.
    pub const WORDS: [(&'static str, Self); 12] = [
        ("path", Self::Path),
        ("url", Self::Url),
        ("json", Self::Json),
        ("dump", Self::Dump),
        ("num", Self::Num),
        ("xml", Self::Xml),
        ("b64", Self::B64),
        ("hhmm", Self::Hhmm),
        ("minutes", Self::Minutes),
        ("unix", Self::Unix),
        ("unixms", Self::UnixMs),
        ("lower", Self::Lower),
    ];

    /// Its word in a template.
    pub fn word(self) -> &'static str {
        let own = Self::WORDS.iter().find(|(_, filter)| *filter == self);
        own.map_or("", |(word, _)| *word)
    }

    /// What it makes of a value.
    ///
    /// # Errors
    /// What the value should have been.
    pub fn apply(self, value: &Value) -> Result<Value, &'static str> {
        let text = || as_text(value);
        Ok(Value::String(match self {
            Self::Path => utf8_percent_encode(&text(), RESERVED).to_string(),
            Self::Url => utf8_percent_encode(&text(), RESERVED).to_string().replace("%20", "+"),
            Self::Json => {
                let quoted = Value::String(text()).to_string();
                quoted[1..quoted.len() - 1].to_owned()
            }
            Self::Dump => value.to_string(),
            Self::Num => return number(value).map(Value::Number).ok_or("a number"),
            Self::Xml => escape_xml(&text()),
            Self::B64 => STANDARD.encode(text()),
            Self::Hhmm => {
                let (hour, minute) = time_of_day(&text()).ok_or("a time such as `09:30`")?;
                format!("{hour:02}{minute:02}")
            }
            Self::Minutes => minutes_on(&text()).ok_or("a time such as `09:30`")?.to_string(),
            Self::Unix => {
                as_instant(value).ok_or("an instant")?.as_millis().div_euclid(1_000).to_string()
            }
            Self::UnixMs => as_instant(value).ok_or("an instant")?.as_millis().to_string(),
            Self::Lower => text().to_lowercase(),
        }))
    }
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => {
            let text = text.trim();
            let whole = text
                .parse::<i64>()
                .map(Number::from)
                .or_else(|_| text.parse::<u64>().map(Number::from));
            whole.ok().or_else(|| Number::from_f64(text.parse().ok()?))
        }
        _ => None,
    }
}

fn escape_xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// `09:30` and `24:00`, seconds passed over.
fn time_of_day(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split(':');
    let mut two_digits = || -> Option<u32> {
        let part = parts.next().filter(|part| part.len() == 2)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
    };
    let (hour, minute) = (two_digits()?, two_digits()?);
    (hour < 24 && minute < 60 || (hour, minute) == (24, 0)).then_some((hour, minute))
}

/// The minutes up to a time, and those of the days behind it: `18:00+2d`.
fn minutes_on(text: &str) -> Option<u32> {
    let (time, days) = match text.split_once('+') {
        Some((time, days)) => (time, days.strip_suffix('d')?.parse::<u8>().ok()?),
        None => (text, 0),
    };
    let (hour, minute) = time_of_day(time)?;
    Some((u32::from(days) * 24 + hour) * 60 + minute)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn t20_each_filter_does_what_the_letter_says() {
        for (filter, value, made) in [
            (Filter::Path, json!("a b/ü-._~"), json!("a%20b%2F%C3%BC-._~")),
            (Filter::Url, json!("a b&c+d"), json!("a+b%26c%2Bd")),
            (Filter::Json, json!("a\"b\n"), json!("a\\\"b\\n")),
            (Filter::Dump, json!("a\"b"), json!("\"a\\\"b\"")),
            (Filter::Dump, json!([1, "a"]), json!("[1,\"a\"]")),
            (Filter::Num, json!("12"), json!(12)),
            (Filter::Num, json!("1.5"), json!(1.5)),
            (Filter::Num, json!(7), json!(7)),
            (
                Filter::Xml,
                json!("<a href='x'>&\"</a>"),
                json!("&lt;a href=&apos;x&apos;&gt;&amp;&quot;&lt;/a&gt;"),
            ),
            (Filter::B64, json!("\0ann\0pw"), json!("AGFubgBwdw==")),
            (Filter::Hhmm, json!("09:30"), json!("0930")),
            (Filter::Hhmm, json!("24:00"), json!("2400")),
            (Filter::Minutes, json!("09:30"), json!("570")),
            (Filter::Minutes, json!("24:00"), json!("1440")),
            (Filter::Minutes, json!("18:00+2d"), json!("3960")),
            (Filter::Unix, json!("2026-03-09T13:55:00.000Z"), json!("1773064500")),
            (Filter::UnixMs, json!("2026-03-09T13:55:00.250Z"), json!("1773064500250")),
            (Filter::Lower, json!("ÄNNE"), json!("änne")),
        ] {
            assert_eq!(filter.apply(&value), Ok(made), "{filter:?} {value}");
        }
    }

    #[test]
    fn t20_a_filter_refuses_what_it_cannot_read() {
        for (filter, value) in [
            (Filter::Num, json!("many")),
            (Filter::Num, json!(true)),
            (Filter::Hhmm, json!("9:30")),
            (Filter::Hhmm, json!("25:00")),
            (Filter::Minutes, json!("")),
            (Filter::Minutes, json!("18:00+2")),
            (Filter::Hhmm, json!("18:00+2d")),
            (Filter::Unix, json!("tomorrow")),
        ] {
            assert!(filter.apply(&value).is_err(), "{filter:?} {value}");
        }
    }

    #[test]
    fn every_filter_has_its_word() {
        for (word, filter) in Filter::WORDS {
            assert_eq!(filter.word(), word);
        }
    }
}
