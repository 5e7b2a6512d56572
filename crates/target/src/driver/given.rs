//! Settings as templates are given them (rule T21 of target files): by their names in `can.settings`,
//! typed.

use lamplighter_core::model::{Millis, Settings};
use lamplighter_core::world::Timing;
use serde_json::{Value, json};

use crate::file::can::{AUTO_AWAY, FOR, GRACE};
use crate::file::template::Kept;
use crate::wire::WidgetDocument;

/// What the settings of a widget, and of the service around it, are as names. Only those that the file
/// names are given.
pub fn settings(named: &[String], settings: &Settings, timing: Timing) -> Kept {
    let document = json!(WidgetDocument::of(settings));
    let mut kept = Kept::new();
    for name in named {
        let value = match name.as_str() {
            GRACE => seconds(timing.grace),
            AUTO_AWAY => timing.auto_away.map_or(Value::Null, seconds),
            FOR => continue,
            name => setting(&document, name),
        };
        kept.put(name, value);
    }
    kept
}

/// A setting by its own name, or a part of one.
fn setting(document: &Value, name: &str) -> Value {
    let member = |key: &str, part: &str| document[key][part].clone();
    let list = |value: Value| if value.is_null() { json!([]) } else { value };
    match name {
        "hide_on_desktop" => has(&document["hide_on"], "desktop"),
        "hide_on_mobile" => has(&document["hide_on"], "mobile"),
        "pages_show" => list(member("pages", "show")),
        "pages_hide" => list(member("pages", "hide")),
        "countries_only" => list(member("countries", "only")),
        "countries_except" => list(member("countries", "except")),
        "greeting_online" => text(member("greetings", "online")),
        "greeting_away" => text(member("greetings", "away")),
        "greeting_offline" => text(member("greetings", "offline")),
        name => document[name].clone(),
    }
}

fn has(list: &Value, word: &str) -> Value {
    Value::Bool(list.as_array().is_some_and(|all| all.iter().any(|one| one == word)))
}

fn text(value: Value) -> Value {
    if value.is_null() { Value::from("") } else { value }
}

/// A length in seconds: a whole number where it is one.
pub fn seconds(Millis(millis): Millis) -> Value {
    match millis % 1_000 {
        0 => Value::from(millis / 1_000),
        _ => Value::from(millis as f64 / 1_000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::can::SETTINGS;

    #[test]
    fn t21_every_setting_that_can_be_named_is_given_with_its_type() {
        let all: Vec<String> = SETTINGS.iter().map(|name| (*name).to_owned()).collect();
        let timing = Timing { grace: Millis(1_500), auto_away: None };
        let given = settings(&all, &Settings::default(), timing);
        let found: Vec<(String, Value)> =
            given.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect();
        let wanted = json!({
            "auto_away": null,
            "countries": found.iter().find(|(name, _)| name == "countries").expect("there").1,
            "countries_except": [], "countries_only": [], "grace": 1.5,
            "greeting_away": "", "greeting_offline": "", "greeting_online": "",
            "greetings": found.iter().find(|(name, _)| name == "greetings").expect("there").1,
            "hide_on": [], "hide_on_desktop": false, "hide_on_mobile": false,
            "hide_when_offline": false, "offline_when_all_agents_offline": false,
            "pages": { "show": [], "hide": [] }, "pages_hide": [], "pages_show": [],
            "pre_chat_form": false,
        });
        assert_eq!(json!(found.into_iter().collect::<serde_json::Map<_, _>>()), wanted);
    }
}
