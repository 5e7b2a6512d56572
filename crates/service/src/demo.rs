//! A filled-in example: a property with its hours, a team, and a second widget, for a first look.

use std::sync::Arc;

use super::accounts::Secret;
use super::http::App;
use super::problem::Problem;
use lamplighter_target::wire::{PropertyDocument, WidgetDocument};

/// Who can log in to the example, and where to look.
#[derive(Debug)]
pub struct Demo {
    /// The property.
    pub property: &'static str,
    /// Agents and their passwords.
    pub agents: Vec<(&'static str, Secret)>,
}

const PROPERTY: &str = r#"{
    "members": ["ann", "bob", "cleo"],
    "scheduler": {
        "timezone": "America/New_York",
        "hours": {
            "mon": ["09:00-12:30", "13:15-18:00"], "tue": ["09:00-12:30", "13:15-18:00"],
            "wed": ["09:00-12:30", "13:15-18:00"], "thu": ["09:00-12:30", "13:15-20:00"],
            "fri": ["09:00-12:30", "13:15-17:00"], "sat": ["22:00-02:00"]
        },
        "dates": {"2026-12-25": [], "2026-12-24": ["09:00-12:00"]}
    },
    "greetings": {
        "online": "Hello! How can we help?",
        "away": "We are nearby. Leave a word, and we will be with you in a moment.",
        "offline": "The lamp is out. Leave a message, and we will write to you."
    },
    "pre_chat_form": true
}"#;

const WIDGET: &str = r#"{
    "hide_when_offline": true, "hide_on": ["mobile"],
    "greetings": {"online": "Questions about an order?"}
}"#;

/// Fills a service in, where it is empty; agents get new passwords.
///
/// # Errors
/// When it cannot be kept.
pub async fn fill(app: &Arc<App>) -> Result<Demo, Problem> {
    let mut agents = Vec::new();
    for agent in ["ann", "bob", "cleo"] {
        let random = Secret::random();
        let random =
            random.map_err(|error| Problem::unavailable(format!("no password: {error}"), 5))?;
        let password = Secret::new(&random.reveal()[..12]);
        let hash = app.passwords.hash(password.reveal().to_owned()).await?;
        app.desk.call(move |state| Ok(state.put_account(agent, hash))).await?;
        agents.push((agent, password));
    }
    app.desk
        .call(|state| {
            if state.property_document("acme").is_ok() {
                return Ok(());
            }
            let property: PropertyDocument =
                serde_json::from_str(PROPERTY).expect("the example is sound");
            let widget: WidgetDocument =
                serde_json::from_str(WIDGET).expect("the example is sound");
            state.put_property("acme", property)?;
            state.put_widget("acme", "orders", widget)?;
            Ok(())
        })
        .await?;
    Ok(Demo { property: "acme", agents })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamplighter_core::hours::Zones;

    #[test]
    fn the_example_is_sound() {
        let zones = Zones::bundled();
        let property: PropertyDocument = serde_json::from_str(PROPERTY).expect("sound");
        property.widget().settings(&zones).expect("sound");
        let widget: WidgetDocument = serde_json::from_str(WIDGET).expect("sound");
        widget.settings(&zones).expect("sound");
    }
}
