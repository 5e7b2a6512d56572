//! A widget as expectations are held against it: by the engine, or as an observer has seen it.

use super::observer::SeenWidget;
use lamplighter_core::model::{
    Answer, Form, HiddenBecause, Instant, Visibility, Visitor, WidgetId,
};
use lamplighter_core::world::World;

/// A widget that an expectation is held against: of the engine's world, or as an observer has seen it.
/// What no clause asks for is never worked out.
pub trait WidgetView {
    /// What it shows, whether a chat can start, and why (rules W1 to W6).
    fn answer(&self) -> Answer;
    /// The form that visitors get (rules C2, C3).
    fn form(&self) -> Form;
    /// The greeting that visitors get (rule C1).
    fn greeting(&self) -> &str;
    /// Whether the visitor sees it for whom it is looked at (rules V1 to V4).
    fn visibility(&self, visitor: &Visitor) -> Visibility;
    /// When status or *chat possible* will next change by the clock alone.
    fn next_change_at(&self) -> Option<Instant>;
    /// Whether it is known which rule decided.
    fn says_why(&self) -> bool {
        true
    }
}

impl WidgetView for (&World, WidgetId) {
    fn answer(&self) -> Answer {
        self.0.answer(self.1)
    }

    fn form(&self) -> Form {
        self.0.form(self.1)
    }

    fn greeting(&self) -> &str {
        self.0.greeting(self.1)
    }

    fn visibility(&self, visitor: &Visitor) -> Visibility {
        self.0.visibility(self.1, visitor)
    }

    fn next_change_at(&self) -> Option<Instant> {
        self.0.next_change(self.1).map(|next| next.at)
    }
}

/// A widget as an observer has seen it, over what the engine says: what was not told is as by the rules.
pub struct ObservedWidget<'a> {
    /// What the observer has seen of the widget.
    pub seen: &'a SeenWidget,
    /// The widget by the rules: the engine's world, and the widget in it.
    pub rules: (&'a World, WidgetId),
}

impl WidgetView for ObservedWidget<'_> {
    fn answer(&self) -> Answer {
        let rules = self.rules.answer();
        let status = match self.seen.statuses.as_deref() {
            Ok(statuses) if !statuses.contains(&rules.status) => {
                statuses.first().copied().unwrap_or(rules.status)
            }
            _ => rules.status,
        };
        Answer { status, chat: *self.seen.chat.as_ref().unwrap_or(&rules.chat), ..rules }
    }

    fn form(&self) -> Form {
        *self.seen.form.as_ref().unwrap_or(&self.rules.form())
    }

    fn greeting(&self) -> &str {
        self.seen.greeting.as_deref().unwrap_or(self.rules.greeting())
    }

    fn visibility(&self, visitor: &Visitor) -> Visibility {
        let rules = self.rules.visibility(visitor);
        match (self.seen.shown.as_ref(), self.seen.hidden_because.as_ref(), rules) {
            (Err(_), ..) => rules,
            (Ok(true), ..) => Visibility::Shown,
            (Ok(false), Ok(because), _) => Visibility::Hidden(*because),
            (Ok(false), Err(_), Visibility::Hidden(because)) => Visibility::Hidden(because),
            // Nobody says what hides it: that it is hidden is what counts.
            (Ok(false), Err(_), Visibility::Shown) => Visibility::Hidden(HiddenBecause::Page),
        }
    }

    fn next_change_at(&self) -> Option<Instant> {
        self.rules.next_change_at()
    }

    fn says_why(&self) -> bool {
        false
    }
}
