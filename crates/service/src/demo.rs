//! A filled-in example: a property with its hours, a team, and a second widget, for a first look.

use std::net::Ipv4Addr;

use thiserror::Error;

use super::accounts::{PasswordError, Passwords, Secret};
use super::core::{CoreHandle, Refusal};
use lamplighter_target::wire::{PropertyDocument, WidgetDocument};

/// Who can log in to the example, and where to look.
#[derive(Debug)]
pub struct Demo {
    /// The name of the property, by which its widget is asked for.
    pub property: &'static str,
    /// The agents with the passwords that were made for them, to be printed once.
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

/// Why the example cannot be filled in. All of them are the machine's doing.
#[derive(Debug, Error)]
pub enum DemoError {
    /// The machine has no randomness for passwords.
    #[error("no password: {0}")]
    Randomness(getrandom::Error),
    /// A password cannot be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The example cannot be kept.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Fills a service in, where it is empty; agents get new passwords.
///
/// # Errors
/// When it cannot be kept.
pub async fn fill(core: &CoreHandle, passwords: &Passwords) -> Result<Demo, DemoError> {
    let mut agents = Vec::new();
    for agent in ["ann", "bob", "cleo"] {
        let random = Secret::random().map_err(DemoError::Randomness)?;
        let password = Secret::new(&random.reveal()[..12]);
        let hash = passwords.hash(password.reveal().to_owned(), Ipv4Addr::LOCALHOST.into()).await?;
        core.call(move |state| Ok(state.put_account(agent, hash, None))).await?;
        agents.push((agent, password));
    }
    core.call(|state| {
        if state.property_document("acme").is_ok() {
            return Ok(());
        }
        let property: PropertyDocument =
            serde_json::from_str(PROPERTY).expect("the example is sound");
        let widget: WidgetDocument = serde_json::from_str(WIDGET).expect("the example is sound");
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
