//! Settings as the API takes them: the names of the scenario language, with `_` for `-`; and visitors,
//! as it is told of them.

use serde_json::{Map, Value, json};

use lamplighter_core::model::{
    Countries, Instant, Interval, Millis, Scheduler, Settings, Visitor, WidgetStatus,
};
use lamplighter_core::world::Timing;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// What is set on a widget; of a property's own one the members come on top.
pub fn of_settings(settings: &Settings) -> Map<String, Value> {
    let greeting = |status| match settings.greeting(status) {
        "" => Value::Null,
        text => json!(text),
    };
    let document = json!({
        "scheduler": settings.scheduler.as_deref().map(of_scheduler),
        "offline_when_all_agents_offline": settings.offline_when_all_agents_offline,
        "hide_when_offline": settings.hide_when_offline,
        "hide_on": settings.hide_on,
        "pages": { "show": settings.pages_show, "hide": settings.pages_hide },
        "countries": settings.countries.as_ref().map(|countries| match countries {
            Countries::Only(list) => json!({ "only": list }),
            Countries::Except(list) => json!({ "except": list }),
        }),
        "greetings": {
            "online": greeting(WidgetStatus::Online),
            "away": greeting(WidgetStatus::Away),
            "offline": greeting(WidgetStatus::Offline),
        },
        "pre_chat_form": settings.pre_chat_form,
    });
    match document {
        Value::Object(document) => document,
        _ => Map::new(),
    }
}

fn of_scheduler(scheduler: &Scheduler) -> Value {
    let intervals =
        |list: &[Interval]| -> Vec<String> { list.iter().map(Interval::to_string).collect() };
    let days = DAYS.iter().zip(&scheduler.hours.weekdays);
    let hours: Map<String, Value> =
        days.map(|(day, list)| ((*day).to_owned(), json!(intervals(list)))).collect();
    let dates = scheduler.hours.dates.iter();
    let dates: Map<String, Value> =
        dates.map(|(date, list)| (Instant::write_date(*date), json!(intervals(list)))).collect();
    json!({ "timezone": scheduler.zone, "hours": hours, "dates": dates })
}

/// Grace and auto-away.
pub fn of_timing(timing: Timing) -> Value {
    let auto_away = timing.auto_away.as_ref().map(Millis::to_string);
    json!({ "grace": timing.grace.to_string(), "auto_away": auto_away })
}

/// What a visitor brings along, as the query of a call: `?page=…`, or nothing.
pub fn of_visitor(visitor: &Visitor) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(page) = &visitor.page {
        query.append_pair("page", page);
    }
    if let Some(kind) = visitor.device {
        query.append_pair("device", kind.word());
    }
    if let Some(country) = &visitor.country {
        query.append_pair("country", country);
    }
    match query.finish() {
        query if query.is_empty() => query,
        query => format!("?{query}"),
    }
}
