//! What must be in every answer whatever the presence is: the greeting that goes with the status (rule
//! C1), the form (rules C2, C3), and what hides it (rules V1 to V4). What a target does not tell, or
//! cannot be set, is not compared.

use std::fmt::Write;

use crate::context::RunContext;
use crate::observation::{Delivery, SeenStates, WidgetSeen};
use crate::plan::{VisitorKind, WidgetIndex};
use lamplighter_core::model::{
    Chat, Form, HiddenBecause, Settings, Visibility, Visitor, WidgetStatus,
};
use lamplighter_core::rules::{VisibilityRules, form};
use lamplighter_target::driver::Driver;
use lamplighter_target::file::possible::PossibleStatuses;
use lamplighter_target::file::widget::{ObservedWidget, WidgetColumn};

/// What of a target's answers can be compared with what is set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Comparable {
    /// The greeting, by its status.
    greeting: [bool; 3],
    /// The form, by its status.
    form: [bool; 3],
    /// Whether the visitor sees it, and why not.
    visibility: bool,
}

impl Comparable {
    /// What rows of the target's table tell, and what its steps can set.
    fn of(driver: &Driver) -> Self {
        let (can, file) = (driver.abilities(), driver.file());
        // An adapter tells with each answer what it can tell.
        let is_adapter = file.about.adapter.is_some();
        let tells =
            |column| is_adapter || file.widget.as_ref().is_some_and(|table| table.tells(column));
        let sets = |name: &str| can.settings.iter().any(|setting| setting == name);
        let (mut greeting, mut form) = ([false; 3], [false; 3]);
        for (word, status) in WidgetStatus::WORDS {
            let place = *status as usize;
            greeting[place] = tells(WidgetColumn::Greeting)
                && (sets("greetings") || sets(&format!("greeting_{word}")));
            // Who is offline has the form for messages, whatever is set (rule C2).
            form[place] = tells(WidgetColumn::Form)
                && (*status == WidgetStatus::Offline || sets("pre_chat_form"));
        }
        Self { greeting, form, visibility: tells(WidgetColumn::Visibility) && can.visibility }
    }
}

/// What one kind of visitor must be shown of one widget.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// The widget that is shown.
    pub widget: WidgetIndex,
    /// The kind of visitor.
    pub visitor: VisitorKind,
    comparable: Comparable,
    /// What hides the widget, by its status.
    hidden: [Option<HiddenBecause>; 3],
}

impl Expected {
    /// Of a widget with these settings.
    pub fn new(
        (widget, visitor): (WidgetIndex, VisitorKind),
        driver: &Driver,
        settings: &Settings,
        looks: &Visitor,
    ) -> Self {
        let mut comparable = Comparable::of(driver);
        comparable.visibility &= driver.abilities().unset_visibility(settings).is_none();
        let rules = VisibilityRules::new(settings);
        let mut hidden = [None; 3];
        for (_, status) in WidgetStatus::WORDS {
            hidden[*status as usize] = match rules.visibility(looks, *status) {
                Visibility::Shown => None,
                Visibility::Hidden(because) => Some(because),
            };
        }
        Self { widget, visitor, comparable, hidden }
    }

    /// What an answer says, as the judge needs it: what depends on presence and hours, and what is wrong
    /// with the rest. Of several statuses that it may be those count with which the rest agrees.
    pub fn seen(&self, run: &RunContext, delivery: Delivery, said: &ObservedWidget) -> WidgetSeen {
        let settings = &run.plan.widgets[self.widget as usize].settings;
        // What is hidden need not say what it would show.
        let any = || WidgetStatus::WORDS.iter().map(|(_, status)| *status);
        let can_be = said.status.or_else(|| PossibleStatuses::of(any()));
        let can_be = can_be.unwrap_or(PossibleStatuses::just(WidgetStatus::Offline));
        let agreeing =
            PossibleStatuses::of(can_be.iter().filter(|one| self.agrees(settings, *one, said)));
        let mismatch = match agreeing {
            Some(_) => None,
            None => can_be.iter().next().map(|one| self.mismatch(settings, one, said).into()),
        };
        let chat = said.chat.map(|chat| if chat { Chat::Possible } else { Chat::No });
        WidgetSeen {
            widget: self.widget,
            visitor: self.visitor,
            delivery,
            shown: SeenStates { status: agreeing.unwrap_or(can_be), chat },
            mismatch,
        }
    }

    fn agrees(&self, settings: &Settings, status: WidgetStatus, said: &ObservedWidget) -> bool {
        self.wrong_greeting(settings, status, said).is_none()
            && self.wrong_form(settings, status, said).is_none()
            && self.is_visible_as_set(status, said)
    }

    fn wrong_greeting<'s>(
        &self,
        settings: &'s Settings,
        status: WidgetStatus,
        said: &'s ObservedWidget,
    ) -> Option<(&'s str, &'s str)> {
        let said =
            said.greeting.as_deref().filter(|_| self.comparable.greeting[status as usize])?;
        let set = settings.greeting(status);
        (said != set).then_some((said, set))
    }

    fn wrong_form(
        &self,
        settings: &Settings,
        status: WidgetStatus,
        said: &ObservedWidget,
    ) -> Option<(Form, Form)> {
        let said = said.form.filter(|_| self.comparable.form[status as usize])?;
        let set = form(status, settings.pre_chat_form);
        (said != set).then_some((said, set))
    }

    fn is_visible_as_set(&self, status: WidgetStatus, said: &ObservedWidget) -> bool {
        let hidden = self.hidden[status as usize];
        match (said.hidden_because, said.shown) {
            _ if !self.comparable.visibility => true,
            (Some(because), _) => Some(because) == hidden,
            (None, Some(shown)) => shown == hidden.is_none(),
            (None, None) => true,
        }
    }

    /// What is wrong with an answer of this status whatever the presence is.
    fn mismatch(&self, settings: &Settings, status: WidgetStatus, said: &ObservedWidget) -> String {
        let mut wrong = Vec::new();
        if let Some((said, set)) = self.wrong_greeting(settings, status, said) {
            let mut what = format!("its greeting is {said:?}, ");
            // Writing into a string cannot fail.
            let _ = write!(what, "but for `{status}` {set:?} is set (rule C1)");
            wrong.push(what);
        }
        if let Some((said, set)) = self.wrong_form(settings, status, said) {
            let rule = if status == WidgetStatus::Offline { "C2" } else { "C3" };
            let what =
                format!("its form is `{said}`, but `{set}` goes with `{status}` (rule {rule})");
            wrong.push(what);
        }
        if !self.is_visible_as_set(status, said) {
            let is_hidden = said.shown == Some(false);
            wrong.push(format!(
                "it is {}, but must be {} for this visitor",
                visibility(is_hidden, said.hidden_because),
                visibility(self.hidden[status as usize].is_some(), self.hidden[status as usize])
            ));
        }
        wrong.join("; ")
    }
}

fn visibility(is_hidden: bool, because: Option<HiddenBecause>) -> String {
    match because {
        None if is_hidden => "hidden".to_owned(),
        None => "shown".to_owned(),
        Some(because) => format!("hidden because of `{because}` (rule {})", because.rule()),
    }
}
