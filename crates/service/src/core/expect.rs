//! Which version of what is set a write goes by, and whether that is the one of now.

use super::refusal::Refusal;
use super::state::State;
use super::tag::{Condition, Tag};

/// What something is set on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SetOn {
    /// A property, by its name, and the widget of that name.
    Property(String),
    /// A further widget, by its full name.
    Widget(String),
    /// The whole service: grace and auto-away.
    Service,
}

impl State {
    /// The tag of what is set; `None` where there is no such property or widget.
    pub fn tag(&self, on: &SetOn) -> Option<Tag> {
        match on {
            SetOn::Property(name) => self.property_document(name).ok().as_ref().map(Tag::of),
            SetOn::Widget(name) => self.widget_document(name).ok().as_ref().map(Tag::of),
            SetOn::Service => Some(Tag::of(&self.timing)),
        }
    }

    /// Lets a write pass.
    ///
    /// # Errors
    /// When what is set is not what the condition names.
    pub fn expect(&self, on: &SetOn, condition: &Condition) -> Result<(), Refusal> {
        let now = self.tag(on);
        if condition.holds(now.as_ref()) {
            return Ok(());
        }
        let what = match on {
            SetOn::Property(name) | SetOn::Widget(name) => name,
            SetOn::Service => "settings",
        };
        Err(Refusal::ChangedMeanwhile { what: what.to_owned(), now })
    }
}
