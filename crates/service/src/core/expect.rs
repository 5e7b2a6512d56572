//! Which version of what is set a write goes by, and whether that is the one of now.

use super::refusal::Refusal;
use super::state::State;
use super::tag::{Condition, Tag};

impl State {
    /// The tag of what is set on a property; `None` where there is none.
    pub fn property_tag(&self, name: &str) -> Option<Tag> {
        self.property_document(name).ok().as_ref().map(Tag::of)
    }

    /// The tag of what is set on a further widget, by its full name; `None` where there is none.
    pub fn widget_tag(&self, name: &str) -> Option<Tag> {
        self.widget_document(name).ok().as_ref().map(Tag::of)
    }

    /// The tag of grace and auto-away.
    pub fn timing_tag(&self) -> Tag {
        Tag::of(&self.timing)
    }

    /// Lets a write of a property pass.
    ///
    /// # Errors
    /// When what is set is not what the condition names.
    pub fn expect_property(&self, name: &str, condition: &Condition) -> Result<(), Refusal> {
        check(condition, name, self.property_tag(name))
    }

    /// Lets a write of a further widget pass, by its full name.
    ///
    /// # Errors
    /// When what is set is not what the condition names.
    pub fn expect_widget(&self, name: &str, condition: &Condition) -> Result<(), Refusal> {
        check(condition, name, self.widget_tag(name))
    }

    /// Lets a write of grace and auto-away pass.
    ///
    /// # Errors
    /// When what is set is not what the condition names.
    pub fn expect_timing(&self, condition: &Condition) -> Result<(), Refusal> {
        check(condition, "settings", Some(self.timing_tag()))
    }
}

/// Lets a write pass.
fn check(condition: &Condition, what: &str, now: Option<Tag>) -> Result<(), Refusal> {
    match condition.holds(now.as_ref()) {
        true => Ok(()),
        false => Err(Refusal::ChangedMeanwhile { what: what.to_owned(), now }),
    }
}
