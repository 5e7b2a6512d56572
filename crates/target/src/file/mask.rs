//! Secrets out of everything that is printed or written (rule T26 of target files).

use std::collections::BTreeMap;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::Value;

use super::header;
use super::template::{Filter, KeptValues};

/// Values that nobody is shown, each with the name that stands in its place.
#[derive(Debug, Default)]
pub struct Mask {
    /// The values, and the name of each.
    hidden: BTreeMap<String, String>,
    /// Made when a text is masked: a run has thousands of logins, and masks few texts.
    search: OnceLock<Search>,
}

/// Every form of every value, looked for at once.
#[derive(Debug)]
struct Search {
    /// Finds them, if there are any.
    forms: Option<AhoCorasick>,
    /// How each is shown.
    shown: Vec<String>,
}

/// Values shorter than this are masked where they stand alone: within other words they are chance.
const ALONE_BELOW_CHARS: usize = 6;
/// Numbers shorter than this are no secrets, whoever gave them.
const NUMBER_DIGITS_MIN: usize = 4;

impl Mask {
    /// A value that is shown as `***name***` from now on, also in base64 and percent-encoded.
    pub fn hide(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        if !self.hidden.contains_key(value) {
            self.hidden.insert(value.to_owned(), name.to_owned());
            self.search = OnceLock::new();
        }
    }

    /// What a login has kept: texts, and numbers that are not short.
    pub fn hide_kept(&mut self, kept: &KeptValues) {
        for (name, value) in kept.iter() {
            self.hide_value(name, value);
        }
    }

    fn hide_value(&mut self, name: &str, value: &Value) {
        match value {
            Value::String(text) => self.hide(name, text),
            Value::Number(number) if number.to_string().len() >= NUMBER_DIGITS_MIN => {
                self.hide(name, &number.to_string());
            }
            Value::Array(list) => list.iter().for_each(|one| self.hide_value(name, one)),
            Value::Object(table) => table.values().for_each(|one| self.hide_value(name, one)),
            Value::Number(_) | Value::Bool(_) | Value::Null => {}
        }
    }

    /// A text with every hidden value masked.
    pub fn text(&self, text: &str) -> String {
        let search = self.search.get_or_init(|| Search::of(&self.hidden));
        let Some(finds) = &search.forms else { return text.to_owned() };
        let mut masked = String::with_capacity(text.len());
        let mut end = 0;
        for found in finds.find_iter(text) {
            let value = &text[found.range()];
            let is_short = value.chars().count() < ALONE_BELOW_CHARS;
            if is_short && !stands_alone(text, found.start(), found.end()) {
                continue;
            }
            masked.push_str(&text[end..found.start()]);
            masked.push_str(&search.shown[found.pattern().as_usize()]);
            end = found.end();
        }
        masked.push_str(&text[end..]);
        masked
    }

    /// A header's value: whole where the header carries secrets.
    pub fn header(&self, name: &str, value: &str) -> String {
        match header::is_secret(name) {
            true => format!("***{}***", name.to_lowercase()),
            false => self.text(value),
        }
    }
}

impl Search {
    fn of(hidden: &BTreeMap<String, String>) -> Self {
        let mut all = BTreeMap::new();
        for (value, name) in hidden {
            for form in forms(value) {
                all.entry(form).or_insert_with(|| format!("***{name}***"));
            }
        }
        let mut builder = AhoCorasick::builder();
        builder.match_kind(MatchKind::LeftmostLongest);
        // Building fails only for more than the machine has room for.
        let forms = builder.build(all.keys()).ok().filter(|_| !all.is_empty());
        Self { forms, shown: all.into_values().collect() }
    }
}

/// Whether no letter or digit touches it.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let behind = text[end..].chars().next();
    !before.into_iter().chain(behind).any(char::is_alphanumeric)
}

