//! Settings as templates are given them (rule T21 of target files): by their names in `can.settings`,
//! typed.

use lamplighter_core::model::{Countries, Millis, Setting, SettingName, Settings};
use lamplighter_core::world::Timing;
use serde_json::{Value, json};

use crate::file::can::{AUTO_AWAY, FOR, GRACE, part_names};
use crate::file::template::KeptValues;
use crate::wire::WidgetDocument;

/// What the settings of a widget, and of the service around it, are as names. Only those that the file
/// names are given.
pub fn settings(named: &[String], settings: &Settings, timing: Timing) -> KeptValues {
    let document = json!(WidgetDocument::of(settings));
    let mut kept = KeptValues::new();
    for name in named {
        let value = match name.as_str() {
            GRACE => seconds(timing.grace),
            AUTO_AWAY => timing.auto_away.map_or(Value::Null, seconds),
            FOR => continue,
            name => part(settings, name).unwrap_or_else(|| document[name].clone()),
        };
        kept.put(name, value);
    }
    kept
}

/// The part of a setting that has this name; `None` where no part has.
fn part(settings: &Settings, name: &str) -> Option<Value> {
    let is_part =
        |setting: &SettingName| part_names(&setting.taken_back()).iter().any(|part| part == name);
    Some(match settings.get(SettingName::all().find(is_part)?) {
        Setting::HideOn(_, is_hidden) => json!(is_hidden),
        Setting::Pages(_, pages) => json!(pages),
        Setting::Greeting(_, greeting) => json!(greeting.unwrap_or_default()),
        // A list of the other kind is not this one.
        setting @ Setting::Countries(_) if !part_names(&setting).iter().any(|it| it == name) => {
            json!([])
        }
        Setting::Countries(Some(Countries::Only(list) | Countries::Except(list))) => json!(list),
        Setting::Countries(None) => json!([]),
        Setting::Scheduler(_)
        | Setting::OfflineWhenAllAgentsOffline(_)
        | Setting::HideWhenOffline(_)
        | Setting::PreChatForm(_) => return None,
    })
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
    use lamplighter_core::model::{DeviceKind, PageList, WidgetStatus};

    use super::*;
    use crate::file::can::SETTINGS;

    #[test]
    fn t21_every_setting_that_can_be_named_is_given_with_its_type() {
        let all: Vec<String> = SETTINGS.clone();
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

    #[test]
    fn t21_a_part_is_given_as_it_is_set_and_a_list_of_the_other_kind_is_empty() {
        let mut set = Settings::default();
        set.set(Setting::HideOn(DeviceKind::Mobile, true));
        set.set(Setting::Pages(PageList::Show, vec!["/shop/*".parse().expect("a pattern")]));
        set.set(Setting::Countries(Some(Countries::Except(vec!["DE".parse().expect("one")]))));
        set.set(Setting::Greeting(WidgetStatus::Away, Some("Soon".to_owned())));
        for (name, value) in [
            ("hide_on_mobile", json!(true)),
            ("hide_on_desktop", json!(false)),
            ("pages_show", json!(["/shop/*"])),
            ("pages_hide", json!([])),
            ("countries_only", json!([])),
            ("countries_except", json!(["DE"])),
            ("greeting_away", json!("Soon")),
            ("greeting_online", json!("")),
        ] {
            assert_eq!(part(&set, name), Some(value), "{name}");
        }
        assert_eq!(part(&set, "hide_on"), None);
    }
}
