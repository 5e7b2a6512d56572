//! What a widget shows: what its scheduler says, its status, and what stands in it (rules S1, S2, W1 to W6
//! and C1 to C3).

use super::Oracle;
use super::calendar::is_open_by;
use crate::model::knobs::{HoursAre, OpenAndNobody};
use crate::model::{
    Answer, Chat, Form, Presence, Reason, SchedulerState, Settings, WidgetId, WidgetStatus,
};

impl Oracle {
    /// Everything that is set on a widget.
    pub fn settings(&self, widget: WidgetId) -> &Settings {
        &self.widgets[&widget].1
    }

    /// Rules S1, S2: off, or what the wall clock of the scheduler's own zone says.
    pub fn scheduler_state(&self, widget: WidgetId) -> SchedulerState {
        match &self.widgets[&widget].1.scheduler {
            None => SchedulerState::Off,
            Some(scheduler) => {
                let local = self.now.to_local(self.offset_s(&scheduler.zone, self.now));
                match is_open_by(&self.rules, &scheduler.hours, local) {
                    true => SchedulerState::Open,
                    false => SchedulerState::Closed,
                }
            }
        }
    }

    /// Rules W1 to W6, and the knobs `hours` and `open_and_nobody`.
    pub fn answer(&self, widget: WidgetId) -> Answer {
        self.answer_when(widget, self.scheduler_state(widget))
    }

    /// The same, where somebody has looked already what the widget's hours are now.
    pub fn answer_when(&self, widget: WidgetId, state: SchedulerState) -> Answer {
        let (property, settings) = &self.widgets[&widget];
        let scheduler = match self.rules.hours {
            HoursAre::None => SchedulerState::Off,
            _ => state,
        };
        let presence = self.presence(*property);
        let open_whoever_is_there =
            self.rules.hours == HoursAre::Replace && scheduler == SchedulerState::Open;
        let closed_whoever_is_there =
            self.rules.hours != HoursAre::OrPresent || presence == Presence::Nobody;
        let (rule, status, chat, reason) = if open_whoever_is_there {
            (6, WidgetStatus::Online, Chat::Possible, Reason::SchedulerOpen)
        } else if scheduler == SchedulerState::Closed && closed_whoever_is_there {
            (1, WidgetStatus::Offline, Chat::No, Reason::SchedulerClosed)
        } else if presence == Presence::Online {
            (2, WidgetStatus::Online, Chat::Possible, Reason::AgentOnline)
        } else if presence == Presence::Away {
            (3, WidgetStatus::Away, Chat::Possible, Reason::AgentAway)
        } else if scheduler == SchedulerState::Off {
            (4, WidgetStatus::Offline, Chat::No, Reason::NobodyPresent)
        } else if settings.offline_when_all_agents_offline {
            (5, WidgetStatus::Offline, Chat::No, Reason::NobodyPresent)
        } else if self.rules.open_and_nobody == OpenAndNobody::Offline {
            (6, WidgetStatus::Offline, Chat::No, Reason::NobodyPresent)
        } else if self.rules.open_and_nobody == OpenAndNobody::OnlineChat {
            (6, WidgetStatus::Online, Chat::Possible, Reason::SchedulerOpen)
        } else {
            (6, WidgetStatus::Online, Chat::No, Reason::SchedulerOpen)
        };
        Answer { status, chat, reason, rule }
    }

    /// Rule C1: the greeting of the status.
    pub fn greeting(&self, widget: WidgetId) -> &str {
        self.look_of(widget, self.answer(widget).status).1
    }

    /// Rules C2, C3: the form of the status.
    pub fn form(&self, widget: WidgetId) -> Form {
        self.look_of(widget, self.answer(widget).status).0
    }

    /// The form and the greeting that a widget has by its status (rules C1 to C3).
    pub fn look_of(&self, widget: WidgetId, status: WidgetStatus) -> (Form, &str) {
        let settings = self.settings(widget);
        let form = match (status, settings.pre_chat_form) {
            (WidgetStatus::Offline, _) => Form::Offline,
            (_, true) => Form::PreChat,
            (_, false) => Form::None,
        };
        (form, settings.greeting(status))
    }
}