/// A value as it may stand in calls and answers.
fn forms(value: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for value in [value.to_owned(), value.to_lowercase()] {
        let escaped = filtered(&value, &[Filter::Path, Filter::Url, Filter::Json, Filter::Xml]);
        // An address within an address is percent-encoded once more.
        let percent = filtered(&value, &[Filter::Path, Filter::Url]).into_iter();
        forms.extend(percent.flat_map(|once| filtered(&once, &[Filter::Path, Filter::Url])));
        forms.extend(escaped);
        forms.extend(base64_forms(value.as_bytes()));
        forms.push(value);
    }
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// What each of some filters makes of a value.
fn filtered(value: &str, filters: &[Filter]) -> Vec<String> {
    let text = Value::from(value);
    let filtered = filters.iter().filter_map(|filter| filter.apply(&text).ok());
    filtered.filter_map(|form| form.as_str().map(str::to_owned)).collect()
}

/// What base64 makes of a value, alone or within something longer: by where it begins in a group of three
/// bytes there are three ways, and what hangs on its neighbours is left out.
fn base64_forms(value: &[u8]) -> Vec<String> {
    // Less than this may stand anywhere by chance.
    const CHARS_MIN: usize = 6;
    let mut forms = vec![STANDARD_NO_PAD.encode(value)];
    for offset in 0..3_usize {
        let padded: Vec<u8> = std::iter::repeat_n(0, offset).chain(value.iter().copied()).collect();
        let encoded = STANDARD_NO_PAD.encode(&padded);
        // The first character that no bit of a neighbour is in, and the last one.
        let from = (offset * 8).div_ceil(6);
        let to = padded.len() * 8 / 6;
        if to >= from + CHARS_MIN {
            forms.push(encoded[from..to].to_owned());
        }
    }
    let url_safe: Vec<String> =
        forms.iter().map(|form| form.replace('+', "-").replace('/', "_")).collect();
    forms.extend(url_safe);
    forms
}

/// Whether a name is like `password`, `secret`, `token` or `key`: of a variable, or a field.
pub fn is_like_a_secret(name: &str) -> bool {
    let lower = name.to_lowercase();
    let is_key = lower.match_indices("key").any(|(at, key)| {
        // `api_key`, `apikey` and `keys`, but neither `keyboard` nor `keyword`.
        let behind = lower[at + key.len()..].trim_start_matches('s').chars().next();
        behind.is_none_or(|c| !c.is_alphabetic())
    });
    is_key || ["password", "passwd", "secret", "token"].iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mask(pairs: &[(&str, &str)]) -> Mask {
        let mut mask = Mask::default();
        for (name, value) in pairs {
            mask.hide(name, value);
        }
        mask
    }

    #[test]
    fn t26_values_are_masked_by_their_names_wherever_they_stand() {
        let mask = mask(&[("admin_key", "s3cret/+ \"x\""), ("pin", "pw"), ("empty", "")]);
        for (text, masked) in [
            ("key=s3cret/+ \"x\".", "key=***admin_key***."),
            ("/a?k=s3cret%2F%2B+%22x%22&b", "/a?k=***admin_key***&b"),
            ("/a/s3cret%2F%2B%20%22x%22/b", "/a/***admin_key***/b"),
            ("{\"k\":\"s3cret/+ \\\"x\\\"\"}", "{\"k\":\"***admin_key***\"}"),
            ("<a k='s3cret/+ &quot;x&quot;'/>", "<a k='***admin_key***'/>"),
            (
                "/to?back=%2Fa%3Fk%3Ds3cret%252F%252B%2520%2522x%2522",
                "/to?back=%2Fa%3Fk%3D***admin_key***",
            ),
            ("password: pw, pwd", "password: ***pin***, pwd"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(mask.text(text), masked, "{text}");
        }
    }

    #[test]
    fn t26_values_are_masked_in_base64_whatever_stands_around_them() {
        let value = "correct-horse-7";
        let mask = mask(&[("password", value)]);
        let encode = |text: &str| STANDARD_NO_PAD.encode(text);
        assert_eq!(mask.text(&encode(value)), "***password***");
        for before in ["", "a", "ab", "abc", "\0ann\0", "ann:"] {
            for behind in ["", "x", "xy", "xyz"] {
                let text = encode(&format!("{before}{value}{behind}"));
                let masked = mask.text(&text);
                assert!(masked.contains("***password***"), "{before:?} {behind:?}: {masked}");
                // Of four characters a side no secret comes back.
                assert!(masked.len() < text.len() + 14 - value.len(), "{text} {masked}");
            }
        }
    }

    #[test]
    fn t26_what_filters_make_of_a_value_is_masked_too() {
        let mask = mask(&[("key", "Ab/Cd\"12")]);
        for text in ["ab/cd\"12", "ab%2Fcd%2212", "ab%252Fcd%252212", "Ab%252FCd%252212"] {
            assert_eq!(mask.text(text), "***key***", "{text}");
        }
    }

    #[test]
    fn t26_what_a_login_gave_is_masked_but_for_what_is_no_secret() {
        let mut kept = KeptValues::new();
        kept.put("token", "tok-12345");
        kept.put("id", 7);
        kept.put("session", 123_456);
        kept.put("ok", true);
        kept.put("list", json!(["list-1234", { "deep": "deep-1234" }]));
        let mut mask = Mask::default();
        mask.hide_kept(&kept);
        let text = "tok-12345 7 123456 true list-1234 deep-1234";
        assert_eq!(mask.text(text), "***token*** 7 ***session*** true ***list*** ***list***");
    }

    #[test]
    fn t26_the_values_of_authorization_and_cookies_are_masked_whole() {
        let mask = mask(&[("token", "tok-12345")]);
        for (name, value, shown) in [
            ("Authorization", "Bearer x", "***authorization***"),
            ("COOKIE", "a=1", "***cookie***"),
            ("Set-Cookie", "a=1; Path=/", "***set-cookie***"),
            ("X-Token", "tok-12345", "***token***"),
            ("Accept", "text/html", "text/html"),
        ] {
            assert_eq!(mask.header(name, value), shown);
        }
    }

    #[test]
    fn t26_names_are_like_secrets() {
        for (name, is_like) in [
            ("password", true),
            ("adminPassword", true),
            ("client_secret", true),
            ("access_token", true),
            ("api_key", true),
            ("apikey", true),
            ("key2", true),
            ("keys", true),
            ("keyword", false),
            ("monkeys", true),
            ("keyboard", false),
            ("user", false),
        ] {
            assert_eq!(is_like_a_secret(name), is_like, "{name}");
        }
    }
}
